"""The Python client's node, frame by frame: what no transcript can see from outside."""
import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
sys.path[:0] = [os.environ["SESSIONHUB_PROTO_PYTHON"], str(ROOT / "client" / "python")]

# pylint: disable=wrong-import-position
from google.protobuf import text_format  # noqa: E402
from sessionhub.v1 import frames_pb2  # noqa: E402
from sessionhub_client.deltas import delta_of  # noqa: E402
from sessionhub_client.features import FEATURES  # noqa: E402
from sessionhub_client.node import Node, OpenRequest  # noqa: E402
from sessionhub_client.operations import put  # noqa: E402
from sessionhub_client.requests import LockRequest  # noqa: E402

LIMITS = "frame_bytes_max: 1048576 in_flight_deltas_max: %d path_definitions_max: 4096"
REFUSED = "items { seq: 1 refused { reason: WRONG_TYPE } }"


class NodeTest(unittest.TestCase):
    def setUp(self):
        self.node = Node("shop", "web-1")
        self.ends = []

    def receive(self, text, now=0.0):
        self.node.receive(text_format.Parse(text, frames_pb2.HubFrame()), now)

    def next_frame(self, now=0.0):
        return self.node.next_frame(now) or frames_pb2.NodeFrame()

    def attach(self, features=FEATURES, in_flight_max=100, more=""):
        self.assertTrue(self.next_frame().HasField("hello"))
        self.receive(f'attached {{ history_id: "one" features: {features} {more} '
                     f'limits {{ {LIMITS % in_flight_max} }} }}')

    def attach_again(self, **settings):
        self.node.stream_down()
        self.node.stream_up()
        self.attach(**settings)

    def open(self, idle_timeout_ms=0):
        self.node.add_open(OpenRequest(b"ada", 0, self.ends.append))
        request = self.next_frame().opens[0].request
        self.receive(f"items {{ handle: 3 opened {{ request: {request} number: 77 }} }} items "
                     f"{{ handle: 3 span: 5 catch_up {{ replace: true "
                     f"idle_timeout_ms: {idle_timeout_ms} }} }}")
        return self.ends.pop()

    def commit(self, copy, **terms):
        self.node.commit(copy, delta_of([put("n", 1)], **terms), "durable", self.ends.append)

    def lock(self, copy, wait_until=60.0):
        request = LockRequest(copy, 30_000, self.ends.append, wait_until)
        self.node.ask_hub(request)
        return request

    def grant(self, request, version):
        self.receive(f"items {{ answer {{ request: {request.request} "
                     f"lock_token: 9 version: {version} }} }}")

    def codes(self):
        return [getattr(end, "code", end) for end in self.ends]


class CommitTest(NodeTest):
    def test_what_follows_a_refused_commit_and_was_not_sent_is_not_sent(self):
        self.attach(in_flight_max=1)
        copy = self.open()
        self.commit(copy)
        for _ in range(2000):
            self.commit(copy, after_previous=True)
        self.assertEqual(len(self.next_frame().deltas), 1)
        self.receive(REFUSED)
        self.assertEqual(self.codes(), ["FAILED_PRECONDITION"] + ["ABORTED"] * 2000)
        self.assertEqual(len(self.next_frame().deltas), 0)

    def test_a_refusal_is_not_forgotten_while_what_follows_it_is_on_its_way(self):
        self.attach()
        copy = self.open()
        self.commit(copy)
        self.commit(copy, after_previous=True)
        self.assertEqual(len(self.next_frame().deltas), 2)
        self.receive(REFUSED)
        self.assertEqual(self.next_frame().answers_seen_through, 0)
        self.attach_again(more="lease_held: true")
        again = self.next_frame()
        self.assertEqual((again.first_seq, again.answers_seen_through), (2, 0))
        self.receive("items { seq: 2 refused { reason: PREVIOUS_REFUSED } }")
        self.assertEqual(self.next_frame().answers_seen_through, 2)

    def test_a_hub_that_lacks_a_feature_is_not_sent_it(self):
        self.attach(features=0)
        copy = self.open()
        self.commit(copy, if_version=5)
        self.commit(copy)
        frame = self.next_frame()
        self.assertEqual((len(frame.deltas), frame.first_seq), (1, 2))
        self.assertEqual(self.codes(), ["UNIMPLEMENTED"])

    def test_what_an_older_hub_cannot_take_and_may_be_applied_ends_unknown(self):
        self.attach()
        self.commit(self.open(), if_version=5)
        self.assertEqual(len(self.next_frame().deltas), 1)
        self.attach_again(features=0, more="lease_held: true")
        self.assertEqual(len(self.next_frame().deltas), 0)
        self.assertEqual(self.codes(), ["UNAVAILABLE"])


class LockTest(NodeTest):
    def test_a_lock_that_nobody_waits_for_any_more_is_given_back(self):
        self.attach()
        request = self.lock(self.open())
        self.assertEqual(self.next_frame().locks[0].wait_ms, 60_000)
        request.abandoned = True
        self.attach_again(more="lease_held: true")
        self.assertEqual(self.next_frame(now=20.0).locks[0].wait_ms, 0)
        self.grant(request, version=5)
        self.assertEqual([one.token for one in self.next_frame().unlocks], [9])

    def test_the_rest_of_the_wait_is_asked_for_after_a_cut(self):
        self.attach()
        self.lock(self.open())
        self.next_frame()
        self.attach_again(more="lease_held: true")
        self.assertEqual(self.next_frame(now=20.0).locks[0].wait_ms, 40_000)

    def test_a_holder_sees_what_the_one_before_has_written(self):
        self.attach()
        copy = self.open()
        request = self.lock(copy)
        self.next_frame()
        self.receive("items { handle: 3 from: 5 invalidated: true }")
        self.grant(request, version=6)
        self.assertEqual(self.ends, [])
        self.assertEqual([one.version for one in self.next_frame().resumes], [5])
        self.receive("items { handle: 3 from: 5 span: 1 catch_up { } }")
        self.assertEqual(self.ends, [(9, 6)])


class TouchTest(NodeTest):
    def test_uses_are_told_once_in_a_tenth_of_the_timeout_and_the_last_in_any_case(self):
        self.attach()
        copy = self.open(idle_timeout_ms=100_000)
        self.node.uses.note(copy, now=20.0)
        self.node.uses.note(copy, now=21.0)
        self.assertEqual([one.ago_ms for one in self.next_frame(now=22.0).touches], [1000])
        self.node.uses.note(copy, now=23.0)
        self.assertEqual(len(self.next_frame(now=31.9).touches), 0)
        self.assertEqual(self.node.next_touch_at(), 32.0)
        self.assertEqual([one.ago_ms for one in self.next_frame(now=32.0).touches], [9000])
        self.node.uses.note(copy, now=33.0)
        self.node.uses.hurry = True
        self.assertEqual([one.ago_ms for one in self.next_frame(now=33.5).touches], [500])

    def test_a_commit_is_a_use_that_needs_no_touch(self):
        self.attach()
        copy = self.open(idle_timeout_ms=100_000)
        self.node.uses.note(copy, now=20.0)
        self.commit(copy)
        frame = self.next_frame(now=90.0)
        self.assertEqual((len(frame.deltas), len(frame.touches)), (1, 0))


class StreamTest(NodeTest):
    def end_session(self):
        self.receive("items { handle: 3 ended { why: DELETED } }")

    def test_a_close_that_may_not_have_been_read_is_sent_again_after_a_cut(self):
        self.attach()
        self.open()
        self.end_session()
        self.assertEqual(list(self.next_frame().closes), [3])
        self.attach_again(more="lease_held: true")
        self.assertEqual(list(self.next_frame().closes), [3])
        self.attach_again(more="lease_held: false")
        self.assertEqual(list(self.next_frame().closes), [])

    def test_a_handle_that_is_given_anew_is_not_closed_again(self):
        self.attach()
        self.open()
        self.end_session()
        self.next_frame()
        self.assertFalse(self.open().ended)
        self.attach_again(more="lease_held: true")
        self.assertEqual(list(self.next_frame().closes), [])

    def test_what_waited_while_the_process_stood_still_makes_nothing_fresh(self):
        self.attach(more="lease_ms: 30000")
        copy = self.open()
        self.receive("", now=29.0)
        self.assertFalse(self.node.leave)
        self.receive("items { handle: 3 from: 5 changes {} }", now=60.0)
        self.assertTrue(self.node.leave)
        self.assertEqual((self.node.heard_at, copy.version), (29.0, 5))
        self.attach_again(more="lease_ms: 30000")  # at a time long after the last stream's end
        self.assertFalse(self.node.leave)

    def test_who_does_not_wait_for_a_delivery_any_more_has_a_durable_change(self):
        self.attach()
        copy = self.open()
        self.node.commit(copy, delta_of([put("n", 1)]), "delivered", self.ends.append)
        self.next_frame()
        self.node.commits.give_up_delivery(self.ends.append)
        self.assertEqual(self.ends, [])  # it is not durable yet
        self.receive("items { seq: 1 from: 5 }")
        self.assertEqual(self.ends, [])
        self.node.commits.give_up_delivery(self.ends.append)
        self.assertEqual(self.ends, [(6, False, ())])

    def test_why_growth_waits_is_known_while_it_does_and_the_stream_stands(self):
        self.attach()
        self.receive('growth_waits: "the disk is full"')
        self.receive("")
        self.assertEqual(self.node.growth_waits, "the disk is full")
        self.receive('growth_waits: ""')
        self.assertEqual(self.node.growth_waits, "")
        self.receive('growth_waits: "the disk is full"')
        self.attach_again()
        self.assertEqual(self.node.growth_waits, "")


if __name__ == "__main__":
    unittest.main()
