"""The Python client with a real hub: changes arrive, and survive a kill of the hub."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).parents[2]
sys.path[:0] = [os.environ["SESSIONHUB_PROTO_PYTHON"], str(ROOT / "client" / "python")]

# pylint: disable=wrong-import-position
from sessionhub_client import (  # noqa: E402
    Client, Refused, SessionHubError, absent, increment, put, unchanged_since)

PATIENCE_S = 30


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it did not come to be")
        time.sleep(0.002)


class Hub:
    """A sessionhubd in a temporary folder."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.port = "0"
        self.lease_ms = "30000"
        self.process = None
        self.options = []

    def start(self):
        port_file = pathlib.Path(self.folder.name) / "port"
        port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [os.environ["SESSIONHUBD"], "--data-dir", self.folder.name + "/data", "--listen",
             "127.0.0.1:" + self.port, "--port-file", str(port_file), "--lease-ms", self.lease_ms,
             *self.options],
            stderr=subprocess.DEVNULL)
        wait_for(lambda: port_file.exists() or self.process.poll() is not None)
        self.port = port_file.read_text(encoding="utf-8").strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def endpoint(self):
        return "127.0.0.1:" + self.port


class PythonClientTest(unittest.TestCase):
    def setUp(self):
        self.hub = Hub()
        self.addCleanup(self.hub.folder.cleanup)
        self.hub.start()
        self.addCleanup(lambda: self.hub.kill())

    def client(self, node_name, **security):
        client = Client([self.hub.endpoint()], "shop", node_name, **security)
        self.addCleanup(client.close)
        return client

    def test_changes_merge_and_reach_the_other_node(self):
        here = self.client("web-1").open("ada", create="if_missing", timeout_s=PATIENCE_S)
        there = self.client("web-2").open("ada", timeout_s=PATIENCE_S)
        here.commit([put("cart/last", "85123A"), increment("cart/qty", 2)], PATIENCE_S)
        version = there.commit([put("theme", "dark"), increment("cart/qty", 1)], PATIENCE_S)
        expected = {"cart/last": "85123A", "cart/qty": 3, "theme": "dark"}
        for session in (here, there):
            wait_for(lambda one=session: one.read()[0] >= version)
            self.assertEqual(session.read(), (version, expected))
        with self.assertRaises(Refused) as refused:
            here.commit([increment("theme")], PATIENCE_S)
        self.assertEqual(refused.exception.code, "FAILED_PRECONDITION")
        self.assertEqual(here.read()[1], expected)

    def test_a_good_token_lets_it_in_and_another_is_told_why_not(self):
        secret = "5e" * 32
        record = {"id": "0123456789ab", "sha256": hashlib.sha256(secret.encode()).hexdigest(),
                  "app": "shop", "role": "node", "created": 1}
        tokens_file = pathlib.Path(self.hub.folder.name) / "tokens"
        tokens_file.touch(mode=0o600)
        tokens_file.write_text('{"sessionhub_tokens":1}\n' + json.dumps(record) + "\n",
                               encoding="utf-8")
        self.hub.options = ["--tokens-file", str(tokens_file)]
        self.hub.kill()
        self.hub.start()
        good = self.client("web-1", token=f"shub_0123456789ab_{secret}")
        good.open("ada", create="if_missing", timeout_s=PATIENCE_S)
        nobody = self.client("web-2")
        wait_for(lambda: nobody._not_let_in)  # pylint: disable=protected-access
        with self.assertRaises(SessionHubError) as refused:
            nobody.open("ada", timeout_s=0.1)
        self.assertEqual(refused.exception.code, "UNAUTHENTICATED")
        self.assertIn("sessionhubctl tokens create", str(refused.exception))

    def test_what_is_pending_when_the_hub_dies_is_applied_once(self):
        session = self.client("web-1").open("ada", create="if_missing", timeout_s=PATIENCE_S)
        ends = []
        for number in range(40):
            session.commit_later([increment("count")], ends.append)
            if number == 20:
                self.hub.kill()
        self.hub.start()
        wait_for(lambda: len(ends) == 40)
        self.assertTrue(all(isinstance(end, int) for end in ends), ends)
        fresh = self.client("web-2").open("ada", timeout_s=PATIENCE_S)
        self.assertEqual(fresh.read()[1], {"count": 40})

    def test_a_deleted_session_ends_everywhere(self):
        here = self.client("web-1").open("ada", create="if_missing", timeout_s=PATIENCE_S)
        other = self.client("web-2")
        there = other.open("ada", timeout_s=PATIENCE_S)
        here.delete(PATIENCE_S)

        def is_gone():
            try:
                there.read()
            except SessionHubError as error:
                return error.code == "NOT_FOUND"
            return False
        wait_for(is_gone)
        with self.assertRaises(SessionHubError) as missing:
            other.open("ada", timeout_s=PATIENCE_S)
        self.assertEqual(missing.exception.code, "NOT_FOUND")

    def test_a_change_elsewhere_is_told_and_fetched_by_the_next_open(self):
        here = self.client("web-1").open("ada", create="if_missing", timeout_s=PATIENCE_S)
        other = self.client("web-2")
        there = other.open("ada", timeout_s=PATIENCE_S, interest="invalidate")
        here.commit([put("theme", "dark")], PATIENCE_S)
        wait_for(lambda: self.is_old(there))
        other.open("ada", timeout_s=PATIENCE_S, interest="invalidate")
        self.assertEqual(there.read()[1], {"theme": "dark"})

    @staticmethod
    def shows(session, fields):
        """Not while nothing is heard from the hub."""
        try:
            return session.read()[1] == fields
        except SessionHubError:
            return False

    @staticmethod
    def is_old(session):
        try:
            session.read()
        except SessionHubError:
            return True
        return False

    def test_a_delivered_change_is_read_on_the_other_nodes(self):
        # A hub that has started less than a lease ago does not know all nodes.
        self.hub.kill()
        self.hub.lease_ms = "1000"
        self.hub.start()
        here = self.client("web-1").open("ada", create="if_missing", timeout_s=PATIENCE_S)
        pushed = self.client("web-2").open("ada", timeout_s=PATIENCE_S)
        told = self.client("web-3").open("ada", timeout_s=PATIENCE_S, interest="invalidate")
        done = []

        def is_delivered():
            done.append(here.commit([increment("n")], PATIENCE_S, ack="delivered"))
            return done[-1].delivered
        wait_for(is_delivered)
        self.assertEqual(done[-1].missing, ())
        wait_for(lambda: self.shows(pushed, {"n": len(done)}))
        self.assertTrue(self.is_old(told))

    def test_terms_of_a_commit_are_judged_by_the_hub(self):
        here = self.client("web-1").open("ada", create="if_missing", timeout_s=PATIENCE_S,
                                         idle_timeout_s=3600, owner="u1")
        self.assertIsNone(here.commit([put("n", 1)], PATIENCE_S, ack="received"))
        version = here.commit([put("n", 2)], PATIENCE_S, if_version=2, owner="u2")
        here.commit([put("n", 3)], PATIENCE_S,
                    conditions=[absent("m"), unchanged_since("n", version)])
        ends = []
        here.commit_later([put("n", 4)], ends.append, conditions=[absent("n")])
        here.commit_later([put("n", 5)], ends.append, after_previous=True)
        wait_for(lambda: len(ends) == 2)
        self.assertEqual([end.code for end in ends], ["ABORTED", "ABORTED"])
        self.assertEqual(here.read()[1], {"n": 3})

    def test_a_lock_passes_on_with_what_was_written_under_it(self):
        here = self.client("web-1").open("ada", create="if_missing", timeout_s=PATIENCE_S)
        there = self.client("web-2").open("ada", timeout_s=PATIENCE_S)
        with here.lock(timeout_s=PATIENCE_S) as held:
            with self.assertRaises(SessionHubError) as taken:
                there.lock(timeout_s=PATIENCE_S)
            self.assertEqual(taken.exception.code, "DEADLINE_EXCEEDED")
            held.prolong(60, PATIENCE_S)
            here.commit([put("state", "paid")], PATIENCE_S, lock=held)
        with there.lock(wait_s=30, timeout_s=PATIENCE_S) as after:
            self.assertGreater(after.version, held.version)
            self.assertEqual(there.read()[1], {"state": "paid"})

    def test_an_id_change_reaches_the_other_node_and_survives_a_kill(self):
        here = self.client("web-1").open("guest", create="if_missing", timeout_s=PATIENCE_S)
        other = self.client("web-2")
        there = other.open("guest", timeout_s=PATIENCE_S)
        here.change_id("member", timeout_s=PATIENCE_S)
        wait_for(lambda: there.id == "member")
        self.hub.kill()
        self.hub.start()
        there.commit([put("n", 1)], PATIENCE_S)
        wait_for(lambda: self.shows(here, {"n": 1}))
        with self.assertRaises(SessionHubError) as gone:
            other.open("guest", timeout_s=PATIENCE_S)
        self.assertEqual(gone.exception.code, "NOT_FOUND")


if __name__ == "__main__":
    unittest.main()
