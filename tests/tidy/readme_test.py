#!/usr/bin/env python3
"""The README's request handler is code that is built, and it names every public header."""

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

    def test_each_public_header_is_linked(self):
        headers = [*ROOT.glob("client/cpp/include/sessionhub/*.h"),
                   *ROOT.glob("proto/sessionhub/*.h")]
        self.assertEqual(len(headers), 12, "the README says twelve")
        for page in ("README.md", "docs/client.md"):
            text = (ROOT / page).read_text(encoding="utf-8")
            for header in headers:
                with self.subTest(page, header=header.name):
                    self.assertTrue(header.name == "export.h"
                                    or str(header.relative_to(ROOT)) in text)


if __name__ == "__main__":
    unittest.main()
