#!/usr/bin/env python3
"""lost-node and slow-node: real nodes that are killed, and that stand still.

   nodes_test.py SESSIONHUBD SESSIONHUBCTL
"""

import os
import signal

import bed

LEASE_MS = 1_000
LARGE = "x" * 900_000
LARGE_CHANGES = 40


class LostNodeTest(bed.RunbookTest):

    def setUp(self):
        super().setUp()
        self.server = self.hub("--lease-ms", str(LEASE_MS))
        self.server.start()
        self.commit(self.server, "ada", "cart", "bread")

    def run_for(self, node, *arguments, **how):
        return self.run_book("lost-node", self.server, "--app", bed.APP, "--node", node,
                             *arguments, **how)

    def test_a_killed_node_is_waited_for_until_its_lease_is_over(self):
        watcher, name = self.watch(self.server, "ada")
        watcher.kill()
        told = self.run_for(name)
        # The hub may have heard of its end, or not yet, or the lease may be over.
        self.assertRegex(told, "with 1 sessions|nothing: its lease is over")
        self.assertNotIn(name, self.nodes(self.server))
        self.assertEqual(self.read(self.server, "ada"), {"cart": "bread"})

    def test_a_node_that_does_not_answer_is_cut(self):
        watcher, name = self.watch(self.server, "ada")
        watcher.send_signal(signal.SIGSTOP)
        told = self.run_for(name)
        self.assertIn("its stream stands", told)
        self.assertIn("the hub waits for it no more", told)
        self.assertNotIn(name, self.nodes(self.server))

    def test_a_node_that_lives_comes_back(self):
        _, name = self.watch(self.server, "ada")
        told = self.run_for(name)
        self.assertIn("it is not lost", told)
        self.assertTrue(self.nodes(self.server)[name]["attached"])

    def test_no_node_is_cut_unasked(self):
        _, name = self.watch(self.server, "ada")
        before = self.nodes(self.server)[name]
        self.assertIn("say --yes", self.run_for(name, code=1, yes=False))
        after = self.nodes(self.server)[name]
        self.assertGreaterEqual(after["attached_for_ms"], before["attached_for_ms"])

    def test_a_node_that_nobody_knows_needs_nothing(self):
        self.assertIn("its lease is over", self.run_for("web-9"))


class SlowNodeTest(bed.RunbookTest):

    def setUp(self):
        super().setUp()
        # Longer than the test, so that the hub itself does not end the stream.
        self.server = self.hub("--heartbeat-ms", "600000")
        self.server.start()
        self.commit(self.server, "ada", "cart", "bread")

    def test_a_cluster_that_reads_needs_nothing(self):
        self.watch(self.server, "ada")
        told = self.run_book("slow-node", self.server, "--between-s", 0)
        self.assertIn("nothing waits for any node", told)

    def test_a_node_that_stands_still_is_found_and_cut_and_comes_back(self):
        watcher, name = self.watch(self.server, "ada")
        os.kill(watcher.pid, signal.SIGSTOP)
        session = self.client(self.server, "writer").open("ada", timeout_s=bed.PATIENCE_S)
        for number in range(LARGE_CHANGES):
            session.commit([bed.put("text", LARGE + str(number))], bed.PATIENCE_S)
        bed.wait_for(lambda: self.nodes(self.server)[name]["outbox_bytes"], "something waits")
        told = self.run_book("slow-node", self.server, "--between-s", 1, code=1, yes=False)
        self.assertIn("say --yes", told)
        told = self.run_book("slow-node", self.server, "--between-s", 1)
        self.assertIn(f"{name} of app {bed.APP}", told)
        self.assertIn("event=node_disconnected", self.server.log())
        stood_ms = self.nodes(self.server)[name]["attached_for_ms"]
        os.kill(watcher.pid, signal.SIGCONT)
        bed.wait_for(lambda: self.nodes(self.server)[name]["attached"]
                     and self.nodes(self.server)[name]["attached_for_ms"] < stood_ms,
                     "it comes back with another stream")


if __name__ == "__main__":
    bed.main()
