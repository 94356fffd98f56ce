#!/usr/bin/python3
"""The sentences and the choices follow from the figures: turned round, they say the opposite."""

import unittest

import made_up
import choices
import findings
import risk_words
from run_data import run_of
from sweeps import Sweeps
from tables import Tables
from verdict import Verdict
from yardsticks import Yardsticks

TITLES = {"sessionhub_push": "hub", "redis_fields": "Redis", "tomcat_delta_sync": "Tomcat",
          "sticky_only": "alone", "broadcast_sessions": "whole", "broadcast_fields": "fields"}


def cell(strategy, **figures):
    return made_up.change(strategy, **{"bytes_per_change": 1000, "cpu_nodes_us": 100,
                                       "latency_p50_us": 500, "latency_p99_us": 900} | figures)


def verdict_of(*cells, risks=(), power_cut_leaves=None):
    """`power_cut_leaves` is {strategy: what it leaves}; nothing is said of others."""
    left = power_cut_leaves or {}
    run = run_of({"cells": list(cells), "risks": list(risks), "strategies": [
        {"name": name, "title": title, "power_cut_leaves": left.get(name)}
        for name, title in TITLES.items()]})
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
        begin = "In 4 comparisons with the best peer in each, sessionhub "
        self.assertIn(f"{begin}wins 1, loses 0 and is equal in 3.", wins.summary())
        self.assertIn(f"{begin}wins 0, loses 1 and is equal in 3. "
                      "It loses in bytes per change (1 of 1).", loses.summary())

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

    def test_two_nodes_are_said(self):
        cells = [cell(name, nodes=nodes, bytes_per_change=figure) for name, nodes, figure in (
            ("sessionhub_push", 2, 500), ("sessionhub_push", 8, 500),
            ("tomcat_delta_sync", 2, 200), ("tomcat_delta_sync", 8, 1400))]
        verdict = verdict_of(*cells)
        table = Tables(verdict.sweeps, verdict.risks).outcomes_table(verdict.contests)
        self.assertEqual([entry.text for entry in table.rows[0].entries], [
            "bytes per change", "8 nodes, sticky (2.80\xa0×)", "2 nodes, sticky (2.50\xa0×)",
            "1", "0", "1"])


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

    fresh = "a node that takes over must never show less than was acked: fewest bytes"

    def test_a_first_answer_that_lacks_a_change_is_no_loss_but_another_choice(self):
        verdict = self.verdict(killed=made_up.killed(at_first=14))
        self.assertEqual(picks(verdict)[self.lean], "redis_fields")
        self.assertEqual(picks(verdict)[self.fresh], "sessionhub_push")
        self.assertEqual(picks(verdict)[self.fresh.replace("fewest bytes", "shortest wait (p50)")],
                         "sessionhub_push")
        self.assertIn("If a node that takes over must never show less than was acked, choose "
                      "“hub” for", verdict.summary()[0])

    def test_what_loses_something_meets_no_need_of_right_first_answers(self):
        verdict = self.verdict(killed=made_up.killed(lost=1))
        self.assertEqual(picks(verdict)[self.fresh], "sessionhub_push")

    def test_the_same_choice_for_right_first_answers_is_said_in_short(self):
        self.assertTrue(self.verdict().summary()[0].endswith(
            "The first choice holds as well if a node that takes over must never show less than "
            "was acked."))

    def test_first_answers_are_no_need_if_the_file_tells_of_none(self):
        told_of_none = {"trials": 100, "lost": 0}
        verdict = verdict_of(cell("sessionhub_push"), cell("redis_fields"), risks=[
            made_up.no_loss(name, killed=told_of_none)
            for name in ("sessionhub_push", "redis_fields")])
        self.assertNotIn(self.fresh, picks(verdict))
        self.assertNotIn("show less", "\n".join(verdict.summary()))
        self.assertNotIn("first answer", "\n".join(verdict.summary()))
        self.assertEqual(picks(self.verdict(killed=told_of_none))[self.fresh], "sessionhub_push")

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
        self.assertRegex(verdict.summary()[0], "No risk was tried .* is not enough.")
        self.assertIn("by bytes and waits alone, choose “Redis” for the fewest bytes",
                      verdict.summary()[1])

    def test_the_only_one_is_said_to_be_that(self):
        self.assertIn("of the ways to choose from, only “Redis” was measured.",
                      verdict_of(cell("redis_fields"), cell("broadcast_fields")).summary()[1])
        self.assertIn("choose “hub” for the fewest bytes and the shortest wait; nothing else that "
                      "was measured meets this.", self.verdict(killed=None).summary()[0])

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

    acked = "acked changes must also outlive a power cut of all hosts: fewest bytes"

    def both(self, power_cut_leaves):
        return verdict_of(
            cell("sessionhub_push", bytes_per_change=600),
            cell("redis_fields", bytes_per_change=300), power_cut_leaves=power_cut_leaves,
            risks=[made_up.no_loss("sessionhub_push"), made_up.no_loss("redis_fields")])

    def test_a_power_cut_takes_what_is_not_synced(self):
        verdict = self.both({"sessionhub_push": "all", "redis_fields": "some"})
        self.assertEqual(picks(verdict)[self.lasting], "redis_fields")
        self.assertEqual(picks(verdict)[self.acked], "sessionhub_push")
        self.assertIn("If acked changes must also outlive a power cut of all hosts, choose “hub” "
                      "for the fewest bytes and the shortest wait; nothing else", "\n".join(
                          verdict.summary()))

    def test_a_power_cut_changes_nothing_among_those_that_sync(self):
        verdict = self.both({"sessionhub_push": "all", "redis_fields": "all"})
        self.assertEqual(picks(verdict)[self.acked], "redis_fields")
        self.assertIn("acked changes then also outlive a power cut", "\n".join(verdict.summary()))

    def test_nothing_is_said_of_power_cuts_that_the_file_does_not_tell_of(self):
        verdict = self.both({})
        self.assertNotIn(self.acked, picks(verdict))
        self.assertNotIn("a power cut", "\n".join(verdict.summary()))

    def test_no_server_to_run(self):
        verdict = verdict_of(cell("sessionhub_push", server_memory_bytes=1 << 20),
                             cell("tomcat_delta_sync", server_memory_bytes=0))
        needs = picks(verdict)
        self.assertEqual(needs["no server to run: fewest bytes, whatever may be lost"],
                         "tomcat_delta_sync")


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
        self.assertEqual(self.lean(), "With sticky routing, “Redis” takes fewer bytes than “hub”: "
                         "300 bytes against 600 bytes (2.00\xa0×). Nothing that was measured "
                         "speaks for sessionhub instead.")

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
        self.assertIn("Nothing that was measured speaks for sessionhub", text)

    def test_the_peer_does_not_outlive_restarts(self):
        self.assertIn("But it did not outlive restarts as sessionhub did (sessions left after the "
                      "server restarted: none of 10).",
                      self.lean(server_restart={"sessions": 10, "left": 0}))

    def test_the_peer_takes_more_with_large_sessions_and_clusters(self):
        far = [cell(name, bytes_per_change=figure, **{axis: value})
               for axis, value in (("session_bytes", 65536), ("nodes", 16))
               for name, figure in (("sessionhub_push", 700), ("redis_fields", 70000))]
        usual = cell("tomcat_delta_sync", bytes_per_change=900)  # keeps the usual cluster at 4
        self.assertIn("But it takes more bytes: 70,000 bytes against 700 bytes (100\xa0×) with "
                      "sessions of 64 KiB and 70,000 bytes against 700 bytes (100\xa0×) with 16 "
                      "nodes.", self.lean(usual, *far))

    def test_a_quicker_peer_that_takes_more_bytes(self):
        text, = self.sentences(cell("redis_fields", latency_p50_us=250))
        self.assertEqual(text, "With sticky routing, “Redis” answers sooner than “hub”: 250 µs "
                         "against 500 µs (2.00\xa0×). But it takes more bytes: 1,000 bytes "
                         "against 600 bytes (1.67\xa0×).")

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
        self.assertIn("nothing acked was lost in the end, and no copy was left stale or empty "
                      "after a burst, in any trial (at least 100 sessions of each in 4 kills) of "
                      "“hub” and “Redis”.", text)

    def test_whoever_was_behind_at_first_is_named_with_numbers(self):
        begin = "the first answer of another one lacked the last acked change with "
        no_loss = ". That is no loss where the change was there a moment later."
        for hub, redis, names in ((14, 0, "“hub” (14 of 100 in 4 kills)"),
                                  (0, 3, "“Redis” (3 of 100 in 4 kills)"),
                                  (1, 3, "“hub” (1 of 100 in 4 kills) and “Redis” (3 of 100 in 4 "
                                         "kills)")):
            text = self.sentences(made_up.killed(at_first=hub), made_up.killed(at_first=redis))
            self.assertIn(begin + names + no_loss, text)

    def test_nobody_was_behind(self):
        text = self.sentences(made_up.killed(), {"trials": 100, "lost": 0})
        self.assertIn("had the last acked change in all trials of “hub”.", text)


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
