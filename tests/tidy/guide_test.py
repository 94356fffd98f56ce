#!/usr/bin/env python3
"""The code in docs/client.md is built and run: it stands in the example, line for line."""

import pathlib
import re
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "client/cpp/examples/guide.cc"


def runs_of(lines, count):
    """Each run of `count` lines, without their common indent."""
    for begin in range(len(lines) - count + 1):
        yield textwrap.dedent("\n".join(lines[begin:begin + count])).splitlines()


class GuideTest(unittest.TestCase):

    def test_each_block_stands_in_the_example(self):
        guide = (ROOT / "docs/client.md").read_text(encoding="utf-8")
        example = EXAMPLE.read_text(encoding="utf-8").splitlines()
        blocks = re.findall(r"^```cpp\n(.*?)^```", guide, re.M | re.S)
        self.assertGreater(len(blocks), 5)
        for block in blocks:
            lines = block.splitlines()
            self.assertIn(lines, list(runs_of(example, len(lines))))


if __name__ == "__main__":
    unittest.main()
