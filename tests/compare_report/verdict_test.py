#!/usr/bin/python3
"""The sentences follow from the figures: turned round, they say the opposite."""

import unittest

import made_up
import findings
from run_data import run_of
from sweeps import Sweeps
from tables import Tables
from verdicts import TITLES, cell, picks, verdict_of
from yardsticks import Yardsticks


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
        begin = "In 4 comparisons with the best peer in each, sessionhub's better way for each "
        self.assertIn(f"{begin}wins 1, loses 0 and is equal in 3. Of the equal ones its "
                      "figure is the larger in 0.", wins.summary())
        self.assertIn(f"{begin}wins 0, loses 1 and is equal in 3. Of the equal ones its figure is "
                      "the larger in 0. It loses in bytes per change (1 of 1).", loses.summary())
        self.assertIn("is the larger in 1.", "\n".join(self.bytes_of(1040, 1000).summary()))

    def test_near_figures_are_equal_and_have_no_winner(self):
        for hub, redis in ((1000, 1049), (1049, 1000), (9, 0), (0, 10), (-3, 4)):
            verdict = self.bytes_of(hub, redis)
            self.assertIn("bytes per change", dict(verdict.points("equal")), (hub, redis))
        self.assertIn("bytes per change", dict(self.bytes_of(1000, 1051).points("wins")))

    def test_every_measure_flips(self):
        for key, words in (("cpu_nodes_us", findings.CPU.words),
                           ("latency_p50_us", findings.P50.words),
                           ("latency_p99_us", findings.P99.words),
                           ("node_memory_bytes", findings.MEMORY.words)):
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

    def test_the_figure_of_the_other_way_is_told_if_it_is_far_off(self):
        def wins(other):
            verdict = verdict_of(cell("sessionhub_push", bytes_per_change=other),
                                 cell("sessionhub_invalidate", bytes_per_change=400),
                                 cell("redis_fields", bytes_per_change=1000))
            return verdict.points("wins")[0][1][0]
        self.assertTrue(wins(510).endswith("(2.50\xa0×); 510 bytes with “hub”"), wins(510))
        self.assertTrue(wins(490).endswith("of “Redis” (2.50\xa0×)"), wins(490))

    def test_waits_are_compared_in_clusters_of_every_size(self):
        verdict = verdict_of(*(cell(name, nodes=nodes, latency_p50_us=figure)
                               for name, figure in (("sessionhub_push", 500), ("redis_fields", 900))
                               for nodes in (2, 4, 8)))
        waits = dict(verdict.points("wins"))[findings.P50.words]
        self.assertEqual([text.split(",")[0] for text in waits], ["2 nodes", "4 nodes", "8 nodes"])

    def test_two_nodes_are_said(self):
        cells = [cell(name, nodes=nodes, bytes_per_change=figure) for name, nodes, figure in (
            ("sessionhub_push", 2, 500), ("sessionhub_push", 8, 500),
            ("tomcat_delta_sync", 2, 200), ("tomcat_delta_sync", 8, 1400))]
        verdict = verdict_of(*cells)
        table = Tables(verdict.sweeps, verdict.risks).outcomes_table(verdict.contests)
        self.assertEqual([entry.text for entry in table.rows[0].entries], [
            "bytes per change", "8 nodes, sticky (2.80\xa0×)", "2 nodes, sticky (2.50\xa0×)",
            "1", "0", "1"])


class ReasonsTest(unittest.TestCase):
    """Why sessionhub, although a peer beats it: only what the run shows."""

    def sentences(self, *cells, risks=()):
        return list(verdict_of(cell("sessionhub_push", bytes_per_change=600), *cells,
                               risks=risks).reasons.sentences("sticky"))

    def lean(self, *cells, **redis):
        text, = self.sentences(cell("redis_fields", bytes_per_change=300), *cells, risks=[
            made_up.no_loss("sessionhub_push", power_cut="all: synced"),
            made_up.no_loss("redis_fields", **redis)])
        return text

    def test_it_was_not_measured(self):
        verdict = verdict_of(cell("redis_fields"))
        self.assertEqual(list(verdict.reasons.sentences("sticky")),
                         ["With sticky routing and 4 nodes, sessionhub was not measured."])

    def test_nobody_beats_it(self):
        self.assertEqual(self.sentences(cell("redis_fields", bytes_per_change=601)), [])

    def test_nothing_speaks_for_it(self):
        self.assertEqual(self.lean(), "With sticky routing, “Redis” takes fewer bytes than "
                         "sessionhub: 300 bytes against 600 bytes of “hub” (2.00\xa0×). Neither "
                         "bytes nor waits nor what was lost in trials speak for sessionhub "
                         "instead.")

    def test_the_peer_lost_something(self):
        self.assertIn("But it lost something where sessionhub lost nothing (last acked change "
                      "lost when its node is killed: 1 of 100).",
                      self.lean(killed={"trials": 100, "lost": 1, "no_session": 0}))
        self.assertIn("But it was not tried for all losses, of which sessionhub had none.",
                      self.lean(killed=None))

    def test_what_sessionhub_lost_too_is_no_reason(self):
        lost = {"killed": {"trials": 100, "lost": 1, "no_session": 0}}
        text, = self.sentences(cell("redis_fields", bytes_per_change=300), risks=[
            made_up.no_loss("sessionhub_push", **lost), made_up.no_loss("redis_fields", **lost)])
        self.assertIn("Neither bytes nor waits nor what was lost in trials speak for sessionhub",
                      text)

    def test_the_peer_does_not_outlive_restarts(self):
        self.assertIn("But it did not outlive restarts as sessionhub did (sessions left after the "
                      "server, and then all nodes, restarted: none of 10).",
                      self.lean(server_restart={"sessions": 10, "left": 0}))

    def test_the_peer_takes_more_with_large_sessions_and_clusters(self):
        far = [cell(name, bytes_per_change=figure, **{axis: value})
               for axis, value in (("session_bytes", 65536), ("nodes", 16))
               for name, figure in (("sessionhub_push", 700), ("redis_fields", 70000))]
        usual = cell("tomcat_delta_sync", bytes_per_change=900)  # keeps the usual cluster at 4
        self.assertIn("But it takes more bytes: 70,000 bytes against 700 bytes of “hub” "
                      "(100\xa0×) with sessions of 64 KiB and 70,000 bytes against 700 bytes of "
                      "“hub” (100\xa0×) with 16 nodes.", self.lean(usual, *far))

    def test_a_quicker_peer_that_takes_more_bytes(self):
        text, = self.sentences(cell("redis_fields", latency_p50_us=250))
        self.assertEqual(text, "With sticky routing, “Redis” answers sooner than sessionhub: "
                         "250 µs against 500 µs of “hub” (2.00\xa0×). But it takes more bytes: "
                         "1,000 bytes against 600 bytes of “hub” (1.67\xa0×).")

    def test_sessionhubs_way_is_one_that_lost_nothing_if_there_is_one(self):
        text, = self.sentences(
            cell("sessionhub_invalidate", bytes_per_change=900),
            cell("redis_fields", bytes_per_change=300), risks=[
                made_up.no_loss("sessionhub_push", killed=made_up.killed(lost=1)),
                made_up.no_loss("sessionhub_invalidate"), made_up.no_loss("redis_fields")])
        self.assertIn("300 bytes against 900 bytes of “sessionhub_invalidate”", text)

    def test_power_cuts_are_told_as_each_tells_them(self):
        self.assertTrue(self.lean(power_cut="nothing: in memory").endswith(
            "Of acked changes a power cut leaves, by how each stores, “nothing” with it and “all” "
            "with sessionhub."))


class LossesTest(unittest.TestCase):
    """What was lost in the end, and who was behind at first, sessionhub like everybody else."""

    def sentences(self, hub, redis):
        verdict = verdict_of(cell("sessionhub_push"), cell("redis_fields"), risks=[
            made_up.no_loss("sessionhub_push", killed=hub),
            made_up.no_loss("redis_fields", killed=redis),
            made_up.no_loss("broadcast_fields", killed=made_up.killed(at_first=77))])
        return "\n".join([*verdict.losses(), *verdict.first_answers()])

    def test_nothing_is_lost_in_the_end_and_it_says_on_how_few_kills_that_rests(self):
        text = self.sentences(made_up.killed(at_first=14), made_up.killed())
        self.assertIn("Nothing acked was lost in the end, no copy was left stale or empty after a "
                      "burst, and sessions outlived restarts, in any trial (100 sessions of "
                      "each in 4 kills) of “hub” and “Redis”.", text)

    def test_where_some_were_killed_more_often_it_says_the_least(self):
        often = made_up.killed() | {"trials": 1000, "kills": 100}
        self.assertIn("in any trial (at least 100 sessions of each in 4 kills or more) of ",
                      self.sentences(often, made_up.killed()))

    def test_whoever_was_behind_at_first_is_named_with_numbers(self):
        begin = "the first answer of another one lacked the last acked change with "
        no_loss = ". That is no loss where the change was there a moment later."
        for hub, redis, names in ((14, 0, "“hub” (14 of 100 in 4 kills)"),
                                  (0, 3, "“Redis” (3 of 100 in 4 kills)"),
                                  (1, 3, "“hub” (1 of 100 in 4 kills) and “Redis” (3 of 100 in 4 "
                                         "kills)")):
            text = self.sentences(made_up.killed(at_first=hub), made_up.killed(at_first=redis))
            self.assertIn(begin + names + no_loss, text)

    def test_each_is_named_with_the_trials_in_which_it_lost_restarts_too(self):
        verdict = verdict_of(cell("sessionhub_push"), risks=[
            made_up.no_loss("sessionhub_push", server_restart={"sessions": 9, "left": 8}),
            made_up.no_loss("redis_fields", killed=made_up.killed(lost=1),
                            burst={"copies": 9, "stale": 1, "empty": 1},
                            nodes_restart={"sessions": 9, "left": 0}),
            made_up.no_loss("tomcat_delta_sync", concurrent=None)])
        self.assertEqual(list(verdict.losses()), [
            "Something was lost, stale or empty in the end with “hub” (restart of the server and "
            "all nodes) and “Redis” (kill, burst, restart of all nodes). How much, is in the table "
            "of risks below.",
            "Nothing was, but not everything was tried, with “Tomcat”."])

    def test_nobody_was_behind(self):
        text = self.sentences(made_up.killed(), {"trials": 100, "lost": 0})
        self.assertIn("had the last acked change in all trials of “hub”.", text)


class NoiseTest(unittest.TestCase):
    """What ways of the same work differ by is no difference between others either."""

    def verdict(self, invalidate, redis, routing="sticky", **figures):
        return verdict_of(
            cell("sessionhub_push", routing=routing, bytes_per_change=500),
            cell("sessionhub_invalidate", routing=routing, bytes_per_change=invalidate),
            cell("redis_fields", routing=routing, bytes_per_change=redis, **figures))

    def outcome(self, *figures, routing="sticky"):
        verdict = self.verdict(*figures, routing=routing)
        return next(one.outcome for one in verdict.contests if one.measure is findings.BYTES)

    def test_a_difference_within_the_noise_is_equal(self):
        self.assertEqual(self.outcome(500, 560), "wins")
        self.assertEqual(self.outcome(600, 560), "equal")
        self.assertEqual(self.outcome(600, 601), "wins")
        self.assertEqual(self.outcome(600, 417), "equal")
        self.assertEqual(self.outcome(600, 416), "loses")

    def test_round_robin_sessionhubs_ways_do_not_do_the_same(self):
        self.assertEqual(self.outcome(600, 560, routing="round_robin"), "wins")

    def test_five_percent_and_ten_bytes_are_equal_however_quiet_it_is(self):
        self.assertEqual(self.outcome(501, 524), "equal")
        self.assertEqual(verdict_of().sweeps.noise.within(findings.BYTES), findings.EQUAL_WITHIN)

    def test_each_measure_has_its_own(self):
        noise = self.verdict(600, 900).sweeps.noise
        self.assertEqual(noise.within(findings.BYTES), 1.2)
        self.assertEqual(noise.within(findings.P50), findings.EQUAL_WITHIN)
        self.assertEqual(noise.within(findings.READ_BYTES), findings.EQUAL_WITHIN)

    def test_bytes_of_what_is_synced_are_a_pair_with_any_routing_but_not_its_waits(self):
        noise = verdict_of(*(cell(name, routing="round_robin", bytes_per_change=figure,
                                  latency_p50_us=figure)
                             for name, figure in (("redis_channels", 1000),
                                                  ("redis_channels_synced", 1300)))).sweeps.noise
        self.assertEqual(noise.within(findings.BYTES), 1.3)
        self.assertEqual(noise.within(findings.P50), findings.EQUAL_WITHIN)

    def test_failed_and_other_cells_are_no_pair(self):
        for other in ({"errors": 500}, {"nodes": 8}, {"what": "create"}):
            noise = verdict_of(cell("sessionhub_push"), cell(
                "sessionhub_invalidate", bytes_per_change=2000, **other)).sweeps.noise
            self.assertEqual(noise.within(findings.BYTES), findings.EQUAL_WITHIN, other)

    def test_it_is_said_with_its_pairs(self):
        verdict = self.verdict(600, 900)
        self.assertIn("“hub” and “sessionhub_invalidate” by up to 20 % in bytes per change.",
                      verdict.sweeps.noise.words(verdict.sweeps.run))
        self.assertEqual(self.verdict(510, 900).sweeps.noise.words(verdict.sweeps.run), "")

    def test_choices_say_what_is_equal(self):
        for redis, text in ((450, "“hub”, 500 bytes (1.11\xa0×, equal)"),
                            (400, "“hub”, 500 bytes (1.25\xa0×)")):
            verdict = self.verdict(600, redis)
            table = Tables(verdict.sweeps, verdict.risks).choices_table("sticky")
            self.assertEqual(table.rows[0].entries[3].text, text)

    def test_a_peer_within_the_noise_does_not_beat_sessionhub(self):
        self.assertNotIn("takes fewer bytes than sessionhub",
                         "\n".join(self.verdict(600, 450).summary()))
        self.assertIn("takes fewer bytes than sessionhub",
                      "\n".join(self.verdict(600, 400).summary()))


class YardsticksTest(unittest.TestCase):
    """The bench's own meshes are measured by, and never chosen."""

    def sentences(self, figures, risks=()):
        """`figures` is {nodes: (bytes with sessionhub, with a broadcast of fields)}."""
        verdict = verdict_of(*(
            cell(name, nodes=nodes, bytes_per_change=figure) for nodes, both in figures.items()
            for name, figure in zip(("sessionhub_push", "broadcast_fields"), both)), risks=risks)
        return Yardsticks(verdict.sweeps, verdict.risks).sentences()

    def test_they_are_no_peers_and_no_choice(self):
        verdict = verdict_of(
            cell("sessionhub_push"), cell("redis_fields", bytes_per_change=2000),
            cell("broadcast_fields", bytes_per_change=100, latency_p50_us=50, cpu_nodes_us=10),
            cell("broadcast_sessions", bytes_per_change=9000),
            risks=[made_up.no_loss(name) for name in TITLES])
        self.assertEqual(set(picks(verdict).values()), {"sessionhub_push"})
        self.assertEqual({name for one in verdict.contests
                          for name in (one.best.name, one.worst.name)}, {"redis_fields"})
        text = "\n".join(verdict.summary())
        self.assertNotIn("“whole”", text)
        self.assertNotIn("“fields”", text)

    def test_fewer_and_more_are_said_as_plainly(self):
        self.assertIn("With sticky routing and 4 nodes, “hub” takes 500 bytes a change: fewer "
                      "than “fields”, 1,000 bytes (2.00\xa0×).", self.sentences({4: (500, 1000)}))
        self.assertIn("With sticky routing and 4 nodes, “hub” takes 1,000 bytes a change: more "
                      "than “fields”, 500 bytes (2.00\xa0×).", self.sentences({4: (1000, 500)}))
        self.assertIn("about as many as “fields”", self.sentences({4: (1000, 1010)})[0])

    def test_from_how_many_nodes_on(self):
        more, fewer = (500, 200), (500, 900)
        for figures, words in (
                ({2: more, 4: more, 8: fewer, 16: fewer},
                 "takes fewer bytes than “fields” from 8 nodes on, but not with 2 and 4 "
                 "(measured: 2, 4, 8 and 16)"),
                ({2: fewer, 4: fewer},
                 "takes fewer bytes than “fields” with every number of nodes measured: 2 and 4"),
                ({2: more, 4: more},
                 "takes more bytes than “fields” with every number of nodes measured: 2 and 4"),
                ({2: more, 4: (500, 501)},
                 "takes no fewer bytes than “fields” with every number of nodes measured: 2 and 4"),
                ({2: fewer, 4: more, 8: fewer},
                 "takes fewer bytes than “fields” with 2 and 8 nodes, but not with 4"),
                ({2: more}, "can be put beside “fields” with 2 nodes only")):
            self.assertIn(f"With sticky routing, sessionhub {words}.", self.sentences(figures))

    def test_what_they_lose(self):
        self.assertIn("What is lost with “fields” was not tried in this run.",
                      self.sentences({4: (1, 1)})[-1])
        lost = made_up.no_loss("broadcast_fields", reconnect={"trials": 20, "lost": 3})
        self.assertEqual("In trials of “fields”: lost across a reconnect: 3 of 20.",
                         self.sentences({4: (1, 1)}, [lost])[-1])


class MissingTest(unittest.TestCase):
    def test_no_cells(self):
        self.assertEqual(verdict_of().summary(),
                         ["No change was measured in this run, so there is nothing to choose by."])

    def test_no_peer_or_no_hub(self):
        for name in ("sessionhub_push", "redis_fields", "sticky_only"):
            text = "\n".join(verdict_of(cell(name)).summary())
            self.assertIn("there is nothing to compare", text)
            self.assertIn("No risk was tried in this run", text)

    def test_no_yardstick(self):
        run = run_of({"cells": [cell("sessionhub_push")]})
        self.assertEqual(Yardsticks(Sweeps(run), {}).sentences(), [])
        run = run_of({"cells": [cell("broadcast_fields")]})
        self.assertEqual(Yardsticks(Sweeps(run), {}).sentences()[0],
                         "With sticky routing, no yardstick was measured beside sessionhub.")


if __name__ == "__main__":
    unittest.main()
