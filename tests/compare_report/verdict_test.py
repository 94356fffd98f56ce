#!/usr/bin/python3
"""The sentences and the choices follow from the figures: turned round, they say the opposite."""

import unittest

import made_up
import choices
import findings
import risk_words
from run_data import run_of
from sweeps import Sweeps
from verdict import Verdict

TITLES = {"sessionhub_push": "hub", "redis_fields": "Redis", "tomcat_delta_sync": "Tomcat",
          "sticky_only": "alone"}


def cell(strategy, **figures):
    return made_up.change(strategy, **{"bytes_per_change": 1000, "cpu_nodes_us": 100,
                                       "latency_p50_us": 500, "latency_p99_us": 900} | figures)


def verdict_of(*cells, risks=()):
    run = run_of({"cells": list(cells), "risks": list(risks), "strategies": [
        {"name": name, "title": title} for name, title in TITLES.items()]})
    sweeps = Sweeps(run)
    by_strategy = risk_words.risk_by_strategy(run.risks)
    return Verdict(sweeps, by_strategy, findings.contests(sweeps, by_strategy))


def picks(verdict, routing="sticky"):
    """{need: what is chosen}, None if nothing meets it."""
    return {one.need: one.pick and one.pick.name
            for one in choices.choices_for(routing, verdict.sweeps, verdict.risks)}


class FlipTest(unittest.TestCase):
    def bytes_of(self, hub, redis, **options):
        return verdict_of(cell("sessionhub_push", bytes_per_change=hub),
                          cell("redis_fields", bytes_per_change=redis), **options)

    def test_bytes(self):
        wins, loses = self.bytes_of(400, 1000), self.bytes_of(1000, 400)
        self.assertIn("4 nodes, sticky: 400 bytes against 1,000 bytes of “Redis” (2.50\xa0×)",
                      wins.points("wins")[0][1])
        self.assertEqual(wins.points("loses"), [])
        self.assertIn("4 nodes, sticky: 1,000 bytes against 400 bytes of “Redis” (2.50\xa0×)",
                      loses.points("loses")[0][1])
        self.assertEqual(loses.points("wins"), [])
        self.assertIn("sessionhub loses in none of 4 comparisons.", "\n".join(wins.summary()))
        self.assertIn("It wins in none of 4 comparisons.", "\n".join(loses.summary()))

    def test_near_figures_are_equal_and_have_no_winner(self):
        for hub, redis in ((1000, 1049), (1049, 1000), (9, 0), (0, 10), (-3, 4)):
            verdict = self.bytes_of(hub, redis)
            self.assertIn("bytes per change", dict(verdict.points("equal")), (hub, redis))
        self.assertIn("bytes per change", dict(self.bytes_of(1000, 1051).points("wins")))

    def test_every_measure_flips(self):
        for key, words in (("cpu_nodes_us", findings.CPU.words),
                           ("latency_p50_us", findings.P50.words),
                           ("latency_p99_us", findings.P99.words),
                           ("node_rss_bytes", findings.MEMORY.words)):
            for hub, outcome in ((1 << 24, "wins"), (1 << 26, "loses")):
                verdict = verdict_of(cell("sessionhub_push", **{key: hub}),
                                     cell("redis_fields", **{key: 1 << 25}))
                self.assertEqual(list(dict(verdict.points(outcome))), [words])

    def test_small_and_large_sessions_and_all_fields_are_said(self):
        cells = []
        for size, hub, redis in ((1024, 900, 300), (4096, 900, 1000), (65536, 900, 9000)):
            cells += [cell("sessionhub_push", session_bytes=size, bytes_per_change=hub),
                      cell("redis_fields", session_bytes=size, bytes_per_change=redis)]
        cells += [cell("sessionhub_push", nodes=2, bytes_per_change=900),
                  cell("redis_fields", nodes=2, bytes_per_change=1000)]
        cells += [cell("sessionhub_push", fields_changed=20, bytes_per_change=5000),
                  cell("redis_fields", fields_changed=20, bytes_per_change=4000)]
        verdict = verdict_of(*cells)
        loses = dict(verdict.points("loses"))["bytes per change"]
        self.assertTrue(loses[0].startswith("sessions of 1 KiB, 4 nodes, sticky: 900 bytes"), loses)
        self.assertTrue(loses[1].startswith("all fields changed, 4 nodes, sticky: 5,000"), loses)
        wins = dict(verdict.points("wins"))["bytes per change"]
        self.assertIn("sessions of 64 KiB, 4 nodes, sticky: 900 bytes against 9,000", wins[2])

    def test_two_nodes_are_said(self):
        cells = [cell(name, nodes=nodes, bytes_per_change=figure) for name, nodes, figure in (
            ("sessionhub_push", 2, 500), ("sessionhub_push", 8, 500),
            ("tomcat_delta_sync", 2, 200), ("tomcat_delta_sync", 8, 1400))]
        text = "\n".join(verdict_of(*cells).summary())
        self.assertIn("loses in bytes per change, 1 of 2 comparisons, most so with 2 nodes, sticky",
                      text)
        self.assertIn("wins in bytes per change, 1 of 2 comparisons, most so with 8 nodes", text)


class ChoiceTest(unittest.TestCase):
    lean = "nothing acked may be lost when a node dies: fewest bytes"
    lasting = "sessions must also outlive a restart of all nodes and of the server: fewest bytes"
    anyhow = "fewest bytes, whatever may be lost"

    def verdict(self, **redis):
        return verdict_of(
            cell("sessionhub_push", bytes_per_change=600),
            cell("redis_fields", bytes_per_change=300),
            risks=[made_up.no_loss("sessionhub_push"), made_up.no_loss("redis_fields", **redis)])

    def test_the_leanest_that_loses_nothing(self):
        verdict = self.verdict()
        self.assertEqual(picks(verdict)[self.lean], "redis_fields")
        self.assertIn("choose “Redis” for the fewest bytes", verdict.summary()[0])

    def test_one_lost_change_and_another_is_chosen(self):
        verdict = self.verdict(killed={"trials": 100, "lost": 1, "no_session": 0})
        self.assertEqual(picks(verdict)[self.lean], "sessionhub_push")
        self.assertEqual(picks(verdict)[self.anyhow], "redis_fields")
        self.assertIn("choose “hub” for the fewest bytes", verdict.summary()[0])
        text, = dict(verdict.points("loses"))["bytes per change"]
        self.assertNotIn("it beats all that have not", text)  # nobody else is left to beat

    def test_losing_only_to_who_loses_data_is_said(self):
        verdict = verdict_of(
            cell("sessionhub_push", bytes_per_change=600),
            cell("redis_fields", bytes_per_change=300),
            cell("tomcat_delta_sync", bytes_per_change=900),
            risks=[made_up.no_loss("sessionhub_push"), made_up.no_loss("tomcat_delta_sync"),
                   made_up.no_loss("redis_fields", reconnect={"trials": 9, "lost": 1})])
        text, = dict(verdict.points("loses"))["bytes per change"]
        self.assertTrue(text.endswith("which has lost something; it beats all that have not"), text)

    def test_a_restart_that_empties_the_server(self):
        verdict = self.verdict(server_restart={"sessions": 10, "left": 0})
        self.assertEqual(picks(verdict)[self.lean], "redis_fields")
        self.assertEqual(picks(verdict)[self.lasting], "sessionhub_push")

    def test_untried_is_not_chosen_for_what_must_not_be_lost(self):
        self.assertEqual(picks(self.verdict(killed=None))[self.lean], "sessionhub_push")
        nothing = verdict_of(cell("sessionhub_push"), cell("redis_fields"),
                             risks=[made_up.no_loss("redis_fields", killed=None)])
        self.assertIsNone(picks(nothing)[self.lean])
        self.assertIn("nothing that was measured will do", nothing.summary()[0])

    def test_without_any_trial_nothing_is_said_to_be_kept(self):
        verdict = verdict_of(cell("sessionhub_push"), cell("redis_fields", bytes_per_change=300))
        self.assertNotIn(self.lean, picks(verdict))
        self.assertRegex(verdict.summary()[0], "choose “Redis” .*what that may lose was not tried.")

    def test_what_shares_nothing_is_never_chosen_but_is_told_of(self):
        verdict = verdict_of(cell("sticky_only", bytes_per_change=0), cell("sessionhub_push"),
                             cell("redis_fields"), risks=[made_up.no_loss("sticky_only")])
        self.assertNotIn("sticky_only", picks(verdict).values())
        self.assertIn("“alone” takes 0 bytes a change and is no peer", verdict.summary()[-1])

    def test_failed_requests_win_nothing(self):
        cheap = cell("redis_fields", bytes_per_change=1, errors=11)
        verdict = verdict_of(cell("sessionhub_push"), cell("tomcat_delta_sync"), cheap)
        self.assertNotIn("redis_fields", picks(verdict).values())
        cheap["errors"] = 10
        verdict = verdict_of(cell("sessionhub_push"), cell("tomcat_delta_sync"), cheap)
        self.assertEqual(picks(verdict)[self.anyhow], "redis_fields")

    def test_no_server_to_run(self):
        verdict = verdict_of(cell("sessionhub_push", server_rss_bytes=1 << 20),
                             cell("tomcat_delta_sync", server_rss_bytes=0))
        needs = picks(verdict)
        self.assertEqual(needs["no server to run: fewest bytes, whatever may be lost"],
                         "tomcat_delta_sync")


class MissingTest(unittest.TestCase):
    def test_no_cells(self):
        self.assertEqual(verdict_of().summary(),
                         ["No change was measured in this run, so there is nothing to choose by."])

    def test_no_peer_or_no_hub(self):
        for name in ("sessionhub_push", "redis_fields", "sticky_only"):
            text = "\n".join(verdict_of(cell(name)).summary())
            self.assertIn("there is nothing to compare", text)
            self.assertIn("No risk was tried in this run", text)


if __name__ == "__main__":
    unittest.main()
