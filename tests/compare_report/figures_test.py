#!/usr/bin/python3
"""Cells are put together as they belong, and numbers and risks are said as they are."""

import unittest

import made_up
import findings
import risk_words
import units
from labels import spread
from run_data import run_of
from sweeps import Sweeps, merged, richest
from summary import Summary
from tables import Tables


def sweeps_of(*cells, **others):
    return Sweeps(run_of({"cells": list(cells)} | others))


class UnitsTest(unittest.TestCase):
    def test_numbers(self):
        for value, text in ((None, "–"), (0, "0"), (0.0, "0"), (7, "7"), (30490, "30,490"),
                            (30490.4, "30,490"), (48.94, "48.9"), (0.1666, "0.17"),
                            (9.99, "10.0"), (99.97, "100"), (-12.34, "-12.3")):
            self.assertEqual(units.number(value), text)

    def test_sizes(self):
        self.assertEqual([units.size(value) for value in (1024, 4096, 1 << 20, 1000, None)],
                         ["1 KiB", "4 KiB", "1 MiB", "1,000 bytes", "–"])

    def test_lists(self):
        self.assertEqual([units.listed("abc"[:count]) for count in range(4)],
                         ["", "a", "a and b", "a, b and c"])


class LabelsTest(unittest.TestCase):
    def test_those_that_are_apart_stay(self):
        self.assertEqual(spread([0.9, 0.1], 0.1, 0, 1), [0.9, 0.1])

    def test_those_that_touch_part_around_their_middle(self):
        for got, wanted in zip(spread([0.5, 0.5, 0.5], 0.1, 0, 1), (0.4, 0.5, 0.6)):
            self.assertAlmostEqual(got, wanted)

    def test_none_leaves_the_bounds_and_order_is_kept(self):
        wanted = [1.0, 0.99, 0.98, 0.0, 0.01]
        placed = spread(wanted, 0.2, 0, 1)
        self.assertTrue(all(-1e-9 <= place <= 1 + 1e-9 for place in placed), placed)
        ranks = sorted(range(5), key=lambda i: wanted[i])
        for lower, upper in zip(ranks, ranks[1:]):
            self.assertGreaterEqual(placed[upper] - placed[lower], 0.2 - 1e-9)

    def test_without_room_they_are_even(self):
        self.assertEqual(spread([0.5] * 5, 1.0, 0, 1), [0, 0.25, 0.5, 0.75, 1])
        self.assertEqual(spread([], 1.0, 0, 1), [])


class SweepsTest(unittest.TestCase):
    def test_repeats_become_one_cell_of_medians(self):
        run = run_of({"cells": [made_up.change("a", bytes_per_change=figure, errors=1)
                                for figure in (10, 500, 20)]})
        cell, = merged(run.cells)
        self.assertEqual((cell.bytes_per_change, cell.errors, cell.requests), (20, 3, 3000))
        self.assertIsNone(cell.latency_p50_us)

    def test_a_sweep_is_of_cells_alike_in_all_the_rest(self):
        lone = [made_up.change(name, nodes=16) for name in "abcdefgh"]
        swept = [made_up.change("a", session_bytes=size) for size in (1024, 4096, 65536)]
        sweep = richest("session_bytes", run_of({"cells": lone + swept}).cells)
        self.assertEqual(sweep.values("sticky"), [1024, 4096, 65536])
        self.assertEqual(sweep.at["nodes"], 4)

    def test_all_fields_are_one_value_however_many_there_are(self):
        cells = [made_up.change("a", fields_changed=count, fields=fields)
                 for count, fields in ((1, 20), (3, 20), (20, 20))]
        sweep = richest("fields_changed", run_of({"cells": cells}).cells)
        self.assertEqual(sweep.values(), [1, 3, "all"])

    def test_only_reads_end_the_axis_of_reads_and_are_on_no_other(self):
        cells = [made_up.change("a", read_percent=share, fields_changed=0 if share == 100 else 1)
                 for share in (0, 50, 100)]
        sweeps = sweeps_of(*cells)
        self.assertEqual(sweeps.by["read_percent"].values(), [0, 50, 100])
        self.assertEqual(len(sweeps.by["nodes"].line("a", "sticky")), 1)

    def test_the_reference_is_the_largest_cluster_with_nearly_all_strategies(self):
        cells = [made_up.change(name, nodes=nodes) for name in "abcdefg" for nodes in (2, 8)]
        self.assertEqual(sweeps_of(*cells).nodes, 8)
        self.assertEqual(sweeps_of(*cells, made_up.change("a", nodes=16)).nodes, 8)
        most = [made_up.change(name, nodes=16) for name in "abcdef"]
        self.assertEqual(sweeps_of(*cells, *most).nodes, 16)
        self.assertIsNone(sweeps_of().nodes)

    def test_a_cluster_that_few_were_measured_in_is_no_part_of_a_finding(self):
        cells = [made_up.change(name, nodes=nodes, bytes_per_change=figure)
                 for name, figure in (("sessionhub_push", 500), ("redis_fields", 900),
                                      ("memcached", 5000)) for nodes in (2, 8)]
        cells += [made_up.change("sessionhub_push", nodes=64, bytes_per_change=500),
                  made_up.change("memcached", nodes=64, bytes_per_change=5000)]
        sweeps = sweeps_of(*cells)
        self.assertEqual(sweeps.common_nodes, [2, 8])
        contests = findings.contests(sweeps, {})
        found = [one.where for one in contests if one.measure is findings.BYTES]
        self.assertEqual(found, ["2 nodes", "8 nodes"])
        self.assertEqual(sweeps.by["nodes"].values("sticky"), [2, 8, 64])

    def test_users_at_each_node_are_an_axis(self):
        cells = [made_up.change(name, connections=users) for name in "ab" for users in (1, 8)]
        self.assertEqual(sweeps_of(*cells).by["connections"].values("sticky"), [1, 8])

    def test_reads_are_compared_where_most_of_them_are(self):
        read = {"read_percent": 100, "fields_changed": 0}
        sweeps = sweeps_of(made_up.change("a", nodes=8), made_up.change("a", nodes=2) | read,
                           made_up.change("b", nodes=4) | read, made_up.change("a", nodes=4) | read)
        self.assertEqual((sweeps.nodes, sweeps.read_nodes("sticky")), (8, 4))
        self.assertEqual(set(sweeps.reads("sticky", 4)), {"a", "b"})


class SummaryTest(unittest.TestCase):
    """The short table: bytes as they are, waits beside sessionhub's, what was lost."""

    def rows(self, *cells, **others):
        sweeps = sweeps_of(*cells, **others)
        table = self.table(sweeps)
        return table and {row.entries[0].text: [entry.text for entry in row.entries[1:]]
                          for row in table.rows}

    def table(self, sweeps):
        return Summary(sweeps, risk_words.risk_by_strategy(sweeps.run.risks)).table()

    def test_each_strategy_has_a_row_from_the_leanest_on(self):
        costs = {"latency_p50_us": 500, "cpu_nodes_us": 300}
        rows = self.rows(
            made_up.change("redis_whole", bytes_per_change=9000, latency_p50_us=250,
                           cpu_nodes_us=75),
            made_up.change("sessionhub_push", bytes_per_change=500, **costs),
            made_up.change("sessionhub_push", 4, "round_robin",
                           bytes_per_change=1100, **costs),
            strategies=[{"name": "redis_whole", "title": "Redis", "power_cut_leaves": "some"},
                        {"name": "sessionhub_push", "title": "hub", "power_cut_leaves": "all"}],
            risks=[made_up.no_loss("sessionhub_push"), made_up.no_loss(
                "redis_whole", killed=made_up.killed(lost=3, at_first=5),
                server_restart={"sessions": 10, "left": 0})])
        self.assertEqual(list(rows), ["hub", "Redis"])
        self.assertEqual(rows["hub"], [
            "500", "1,100", "1.00\xa0×", "1.00\xa0×", "0 of 100",
            "0 of 100", "10 of 10", "all"])
        self.assertEqual(rows["Redis"], [
            "9,000", "–", "0.50\xa0×", "0.25\xa0×", "3 of 100, at first 5",
            "0 of 100", "0 of 10", "some"])

    def test_a_multiple_of_nothing_is_a_dash(self):
        for hub, text in ((0, "–"), (-12, "–"), (200, "1.50\xa0×")):
            rows = self.rows(made_up.change("redis_whole", latency_p50_us=300, cpu_nodes_us=300),
                             made_up.change("sessionhub_push", latency_p50_us=hub,
                                            cpu_nodes_us=hub))
            self.assertEqual(rows["redis_whole"][1:3], [text, text])

    def test_failed_requests_are_marked_as_in_the_tables(self):
        costs = {"bytes_per_change": 500, "latency_p50_us": 200, "cpu_nodes_us": 200}
        sweeps = sweeps_of(made_up.change("sessionhub_push", **costs),
                           made_up.change("few", errors=10, **costs),
                           made_up.change("many", errors=11, **costs))
        table = self.table(sweeps)
        rows = {row.entries[0].text: [entry.text for entry in row.entries] for row in table.rows}
        self.assertEqual(rows["sessionhub_push"][1:4], ["500", "1.00\xa0×", "1.00\xa0×"])
        self.assertEqual(rows["few"][1:4], ["500 *", "1.00\xa0× *", "1.00\xa0× *"])
        self.assertEqual(rows["many"][1:4], ["500 †", "1.00\xa0× †", "1.00\xa0× †"])
        self.assertEqual(table.notes, [
            "* few: 10 of 1,000 requests failed",
            "† takes no part in the findings: many: 11 of 1,000 requests failed",
            "Waits and processor time are multiples of sessionhub's least with sticky routing, 200 "
            "µs and 200 µs"])

    def test_it_says_of_what_the_multiples_are(self):
        def told(*cells):
            return self.table(sweeps_of(*cells)).notes
        costs = {"bytes_per_change": 500, "cpu_nodes_us": 200}
        both = [made_up.change("sessionhub_push", routing=way, latency_p50_us=wait, **costs)
                for way, wait in (("sticky", 300), ("round_robin", 400))]
        usual = ("Waits and processor time are multiples of sessionhub's least with round-robin "
                 "routing, 400 µs and 200 µs")
        self.assertEqual(told(*both), [usual])
        self.assertEqual(told(*both, made_up.change("memcached_sticky", **costs)), [
            f"{usual}; those of “memcached_sticky”, measured with sticky routing only, of its "
            "least there, 300 µs and 200 µs"])
        self.assertTrue(told(*both, made_up.change("sticky_only", **costs))[0].endswith(
            "; the wait of “sticky_only” has a hop through its balancer, which others' have not, "
            "and its processor time is without the balancer's"))
        self.assertEqual(told(made_up.change("memcached_sticky", **costs)), [])

    def test_who_was_skipped_is_named_with_the_reason(self):
        sweeps = sweeps_of(made_up.change("a"), skipped=[
            {"strategy": "b", "why": "no kit\n"}, {"strategy": "c", "why": "no kit\n"},
            {"strategy": "a", "why": "16 nodes: no time"}, {"strategy": "d", "why": ""}],
            strategies=[{"name": "b", "title": "B"}])
        self.assertEqual(self.table(sweeps).notes, [
            "Left out, wholly or in part: B; c (no kit); a (16 nodes: no time); "
            "d (no reason given)"])

    def test_what_is_not_known_is_a_dash(self):
        rows = self.rows(made_up.change("redis_whole", bytes_per_change=9000))
        self.assertEqual(rows, {"redis_whole": ["9,000"] + ["–"] * 6})
        self.assertIsNone(self.rows())


class RiskTest(unittest.TestCase):
    def risk(self, **trials):
        run = run_of({"risks": [made_up.no_loss("a", **trials)]})
        return risk_words.risk_by_strategy(run.risks)["a"]

    def test_nothing_lost(self):
        risk = self.risk()
        self.assertTrue(risk_words.loses_nothing(risk, "round_robin"))
        self.assertTrue(risk_words.survives_restarts(risk))
        self.assertEqual(risk_words.cell_text(risk, "killed"), "none of 100 (4 kills)")
        self.assertEqual(risk_words.sentence(risk), "Nothing went wrong in what was tried.")

    def test_a_first_answer_that_lacks_a_change_is_said_and_graded_but_is_no_loss(self):
        for at_first, grade in ((0, "good"), (14, "some"), (100, "bad")):
            risk = self.risk(killed=made_up.killed(at_first=at_first))
            self.assertEqual(risk_words.grade(risk, "first_answer"), grade)
            self.assertTrue(risk_words.loses_nothing(risk, "round_robin"))
            self.assertEqual(risk_words.never_shows_less(risk), at_first == 0)
        risk = self.risk(killed=made_up.killed(at_first=14))
        self.assertEqual(risk_words.sentence(risk), "First answer of another node without the "
                         "last acked change: 14 of 100 in 4 kills.")

    def test_first_answers_that_are_not_told_are_not_taken_for_right(self):
        risk = self.risk(killed={"trials": 100, "lost": 0})
        self.assertIsNone(risk_words.never_shows_less(risk))
        self.assertEqual(risk_words.cell_text(risk, "first_answer"), "–")
        self.assertEqual(risk_words.why_untried(risk, "first_answer"),
                         "the file does not tell of first answers")
        self.assertIn("Not told: first answers after a node's death.", risk_words.sentence(risk))
        untried = self.risk(killed=None, failed=[{"trial": "killed", "why": "no kill"}])
        self.assertEqual(risk_words.why_untried(untried, "first_answer"), "no kill")
        self.assertNotIn("Not told", risk_words.sentence(untried))

    def test_concurrent_changes_matter_only_where_nodes_take_turns(self):
        risk = self.risk(concurrent={"trials": 40, "lost": 38})
        self.assertFalse(risk_words.loses_nothing(risk, "round_robin"))
        self.assertTrue(risk_words.loses_nothing(risk, "sticky"))

    def test_a_session_that_is_gone_is_a_loss(self):
        risk = self.risk(killed={"trials": 100, "lost": 0, "no_session": 5})
        self.assertFalse(risk_words.loses_nothing(risk, "sticky"))
        self.assertEqual(risk_words.cell_text(risk, "killed"), "none of 100; session gone: 5")

    def test_what_was_not_tried_proves_nothing(self):
        for untried in ({"killed": None}, {"killed": {"trials": 0, "lost": 0, "no_session": 0}},
                        {"burst": None}):
            risk = self.risk(**untried)
            self.assertIsNone(risk_words.loses_nothing(risk, "sticky"))
            self.assertIn("Not tried: a", risk_words.sentence(risk))

    def test_copies_that_are_missing_are_a_loss(self):
        risk = self.risk(burst={"copies": 100, "stale": 0, "empty": 0, "missing": 7,
                                "no_answer": 1})
        self.assertFalse(risk_words.loses_nothing(risk, "sticky"))
        self.assertEqual(risk_words.cell_text(risk, "empty"), "none of 100; not there: 8")

    def test_no_copies_cannot_be_stale(self):
        risk = self.risk(burst={"copies": 0, "stale": 0, "empty": 0})
        self.assertTrue(risk_words.loses_nothing(risk, "round_robin"))
        self.assertEqual(risk_words.cell_text(risk, "stale"), "no copies")

    def test_restarts(self):
        self.assertTrue(risk_words.survives_restarts(self.risk(server_restart=None)))
        half = self.risk(nodes_restart={"sessions": 10, "left": 5})
        self.assertFalse(risk_words.survives_restarts(half))
        self.assertIn("Sessions left after all nodes restarted: 5 of 10.",
                      risk_words.sentence(half))

    def test_trials_with_several_clusters_are_added(self):
        for kills, text in (((4, 3), "3 of 100 (7 kills)"), ((4, 0), "3 of 100")):
            run = run_of({"risks": [
                made_up.no_loss("a", killed={"trials": 50, "lost": lost, "kills": count,
                                             "lost_at_first": lost + 1})
                for lost, count in zip((0, 3), kills)]})
            risk = risk_words.risk_by_strategy(run.risks)["a"]
            self.assertEqual(risk_words.cell_text(risk, "killed"), text)
            self.assertEqual(risk.first_answer.hit, 5)


class TablesTest(unittest.TestCase):
    def setUp(self):
        self.sweeps = Sweeps(run_of(made_up.document()))
        risks = risk_words.risk_by_strategy(self.sweeps.run.risks)
        self.tables = Tables(self.sweeps, risks)

    def row(self, table, title):
        row, = [row for row in table.rows if row.entries[0].text == title]
        return [entry.text for entry in row.entries[1:]]

    def test_from_the_leanest_to_the_heaviest_and_dashes_last(self):
        table = self.tables.everything("round_robin", 4, folded=False)
        figures = [row.entries[1].text for row in table.rows]
        measured = [int(text.replace(",", "")) for text in figures if text != units.NONE]
        self.assertEqual(measured, sorted(measured))
        self.assertEqual(figures[len(measured):], [units.NONE] * (len(figures) - len(measured)))

    def test_every_dash_has_its_reason_below(self):
        table = self.tables.everything("sticky", 4, folded=False)
        notes = "\n".join(table.notes)
        for reason in ("PostgreSQL | row: not installed: apt-get install postgresql",
                       "Redis HGETALL and HSET: not measured with sticky routing",
                       "unlisted_way: not measured there"):
            self.assertIn(reason, notes)

    def test_failed_requests_are_marked(self):
        table = self.tables.everything("round_robin", 2, folded=False)
        self.assertIn("†", self.row(table, "broadcast of whole sessions (yardstick)")[0])
        self.assertIn("*", self.row(table, "Tomcat DeltaManager, async")[0])
        self.assertIn("300 of 2,000 requests failed", "\n".join(table.notes))

    def test_each_figure_leads_to_its_cell(self):
        anchors = {row.anchor for row in self.tables.cells_table().rows}
        self.assertEqual(len(anchors), len(self.sweeps.cells))
        table = self.tables.everything("sticky", 4, folded=False)
        links = [entry.link for row in table.rows for entry in row.entries[1:]
                 if entry.text != units.NONE]
        self.assertTrue(links and set(links) <= anchors)

    def test_a_trial_that_failed_has_its_own_reason(self):
        run = run_of({"risks": [made_up.no_loss("a", burst=None, failed=[
            {"trial": "burst", "why": "nobody answered"}])]})
        tables = Tables(Sweeps(run), risk_words.risk_by_strategy(run.risks))
        self.assertIn("– a: nobody answered", tables.risk_table().notes)

    def test_risks_of_all_strategies(self):
        table = self.tables.risk_table()
        self.assertEqual(len(table.rows), len(self.sweeps.names()))
        self.assertEqual(self.row(table, "Tomcat DeltaManager, async")[:7],
                         ["22 of 100 (4 kills)", "22 of 100 (4 kills)", "2 of 20",
                          "17 (3 refused); 3,100 ms", "5 of 40", "9 of 150", "33 of 150"])
        self.assertEqual(self.row(table, "unlisted_way"), [units.NONE] * 10)
        self.assertEqual(self.row(table, "sticky only, nothing shared")[8], "no server")
        self.assertEqual(table.columns[2], "node killed: first answer lacks the last acked change")
        self.assertEqual(self.row(table, "sessionhub, invalidate")[:2],
                         ["none of 100 (4 kills)", "14 of 100 (4 kills)"])

    def test_a_cut_that_users_notice_is_told(self):
        for waits, words in (
                ((17, 3, 20), "while a node was cut, 17 changes at the other were answered, 3 were "
                 "refused, the slowest after 0.02 s."),
                ((300, 0, 3100), "while a node was cut, 300 changes at the other were answered, "
                 "the slowest after 3.10 s."),
                ((300, 0, 20), "")):
            risk = risk_words.risk_by_strategy(run_of({"risks": [made_up.no_loss(
                "a", reconnect={"trials": 9, "lost": 0, "changes": waits[0], "refused": waits[1],
                                "slowest_change_ms": waits[2]})]}).risks)["a"]
            sentence = risk_words.sentence(risk)
            self.assertEqual(sentence.lower().endswith(f" {words}"), bool(words), sentence)
            self.assertEqual("while" in sentence.lower(), bool(words))

    def test_why_whole_sessions_lose_one_of_two_changes_is_told_where_they_did(self):
        for lost in (0, 1):
            risk = made_up.no_loss("postgres", concurrent={"trials": 9, "lost": lost})
            run = run_of({"risks": [risk], "strategies": [{"name": "postgres", "title": "rows"}]})
            notes = Tables(Sweeps(run), risk_words.risk_by_strategy(run.risks)).risk_table().notes
            self.assertEqual("is kept with “rows”: sessions are loaded and stored whole without a "
                             "lock" in "\n".join(notes), bool(lost))

    def test_that_a_backup_is_set_by_changes_only_is_told(self):
        notes = Tables(sweeps_of(made_up.change("memcached_sticky")), {}).strategies_table().notes
        self.assertIn("“memcached_sticky” sets a session only when a request has changed it",
                      notes[0])
        self.assertEqual(Tables(sweeps_of(made_up.change("a")), {}).strategies_table().notes, [])

    def test_clusters_that_are_too_large_for_the_machine_are_told(self):
        def notes(frames, others=()):
            cells = [made_up.change(name, nodes=nodes, bytes_per_change=500, frames_per_change=8)
                     for name in "abcdefg" for nodes in (2, 4)]
            cells += [made_up.change("a", nodes=16, bytes_per_change=400, frames_per_change=frames)]
            return "\n".join(Tables(sweeps_of(*cells, *others), {}).bytes_by(
                "nodes", "sticky", "", str).notes)
        self.assertIn("With 16 nodes there are fewer frames a change than with 4 with “a” (5 "
                      "against 8): all nodes wait for the processors of one machine", notes(5))
        self.assertNotIn("fewer frames", notes(8))
        self.assertNotIn("fewer frames", notes(None))
        others = [made_up.change(name, nodes=16, bytes_per_change=400, frames_per_change=8)
                  for name in "bcdefg"]
        self.assertNotIn("fewer frames", notes(5, others))  # all were measured there

    def test_bytes_are_rough_where_much_of_them_was_idle(self):
        def notes(idle, **asked):
            cell = made_up.change("a", **({"bytes_per_change": 500,
                                           "idle_bytes_per_change": idle} | asked))
            table = Tables(sweeps_of(cell), {}).everything("sticky", 4, folded=False)
            return table.rows[0].entries[1].text, table.rows[0].entries[4].text, table.notes

        self.assertEqual(notes(80, cpu_nodes_us=7)[:2], ("500", "7"))
        bytes_text, cpu_text, said = notes(200, cpu_nodes_us=7)
        self.assertEqual((bytes_text, cpu_text), ("500 ~", "7"))
        self.assertTrue(any("~ a: up to 29 % of what was sent" in one for one in said), said)
        # Less than a frame, and no change to speak of.
        self.assertEqual(notes(60, bytes_per_change=0)[0], "0")
        self.assertEqual(notes(None)[0], "500")

    def test_idle_figures_have_their_commands(self):
        table = self.tables.idle_table()
        self.assertEqual(self.row(table, "sessionhub, push"), [
            "122", "244", "made-up --idle --only sessionhub_push --nodes 2; "
            "made-up --idle --only sessionhub_push --nodes 4"])
        self.assertEqual(self.row(table, "sticky only, nothing shared")[-1], units.NONE)

    def test_frames_are_not_counted_in_a_run_of_payloads(self):
        document = made_up.document(network="socket payloads")
        for cell in document["cells"]:
            cell["frames_per_change"] = None
        tables = Tables(Sweeps(run_of(document)), {})
        table = tables.everything("round_robin", 2, folded=False)
        self.assertEqual({row.entries[2].why for row in table.rows},
                         {"frames are not counted in a run of payloads"})
        self.assertIn("– all: frames are not counted in a run of payloads", table.notes)
        document["network"] = "namespaces"
        table = Tables(Sweeps(run_of(document)), {}).everything("round_robin", 2, folded=False)
        self.assertNotIn("frames", " ".join(table.notes))


if __name__ == "__main__":
    unittest.main()
