#!/usr/bin/python3
"""The report as a whole: its files, that the page stands alone, and that nothing missing breaks it.

    page_test.py --write-golden     writes made_up_report.md anew, to be read before it is committed

Exits with 77, which ctest counts as skipped, where the packages that draw and render are missing.
"""

import contextlib
import html.parser
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

import made_up

try:
    import jinja2
    import matplotlib
except ImportError as error:
    print(f"skipped: Debian's python3-{error.name} is not installed: "
          "deploy/install-packages compare")
    sys.exit(77)

import compare_report
import page
import palette
import svg
from run_data import run_of

GOLDEN = made_up.HERE / "made_up_report.md"
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Outline(html.parser.HTMLParser):
    """Tags that are not closed in order, ids, links, and whatever a browser would fetch."""

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.ids, self.links, self.fetched = [], [], [], [], []
        self.tags = set()
        self.feed(text)
        self.close()
        self.wrong += self.open

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)
        for key, value in attributes:
            if key == "id":
                self.ids.append(value)
            elif key in ("href", "xlink:href") and tag in ("a", "use"):
                self.links.append(value)
            elif key in ("src", "srcset", "href", "xlink:href", "data", "action"):
                self.fetched.append((tag, key, value))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


def rendered(document, template="index.html"):
    return both(document)[template]


def both(document):
    report = page.Report(run_of(document))
    return {name: page.rendered(report, name, "run.json")
            for name in ("index.html", "report.md", "summary.md")}


class HtmlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = rendered(made_up.document())
        cls.outline = Outline(cls.text)

    def test_tags_are_closed_in_order(self):
        self.assertEqual(self.outline.wrong, [])

    def test_no_id_is_there_twice_and_no_link_leads_nowhere(self):
        ids = self.outline.ids
        self.assertEqual(sorted(ids), sorted(set(ids)))
        targets = {link[1:] for link in self.outline.links if link.startswith("#")}
        targets |= set(re.findall(r"url\(#([^)]+)\)", self.text))
        self.assertEqual(targets - set(ids), set())

    def test_yardsticks_are_marked_where_strategies_are_listed(self):
        listed = self.text.split('<div id="strategies">')[1].split("</table>")[0]
        self.assertEqual(listed.count("(yardstick)"), 2)
        beside = self.text.split('<h3 id="yardsticks">')[1].split("</ul>")[0]
        self.assertIn("“broadcast of changed fields” from 4 nodes on", beside)

    def test_it_fetches_nothing_and_runs_nothing(self):
        self.assertEqual(self.outline.fetched, [])
        self.assertEqual({link for link in self.outline.links if not link.startswith("#")},
                         {"run.json"})
        self.assertFalse(self.outline.tags & {"script", "link", "iframe", "img", "object"})
        self.assertIsNone(re.search(r"@import|url\((?!#)", self.text))

    def test_titles_are_text_not_tags(self):
        self.assertTrue("Terracotta &lt;server&gt;" in self.text)
        self.assertFalse("<server>" in self.text)

    def test_every_part_is_there(self):
        for part in ("choose", "costs", "risks", "sweeps", "how", "limits", "cells"):
            self.assertTrue(f'<h2 id="{part}">' in self.text, part)
        self.assertEqual(self.text.count("<svg "), 14)

    def test_every_command_is_there(self):
        for item in (made_up.DOCUMENT["cells"] + made_up.DOCUMENT["risks"]
                     + made_up.DOCUMENT["idle"]):
            self.assertTrue(item["command"] in self.text, item["command"])
        figures = re.findall(r"<figcaption>.*?</figcaption>", self.text, re.S)
        self.assertTrue(figures)
        for caption in figures:
            self.assertIn(f"Made by <code>{made_up.DOCUMENT['command']}</code>", caption)

    def test_the_same_run_gives_the_same_page(self):
        self.assertTrue(rendered(made_up.document()) == self.text)


class MarkdownTest(unittest.TestCase):
    maxDiff = None

    def test_golden(self):
        self.assertEqual(rendered(made_up.document(), "report.md").splitlines(),
                         GOLDEN.read_text(encoding="utf-8").splitlines(),
                         "look at the difference; if it is right, page_test.py --write-golden")

    def test_rows_have_as_many_cells_as_their_heads(self):
        texts = both(made_up.document())
        for name in ("report.md", "summary.md"):
            tables = re.findall(r"(?:^\|.*\n)+", texts[name], re.M)
            self.assertTrue(tables)
            for table in tables:
                widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
                self.assertEqual(len(widths), 1, table[:300])

    def test_choices_for_large_sessions_and_for_who_runs_a_server_are_there(self):
        for text in both(made_up.document()).values():
            if "Which to choose" in text:
                for title in ("What to choose, sticky routing, 4 nodes, sessions of 64 KiB",
                              "What to choose if you run a server already, 4 nodes"):
                    self.assertTrue(title in text, title)

    def test_summary(self):
        text = rendered(made_up.document(), "summary.md")
        self.assertIn("\n| **sessionhub, invalidate** |", text)
        self.assertIn("| 0 of 100, at first 14 |", text)
        self.assertIn("of 100 sessions of each in 4 kills; “at first”: an answer", text)
        self.assertIn("\n\nLeft out, wholly or in part: PostgreSQL \\| row (not installed", text)
        self.assertNotIn("<server>", text)


class ReadmeTest(unittest.TestCase):
    def test_it_shows_the_short_table_of_the_run_whose_picture_it_shows(self):
        text = (made_up.ROOT / "README.md").read_text(encoding="utf-8")
        folder = re.search(r"\]\((bench/results/[\w-]+)/bytes_by_nodes_round_robin\.svg\)", text)[1]
        summary = (made_up.ROOT / folder / "summary.md").read_text(encoding="utf-8")
        self.assertIn(f"\n\n{summary.strip()}\n\n![", text)


class PicturesTest(unittest.TestCase):
    def setUp(self):
        self.pictures = page.Report(run_of(made_up.document())).pictures

    def test_what_there_is(self):
        self.assertEqual(sorted(self.pictures), sorted(
            f"{name}_{routing}" for routing in ("sticky", "round_robin") for name in (
                "bytes_by_nodes", "bytes_by_session_bytes", "saved_by_nodes",
                "saved_by_session_bytes", "cpu", "latency", "read_bytes")))

    def test_each_is_xml_with_letters_and_takes_the_colour_of_the_page(self):
        for picture in self.pictures.values():
            with self.subTest(picture.name):
                root = xml.etree.ElementTree.fromstring(svg.standalone(picture.svg))
                self.assertTrue(root.tag.endswith("svg"))
                self.assertRegex("".join(root.itertext()), "sessionhub")
                self.assertFalse(re.search(rf"{svg.INK}|<metadata|<image|<script", picture.svg))

    def test_no_two_names_beside_lines_are_upon_each_other(self):
        text = self.pictures["bytes_by_nodes_round_robin"].svg
        titles = [palette.marked(one["name"], one["title"])
                  for one in made_up.DOCUMENT["strategies"]]
        places = re.findall(r'<text [^>]*x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)</text>', text)
        beside = sorted(float(y) for _, y, words in places if words in titles)
        self.assertGreaterEqual(len(beside), 4)
        for upper, lower in zip(beside, beside[1:]):
            self.assertGreater(lower - upper, 8)


class TitlesTest(unittest.TestCase):
    """Titles of pictures name both ends, and what kind of bytes they are."""

    def titles(self, network):
        cells = [made_up.change(name, nodes=nodes, session_bytes=size, bytes_per_change=figure)
                 for name, nodes, size, figure in (
                     ("sessionhub_push", 2, 4096, 500), ("redis_fields", 2, 4096, 200),
                     ("tomcat_backup", 2, 4096, 900), ("sessionhub_push", 4, 4096, 510),
                     ("redis_fields", 4, 4096, 2000), ("tomcat_backup", 4, 4096, 1000),
                     ("redis_fields", 16, 4096, 3000),
                     ("sessionhub_push", 4, 1024, 490), ("redis_fields", 4, 1024, 190),
                     ("sessionhub_push", 4, 65536, 520), ("redis_fields", 4, 65536, 70000))]
        cells += [made_up.change(name, bytes_per_change=figure, read_percent=100)
                  for name, figure in (("sessionhub_push", 40), ("redis_fields", 4000))]
        report = page.Report(run_of({"network": network, "cells": cells}))
        return {one.name: one.title for one in report.pictures.values()}, [
            table.title for table in report.main_tables("sticky")] + [
            table.title for table in report.sweep_tables()[0]]

    def test_both_ends(self):
        titles, _ = self.titles("namespaces")
        begin = "Sticky, bytes of a change with sessionhub and with its leanest peer: "
        self.assertEqual(titles["bytes_by_nodes_sticky"], begin + "2 nodes: 500 and 200 "
                         "(“redis_fields”); 4 nodes: 510 and 1,000 (“tomcat_backup”)")
        self.assertEqual(titles["bytes_by_session_bytes_sticky"], begin + "sessions of 1 KiB: 490 "
                         "and 190 (“redis_fields”); sessions of 64 KiB: 520 and 70,000 "
                         "(“redis_fields”)")

    def test_payload_bytes(self):
        for network, are_payload in (("socket payloads", True), ("namespaces", False)):
            titles, tables = self.titles(network)
            for name, title in titles.items():
                if name.startswith(("bytes_by", "saved_by", "read_bytes")):
                    self.assertEqual("payload bytes" in title, are_payload, title)
            self.assertEqual("Payload bytes per change, sticky" in tables[0], are_payload)
            self.assertEqual(len([title for title in tables if title.startswith(
                "Payload bytes per change by size of a session")]), are_payload)


class NoiseTest(unittest.TestCase):
    def test_it_is_said_where_equal_is_explained_and_among_the_limits(self):
        def text(invalidate):
            cells = [made_up.change("sessionhub_push", bytes_per_change=500),
                     made_up.change("sessionhub_invalidate", bytes_per_change=invalidate)]
            return rendered({"cells": cells}, "report.md")
        said = "counts as equal. So does what differs by no more than this run's noise"
        self.assertIn(said, text(600))
        self.assertIn("by up to 20 % in bytes per change. Multiples", text(600))
        self.assertIn("less than the noise that is named above may be chance", text(600))
        self.assertIn("counts as equal. Multiples", text(510))
        self.assertIn("less than a tenth may be chance", text(510))

    def test_a_cluster_too_large_for_the_machine_is_told_beside_its_picture(self):
        cells = [made_up.change(name, nodes=nodes, bytes_per_change=500, frames_per_change=8)
                 for name in "abcdefg" for nodes in (2, 4)]
        cells += [made_up.change("a", nodes=16, bytes_per_change=400, frames_per_change=5)]
        pictures = page.Report(run_of({"cells": cells})).pictures
        self.assertIn("With 16 nodes there are fewer frames a change than with 4 with “a”",
                      "\n".join(pictures["bytes_by_nodes_sticky"].notes))


class KillsTest(unittest.TestCase):
    """What is said of kills is no more than so few of them can tell."""

    def test_it_says_how_a_node_is_killed_and_that_sessions_share_its_fate(self):
        texts = both(made_up.document())
        for name in ("index.html", "report.md"):
            text = " ".join(texts[name].split())
            self.assertIn("while its users go on changing their sessions", text)
            self.assertIn("is not counted as a loss if the change is there a moment later", text)
            self.assertIn("the sessions of one kill share its fate. A loss that is rarer than "
                          "what was seen here may not show.", text)
            self.assertNotIn("confidence", text)
            self.assertIn("Tried with 2 nodes.", text)
        document = made_up.document()
        for risk in document["risks"]:
            risk["killed"] = None
        self.assertNotIn("share its fate", rendered(document, "report.md"))


class MissingTest(unittest.TestCase):
    """Whatever is left out of the file, there is a report."""

    def check(self, document, *expected):
        texts = both(document)
        for name in ("index.html", "report.md"):
            for words in expected:
                self.assertTrue(words in texts[name], words)
        self.assertEqual("| strategy |" in texts["summary.md"],
                         "No change was measured in this run" not in texts["report.md"])
        self.assertEqual(Outline(texts["index.html"]).wrong, [])

    def test_any_list_of_the_file_and_all_that_is_no_list(self):
        lists = [key for key, value in made_up.DOCUMENT.items() if isinstance(value, list)]
        for absent in [{key} for key in lists] + [made_up.DOCUMENT.keys() - set(lists)]:
            with self.subTest(absent):
                self.check({key: value for key, value in made_up.DOCUMENT.items()
                            if key not in absent})

    def test_all_but_one_key_of_it(self):
        self.check({"cells": []}, "No change was measured in this run")
        self.check({"risks": made_up.DOCUMENT["risks"]}, "No change was measured in this run")
        self.check({"strategies": made_up.DOCUMENT["strategies"]}, "No risk was tried")
        self.check({"cells": made_up.DOCUMENT["cells"]}, "No risk was tried")

    def test_any_figure_of_all_cells(self):
        for absent in (("bytes_per_change",), ("frames_per_change", "latency_p99_us", "errors"),
                       ("latency_p50_us", "cpu_server_us", "server_memory_bytes"),
                       ("cpu_nodes_us", "node_memory_bytes", "command", "requests"),
                       ("fields", "connections"), ("fields_changed", "what")):
            with self.subTest(absent):
                document = made_up.document()
                for cell in document["cells"]:
                    for key in absent:
                        cell.pop(key, None)
                self.check(document)

    def test_any_strategy(self):
        for begin in ("sessionhub", "sticky", "redis", "broadcast"):
            with self.subTest(begin):
                document = made_up.document()
                for key in ("cells", "risks"):
                    document[key] = [one for one in document[key]
                                     if not one["strategy"].startswith(begin)]
                self.check(document)

    def test_any_single_cell_alone(self):
        for cell in made_up.DOCUMENT["cells"][::9]:
            self.check({"cells": [cell]})

    def test_nothing_is_sent_or_less_than_nothing(self):
        for figure in (0, -12.5):
            document = made_up.document()
            for cell in document["cells"]:
                cell |= dict.fromkeys(("bytes_per_change", "latency_p50_us", "cpu_nodes_us",
                                       "cpu_server_us", "frames_per_change"), figure)
            self.check(document)

    def test_payloads_only_is_said(self):
        self.check(made_up.document(network="socket payloads"), "only the payloads of sockets",
                   "Bytes are payloads of sockets")


class ProgramTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_it(self, *arguments):
        return subprocess.run([sys.executable, made_up.REPORT / "compare_report.py", *arguments],
                              capture_output=True, text=True, check=False)

    def test_it_writes_all_files(self):
        out = self.folder / "new/report"
        done = self.run_it(made_up.RUN_JSON, "--out", out)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual((out / "run.json").read_bytes(), made_up.RUN_JSON.read_bytes())
        names = {path.name for path in out.iterdir()}
        markdown = (out / "report.md").read_text(encoding="utf-8")
        shown = set(re.findall(r"\]\(([\w.]+\.svg)\)", markdown))
        self.assertEqual(names, shown | {"index.html", "report.md", "run.json", "summary.md"})

    def test_a_file_that_is_wrong_leaves_nothing_behind(self):
        wrong = self.folder / "wrong.json"
        wrong.write_text(json.dumps({"cells": [{"strategy": "a"}]}), encoding="utf-8")
        done = self.run_it(wrong, "--out", self.folder / "out")
        self.assertEqual(done.returncode, 1)
        self.assertIn("wrong.json: cells[0].nodes: is missing", done.stderr.replace("\n", " "))
        self.assertFalse((self.folder / "out").exists())

    def test_a_folder_that_cannot_be_written_is_named(self):
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            code = compare_report.main([str(made_up.RUN_JSON), "--out", str(made_up.RUN_JSON)])
        self.assertEqual(code, 1)
        self.assertIn(f"cannot write {made_up.RUN_JSON}: ", errors.getvalue())

    def test_wrong_usage(self):
        self.assertEqual(self.run_it().returncode, 2)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write-golden"]:
        GOLDEN.write_text(rendered(made_up.document(), "report.md"), encoding="utf-8")
    else:
        unittest.main()
