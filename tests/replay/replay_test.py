#!/usr/bin/env python3
"""`sessionhub-bench replay` over a small log and over what is none: exit codes, table and file.

   replay_test.py SESSIONHUB_BENCH
"""

import gzip
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

LOG = pathlib.Path(__file__).resolve().parent / "access.log"
STRATEGIES = 16


class ReplayTest(unittest.TestCase):
    bench = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sessionhub-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def replay(self, *arguments):
        return subprocess.run([self.bench, "replay", *map(str, arguments)], timeout=100,
                              capture_output=True, text=True, errors="replace", check=False)

    def figures(self, *arguments):
        """Of a run that ends well."""
        path = self.folder / "figures.json"
        run = self.replay(*arguments, "--json", path)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(path.read_text(encoding="utf-8")), run.stdout

    def write(self, data):
        path = self.folder / "log"
        path.write_bytes(data)
        return path

    def test_a_small_log(self):
        figures, said = self.figures("--log", LOG, "--nodes", 3)
        read = figures["input"]
        self.assertEqual((read["lines"], read["bad_lines"], read["static_requests"]), (16, 3, 1))
        self.assertEqual((read["sessions"], read["requests"]), (4, 12))
        self.assertEqual((read["creating"], read["changing"], read["read_only"]), (4, 4, 4))
        self.assertEqual(read["out_of_order"], 1)
        self.assertEqual(len(figures["strategies"]), STRATEGIES)
        self.assertIn("3 bad", said)
        self.assertIn("access.log:13: ", said)
        for strategy in figures["strategies"]:
            self.assertIn(strategy["title"], said)

    def test_each_byte_is_there_again(self):
        """The same log gives the same figures; compressed, too."""
        packed = self.write(gzip.compress(LOG.read_bytes()))
        plain, _ = self.figures("--log", LOG)
        again, _ = self.figures("--log", packed)
        self.assertEqual(plain["strategies"], again["strategies"])

    def test_a_cookie_names_the_session(self):
        figures, _ = self.figures("--log", LOG, "--session-cookie", "sid")
        self.assertEqual(figures["input"]["sessions"], 2)

    def test_baskets(self):
        baskets = self.write(b"85123A,71053,85123A\n22633\n")
        figures, _ = self.figures("--baskets", baskets, "--nodes", 2)
        self.assertEqual(figures["input"]["requests"], 4)

    def test_bad_lines_of_baskets_are_told(self):
        lines = (b"22633,85123A", b"", b",,", b"x" * (2**20 + 1), b"\0\1\2", b"a\x1fb,c")
        figures, said = self.figures("--baskets", self.write(b"\n".join(lines)))
        read = figures["input"]
        self.assertEqual((read["lines"], read["bad_lines"]), (6, 5))
        self.assertEqual((read["sessions"], read["requests"]), (1, 2))
        self.assertIn("read: 6 lines, 5 bad", said)
        self.assertEqual(len(read["first_bad_lines"]), 5)
        for line in read["first_bad_lines"]:
            self.assertIn(line, said)

    def test_what_holds_no_basket_is_told(self):
        for data in (b"", b"\n\n", b",,\n,", b"\0" * 100_000, b"x" * (2**20 + 1),
                     gzip.compress(b""), b"\x1f\x8b"):
            run = self.replay("--baskets", self.write(data))
            self.assertEqual(run.returncode, 1, data[:20])
            self.assertIn("there is no request to replay", run.stderr)

    def test_a_log_that_is_cut_short_is_replayed_up_to_there(self):
        packed = gzip.compress(LOG.read_bytes() * 500)
        figures, said = self.figures("--log", self.write(packed[:len(packed) // 2]))
        self.assertIn("cut short", said)
        self.assertGreater(figures["input"]["requests"], 0)

    def test_what_is_no_log_is_told(self):
        noise = random.Random(7)
        for data in (b"", b"\n\n", noise.randbytes(200_000), b"\0" * 100_000, b"x" * 300_000,
                     gzip.compress(b""), gzip.compress(noise.randbytes(50_000)), b"\x1f\x8b",
                     b"\x1f\x8b\x08" + noise.randbytes(1000)):
            run = self.replay("--log", self.write(data))
            self.assertEqual(run.returncode, 1, data[:20])
            self.assertIn("there is no request to replay", run.stderr)

    def test_wrong_usage(self):
        for arguments in ((), ("--log", LOG, "--baskets", LOG), ("--log", self.folder / "none"),
                          ("--log", LOG, "--nodes", 0), ("--log", LOG, "--nodes", 257),
                          ("--log", LOG, "--value-bytes", 5000),
                          ("--log", LOG, "--session-field", 1, "--session-cookie", "sid")):
            run = self.replay(*arguments)
            self.assertEqual(run.returncode, 2, arguments)
            self.assertNotEqual(run.stderr + run.stdout, "")

    def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(self):
        for path in (self.folder / "none" / "figures.json", self.folder):
            for log in (LOG, self.write(b"no log")):
                run = self.replay("--log", log, "--json", path)
                self.assertEqual(run.returncode, 1)
                self.assertIn(f"cannot write the figures to {path}", run.stderr)
                self.assertEqual(run.stdout, "")

    def test_a_replay_that_fails_leaves_the_file_as_it_was(self):
        path = self.folder / "figures.json"
        arguments = ("--log", self.write(b"no log"), "--json", path)
        self.assertEqual(self.replay(*arguments).returncode, 1)
        self.assertFalse(path.exists())
        path.write_text("older", encoding="utf-8")
        self.assertEqual(self.replay(*arguments).returncode, 1)
        self.assertEqual(path.read_text(encoding="utf-8"), "older")


if __name__ == "__main__":
    ReplayTest.bench = sys.argv.pop(1)
    unittest.main()
