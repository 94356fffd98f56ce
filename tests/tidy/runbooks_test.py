#!/usr/bin/env python3
"""docs/runbooks.md has each script of deploy/runbooks, word for word, with what rings for it; each
has a test. SESSIONHUB_GOLDEN_UPDATE=1 writes the scripts into the page anew."""

import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/runbooks.md"
FOLDER = ROOT / "deploy/runbooks"
SHARED = "steps.sh"
BLOCK = re.compile(r"<!-- deploy/runbooks/([a-z-]+\.sh) -->\n(.*?)<!-- the end of \1 -->\n",
                   re.DOTALL)


def block_of(name):
    return f"\n```sh\n{(FOLDER / name).read_text(encoding='utf-8')}```\n\n"


def marked_block(found):
    name = found[1]
    return f"<!-- deploy/runbooks/{name} -->\n{block_of(name)}<!-- the end of {name} -->\n"


class RunbooksTest(unittest.TestCase):

    def setUp(self):
        self.page = PAGE.read_text(encoding="utf-8")
        self.scripts = sorted(path.name for path in FOLDER.iterdir())

    def test_each_script_stands_in_the_page(self):
        if os.environ.get("SESSIONHUB_GOLDEN_UPDATE") == "1":
            self.page = BLOCK.sub(marked_block, self.page)
            PAGE.write_text(self.page, encoding="utf-8")
        blocks = dict(BLOCK.findall(self.page))
        self.assertEqual(sorted(blocks), self.scripts)
        for name, text in blocks.items():
            self.assertEqual(text, block_of(name),
                             f"SESSIONHUB_GOLDEN_UPDATE=1 writes {name} into docs/runbooks.md")

    def test_each_runbook_has_its_section_with_what_rings_and_what_is_printed(self):
        sections = dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", self.page, re.M | re.DOTALL))
        for name in self.scripts:
            if name == SHARED:
                continue
            section = sections[name.removesuffix(".sh")]
            for word in ("**When.**", "**What to do.**", "**What it prints.**"):
                self.assertIn(word, section, name)

    def test_each_alert_that_is_named_is_one(self):
        rules = (ROOT / "deploy/prometheus/rules.yml").read_text(encoding="utf-8")
        named = set(re.findall(r"`(Sessionhub[A-Za-z]+)`", self.page))
        self.assertGreater(len(named), 3)
        self.assertLessEqual(named, set(re.findall(r"- alert: (\w+)", rules)))

    def test_each_log_line_that_is_named_is_one(self):
        sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "hub").rglob("*.cc"))
        named = set(re.findall(r"event=[a-z_]+", self.page))
        self.assertGreater(len(named), 3)
        for event in named:
            self.assertIn(event, sources)

    def test_each_runbook_is_run_by_a_test(self):
        tests = "".join(path.read_text(encoding="utf-8")
                        for path in (ROOT / "tests/runbooks").glob("*_test.py"))
        for name in self.scripts:
            if name != SHARED:
                self.assertIn(f'"{name.removesuffix(".sh")}"', tests)

    def test_each_can_be_run(self):
        for name in self.scripts:
            self.assertTrue(os.access(FOLDER / name, os.X_OK), name)


if __name__ == "__main__":
    unittest.main()
