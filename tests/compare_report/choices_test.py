#!/usr/bin/python3
"""What is chosen for which need, and how that is said."""

import unittest

import made_up
from incumbents import Incumbents
from tables import Tables
from verdicts import cell, picks, verdict_of


class ChoiceTest(unittest.TestCase):
    trials = "no change may be lost, nor a copy left old, in any trial"
    lean = f"{trials} (kill, broken connection, burst): fewest bytes"
    killed = "nothing acked may be lost by a kill of a node: fewest bytes"
    lasting = "sessions must also outlive a restart of the server and of all nodes: fewest bytes"
    anyhow = "sessions are shared, whatever may be lost: fewest bytes"
    alone = "sessions may be lost with their node: fewest bytes"

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
        self.assertIn("(500 µs against 500 µs). The same holds if a node that takes over must "
                      "never show less than was acked. Sessions then", self.verdict().summary()[0])

    def test_the_same_is_said_of_the_choice_that_it_is_the_same_as(self):
        # Lean and quick for the trials, and for right first answers; lean only once it is synced.
        for at_first, words in (
                (0, "(300 µs against 500 µs). The same holds if a node that takes over must never "
                    "show less than was acked. If sessions must also outlive a restart of the "
                    "server and of all nodes, choose “hub” for the fewest bytes and the shortest "
                    "wait"),
                (1, "(300 µs against 500 µs). If sessions must also outlive a restart of the "
                    "server and of all nodes, choose “hub” for the fewest bytes and the shortest "
                    "wait; nothing else that was measured meets this. The same holds if a node "
                    "that takes over must never show less than was acked.")):
            verdict = verdict_of(
                cell("sessionhub_push", bytes_per_change=300),
                cell("redis_fields", bytes_per_change=900, latency_p50_us=300),
                risks=[made_up.no_loss("sessionhub_push"), made_up.no_loss(
                    "redis_fields", killed=made_up.killed(at_first=at_first),
                    server_restart={"sessions": 10, "left": 0})])
            self.assertIn(words.replace("500 µs)", "500 µs of “hub”)"), verdict.summary()[0])

    def test_what_survives_a_kill_alone_is_a_need_where_its_choice_is_another(self):
        verdict = self.verdict(reconnect={"trials": 9, "lost": 1})
        self.assertEqual(picks(verdict)[self.killed], "redis_fields")
        self.assertEqual(picks(verdict)[self.lean], "sessionhub_push")
        self.assertRegex(verdict.summary()[0], "^With sticky routing and 4 nodes, if nothing acked "
                         "may be lost by a kill of a node, choose “Redis” .* If no change may be "
                         r"lost, nor a copy left old, in any trial \(kill, broken connection, "
                         r"burst\), choose “hub”")
        self.assertNotIn(self.killed, picks(self.verdict()))
        self.assertEqual(picks(self.verdict(killed=made_up.killed(lost=1)))[self.lean],
                         "sessionhub_push")

    def test_changes_at_once_are_a_trial_where_nodes_take_turns(self):
        verdict = verdict_of(cell("sessionhub_push", routing="round_robin"),
                             cell("redis_fields", routing="round_robin", bytes_per_change=300),
                             risks=[made_up.no_loss("sessionhub_push"), made_up.no_loss(
                                 "redis_fields", concurrent={"trials": 9, "lost": 1})])
        lean = f"{self.trials} (kill, broken connection, changes at once, burst): fewest bytes"
        self.assertEqual(picks(verdict, "round_robin")[lean], "sessionhub_push")
        self.assertEqual(picks(verdict, "round_robin")[self.killed], "redis_fields")

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
        chosen = {need for need, name in picks(verdict).items() if name == "sticky_only"}
        self.assertEqual(chosen, {self.alone})
        self.assertEqual("If sessions may be lost with their node, share nothing: “alone” sends 0 "
                         "bytes a change, and needs no server for sessions; of those whose node "
                         "was killed, none of 100 were lost.", verdict.summary()[0])

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
        self.assertEqual(needs["no server to run, whatever may be lost: fewest bytes"],
                         "tomcat_delta_sync")

    def test_no_server_and_nothing_lost_by_a_kill(self):
        kept = "no server to run, and nothing acked may be lost by a kill of a node: fewest bytes"
        anyhow = "no server to run, whatever may be lost: fewest bytes"
        for lost, chosen in ((0, ("tomcat_delta_sync", "absent")),
                             (1, (None, "tomcat_delta_sync"))):
            verdict = verdict_of(
                cell("sessionhub_push", server_memory_bytes=1 << 20), cell("tomcat_delta_sync"),
                risks=[made_up.no_loss("tomcat_delta_sync", killed=made_up.killed(lost=lost),
                                       reconnect={"trials": 9, "lost": 9})])
            needs = picks(verdict)
            self.assertEqual((needs[kept], needs.get(anyhow, "absent")), chosen)

    def test_the_wait_is_of_the_same_way_as_in_the_table(self):
        verdict = verdict_of(
            cell("sessionhub_push", routing="round_robin", latency_p50_us=800),
            cell("sessionhub_invalidate", routing="round_robin", bytes_per_change=600),
            cell("redis_fields", routing="round_robin", bytes_per_change=1200, latency_p50_us=200),
            risks=[made_up.no_loss(name) for name in (
                "sessionhub_push", "sessionhub_invalidate", "redis_fields")])
        self.assertIn("choose “sessionhub_invalidate” for the fewest bytes, or “Redis” for the "
                      "shortest wait (200 µs against 500 µs of “sessionhub_invalidate”).",
                      verdict.summary()[0])
        table = Tables(verdict.sweeps, verdict.risks).choices_table("round_robin")
        self.assertIn("“sessionhub_invalidate”, 500 µs (2.50\xa0×)",
                      [row.entries[3].text for row in table.rows])
        verdict = verdict_of(
            cell("sessionhub_push", latency_p50_us=400),
            cell("sessionhub_invalidate", bytes_per_change=600),
            cell("redis_fields", bytes_per_change=1200, latency_p50_us=100),
            risks=[made_up.no_loss(name) for name in (
                "sessionhub_push", "sessionhub_invalidate", "redis_fields")])
        self.assertIn("(100 µs against 400 µs of “hub”)", verdict.summary()[0])
        self.assertIn("100 µs against 400 µs of “hub” (4.00\xa0×). But it takes more bytes: 1,200 "
                      "bytes against 600 bytes of “sessionhub_invalidate” (2.00\xa0×).",
                      "\n".join(verdict.summary()))

    def test_where_sessionhub_is_as_lean_as_the_leanest_that_is_said_once(self):
        verdict = verdict_of(
            cell("sessionhub_push", bytes_per_change=420, latency_p50_us=900),
            cell("redis_fields", bytes_per_change=401),
            risks=[made_up.no_loss("sessionhub_push"), made_up.no_loss("redis_fields")])
        self.assertEqual(verdict.summary()[0].count(
            "In bytes, “hub” is equal: 420 bytes against 401 bytes (1.05\xa0×)."), 1)
        self.assertNotIn("is equal:", self.verdict().summary()[0])


class LargeTest(unittest.TestCase):
    """The largest sessions have choices of their own."""

    def verdict(self, large):
        cells = [cell(name, session_bytes=size, **figures) for name, both in {
            "sessionhub_push": ({}, {"bytes_per_change": 1100}),
            "redis_fields": ({"bytes_per_change": 9000}, large),
            "memcached": ({}, {"bytes_per_change": 70000, "latency_p50_us": 9})}.items()
            for size, figures in zip((4096, 65536), both)]
        return verdict_of(*cells, risks=[
            made_up.no_loss("sessionhub_push"), made_up.no_loss("redis_fields"),
            made_up.no_loss("memcached", reconnect={"trials": 9, "lost": 1})])

    def test_the_best_in_each_measure_that_lost_nothing(self):
        verdict = self.verdict({"bytes_per_change": 550, "latency_p50_us": 100,
                                "cpu_nodes_us": 400})
        self.assertIn(
            "With sticky routing, 4 nodes and sessions of 64 KiB, if no change may be lost, "
            "nor a copy left old, in any trial: fewest bytes with “Redis”, 550 bytes, "
            "against 1,100 bytes of “hub” (2.00\xa0×); shortest wait with “Redis”, 100 µs, against "
            "500 µs of “hub” (5.00\xa0×); least processor time with “hub”, 100 µs.",
            verdict.summary())

    def test_the_table(self):
        verdict = self.verdict({"bytes_per_change": 550})
        table = Tables(verdict.sweeps, verdict.risks).large_choices_table("sticky")
        self.assertEqual(table.title,
                         "What to choose, sticky routing, 4 nodes, sessions of 64 KiB")
        rows = {row.entries[0].text: row.entries[1].text for row in table.rows}
        self.assertEqual(rows[ChoiceTest.lean], "Redis")
        self.assertEqual(rows["sessions are shared, whatever may be lost: shortest wait (p50)"],
                         "memcached")
        self.assertEqual({need.split(": ")[1] for need in rows},
                         {"fewest bytes", "shortest wait (p50)", "least processor time"})

    def test_one_size_has_none(self):
        verdict = verdict_of(cell("sessionhub_push"), cell("redis_fields"))
        self.assertIsNone(Tables(verdict.sweeps, verdict.risks).large_choices_table("sticky"))


class IncumbentsTest(unittest.TestCase):
    """What is best beside what somebody runs already."""

    def rows(self, *cells, risks=()):
        verdict = verdict_of(cell("sessionhub_push", bytes_per_change=600), *cells, risks=[
            made_up.no_loss("sessionhub_push"), *risks])
        table = Incumbents(verdict.sweeps, verdict.risks).table()
        return table and [[entry.text for entry in row.entries] for row in table.rows]

    def test_the_best_of_its_ways_and_sessionhub_beside_it(self):
        self.assertEqual(self.rows(
            cell("redis_fields", bytes_per_change=300), cell("redis_x", latency_p50_us=100),
            risks=[made_up.no_loss("redis_fields"), made_up.no_loss("redis_x")]), [[
                "Redis", "sticky", "“Redis”, 300 bytes", "“redis_x”, 100 µs", "nothing",
                "takes more bytes (“hub”, 600 bytes, 2.00\xa0×) and a longer wait (“hub”, 500 µs, "
                "5.00\xa0×)"]])

    def test_those_that_lose_least_count(self):
        lossy = {"reconnect": {"trials": 9, "lost": 1}}
        cells = [cell("redis_fields", bytes_per_change=900), cell("redis_x", bytes_per_change=300)]
        for fields, other, best, lost in (
                ({}, lossy, "“Redis”, 900 bytes", "nothing"),
                (lossy, {}, "“redis_x”, 300 bytes", "nothing"),
                (lossy, {"killed": made_up.killed(lost=1)}, "“Redis”, 900 bytes",
                 "lost across a reconnect: 1 of 9")):
            row, = self.rows(*cells, risks=[made_up.no_loss("redis_fields", **fields),
                                            made_up.no_loss("redis_x", **other)])
            self.assertEqual((row[2], row[4]), (best, lost))
            self.assertEqual(row[5].endswith("; lost: nothing"), lost != "nothing")

    def test_better_equal_and_missing(self):
        row, = self.rows(cell("postgres", bytes_per_change=1200, latency_p50_us=510))
        self.assertEqual(row[0], "PostgreSQL")
        self.assertEqual(row[4:], ["–", "takes fewer bytes (“hub”, 600 bytes, 2.00\xa0×) and as "
                                   "long a wait (“hub”, 500 µs, 1.02\xa0×); lost: nothing"])
        self.assertIsNone(self.rows())


if __name__ == "__main__":
    unittest.main()
