#!/usr/bin/env python3
"""A hub stops for a variable SESSIONHUB_* that it does not know: it knows all that others read."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("bench", "client", "hub", "proto", "tests")
# How C++, CLI11 and Python read a variable, and ctest sets one.
READS = re.compile(r'(?:getenv\(|envname\(|kVariable = |environ\[|environ\.get\(|'
                   r'os\.environ, )"(SESSIONHUB_\w+)"')
SETS = re.compile(r"ENVIRONMENT\s+\"?((?:[\w$<>:,.{}/-]+=[^;\s]*;?)+)")


def variables_of(path):
    text = path.read_text(encoding="utf-8")
    yield from READS.findall(text)
    if path.name == "CMakeLists.txt":
        for settings in SETS.findall(text):
            yield from re.findall(r"(?:^|;)(SESSIONHUB_\w+)=", settings)


class EnvironmentTest(unittest.TestCase):
    def test_the_hub_leaves_alone_what_others_read(self):
        known = (ROOT / "hub/options/environment.cc").read_text(encoding="utf-8")
        found = set()
        for folder in FOLDERS:
            for path in (ROOT / folder).rglob("*"):
                if path.suffix in (".cc", ".h", ".py", ".txt") and path.is_file():
                    found.update(variables_of(path))
        self.assertIn("SESSIONHUB_ENDPOINT", found)
        self.assertIn("SESSIONHUB_TREE", found)
        for name in sorted(found):
            if not name.startswith("SESSIONHUB_TEST_"):
                self.assertIn(f'"{name}"', known, "name it in hub/options/environment.cc")


if __name__ == "__main__":
    unittest.main()
