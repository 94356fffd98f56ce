#!/usr/bin/env python3
"""The README's request handler is code that is built."""

import pathlib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "client/cpp/examples/request_handler.cc"


def between(text, begin, end):
    """What stands between the first `begin` and the `end` after it; fails if one is missing."""
    head, found_begin, tail = text.partition(begin)
    body, found_end, _ = tail.partition(end)
    if not (found_begin and found_end):
        raise AssertionError(f"{begin!r} or {end!r} is missing")
    return body.splitlines()


class ReadmeTest(unittest.TestCase):
    maxDiff = None

    def test_request_handler_is_the_example(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        example = EXAMPLE.read_text(encoding="utf-8")
        self.assertEqual(between(readme, "```cpp\n", "```\n"),
                         between(example, "// README begins.\n", "// README ends.\n"))


if __name__ == "__main__":
    unittest.main()
