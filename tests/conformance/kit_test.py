"""The kit can fail: what it must notice, it notices."""
import os
import pathlib
import subprocess
import sys
import unittest

KIT = pathlib.Path(__file__).parents[2] / "proto" / "conformance"
sys.path[:0] = [os.environ["SESSIONHUB_PROTO_PYTHON"], str(KIT)]

# pylint: disable=wrong-import-position
import scripted_hub  # noqa: E402
import transcript  # noqa: E402
from sessionhub.v1 import delta_pb2, frames_pb2  # noqa: E402


def difference(expected, found):
    variables = transcript.Variables()
    parsed = transcript.parse(frames_pb2.Open, variables.mark(expected), 1)
    return transcript.difference(parsed, transcript.parse(frames_pb2.Open, found, 1), variables)


class TranscriptTest(unittest.TestCase):
    def test_a_field_that_differs_is_named(self):
        self.assertIsNone(difference('id: "ada"', 'id: "ada" request: 3'))
        self.assertIn("id", difference('id: "ada"', 'id: "bob"'))
        self.assertIn("version", difference("version: 5", 'id: "ada"'))

    def test_a_variable_is_the_same_ever_after(self):
        self.assertIsNone(difference("request: $r version: $r", "request: 7 version: 7"))
        self.assertIn("version", difference("request: $r version: $r", "request: 7 version: 8"))

    def test_lists_have_the_same_length(self):
        variables = transcript.Variables()
        one = transcript.parse(delta_pb2.Delta, 'ops { path: "a" put_int: 1 }', 1)
        two = transcript.parse(delta_pb2.Delta, 'ops { path: "a" put_int: 1 } ops { path: "b" }', 1)
        self.assertIn("ops", transcript.difference(one, two, variables))
        self.assertIsNone(transcript.difference(one, one, variables))

    def test_every_transcript_can_be_read_and_says_what_it_is_about(self):
        for path in (KIT / "transcripts").glob("*.txt"):
            steps, about = transcript.read(path)
            self.assertGreater(len(steps), 3, path)
            self.assertTrue(about, path)


class InboxTest(unittest.TestCase):
    def test_what_is_left_to_the_node_is_no_error_up_to_its_count(self):
        attach = scripted_hub.Attach(None, {})
        attach.optional["touches"] = 1
        attach.take(frames_pb2.NodeFrame(touches=[{"handle": 3}]))
        self.assertEqual(attach.unexpected(), {})
        attach.take(frames_pb2.NodeFrame(touches=[{"handle": 3}]))
        self.assertEqual(attach.unexpected(), {"touches": 2})


class RunTest(unittest.TestCase):
    def run_kit(self, *command):
        return subprocess.run(
            [sys.executable, KIT / "run.py", "--only", "attach", "--", *command], text=True,
            capture_output=True, check=False, env={**os.environ, "SESSIONHUB_KIT_WAIT_S": "0.3"})

    def test_a_client_that_does_nothing_fails(self):
        done = self.run_kit("cat", "/dev/null")
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("did not attach", done.stdout)
        self.assertIn("0 passed, 1 failed", done.stdout)


if __name__ == "__main__":
    unittest.main()
