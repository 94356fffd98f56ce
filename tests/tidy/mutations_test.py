#!/usr/bin/env python3
"""The deliberate bugs of tests/mutations fit the tree: tests/mutate can apply each of them."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATCHES = sorted((ROOT / "tests/mutations").glob("*.patch"))
PRODUCT = ("proto/session/", "interest/", "hub/", "client/cpp/src/")


def promises():
    """The names that docs/guarantees.md gives to what is promised."""
    guarantees = (ROOT / "docs/guarantees.md").read_text(encoding="utf-8")
    return set(re.findall(r"^## (\w+)$", guarantees, re.M))


def why_not_applied(patch_text):
    """What `patch` says against it, without changing anything; empty if it applies as it is."""
    done = subprocess.run(
        ["patch", "--dry-run", "--strip=1", "--forward", "--batch", "--fuzz=0"],
        cwd=ROOT, input=patch_text, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


class MutationsTest(unittest.TestCase):

    def test_there_are_some_for_most_promises(self):
        broken = {re.match(r"Promise: (\w+)", path.read_text(encoding="utf-8"))[1]
                  for path in PATCHES}
        self.assertGreaterEqual(len(PATCHES), 14)
        self.assertGreaterEqual(len(broken), 9)

    def test_each_says_which_promise_it_breaks_and_how(self):
        for path in PATCHES:
            with self.subTest(path.name):
                head, _, _ = path.read_text(encoding="utf-8").partition("\n--- ")
                promise, text = head.split("\n", 1)
                self.assertIn(re.fullmatch(r"Promise: (\w+)( \(.+\))?", promise)[1], promises())
                self.assertRegex(text.strip(), r"(?s)^[A-Z].{40,}\.$")

    def test_each_changes_the_product_only(self):
        for path in PATCHES:
            with self.subTest(path.name):
                changed = re.findall(r"^\+\+\+ b/(.*)$", path.read_text(encoding="utf-8"), re.M)
                self.assertTrue(changed)
                for name in changed:
                    self.assertTrue(name.startswith(PRODUCT), name)

    def test_each_applies(self):
        for path in PATCHES:
            with self.subTest(path.name):
                self.assertEqual(why_not_applied(path.read_text(encoding="utf-8")), "")

    def test_one_that_does_not_apply_is_found(self):
        stale = re.sub(r"^-(.*)$", r"-\1 // stale", PATCHES[0].read_text(encoding="utf-8"),
                       flags=re.M)
        self.assertNotEqual(why_not_applied(stale), "")


if __name__ == "__main__":
    unittest.main()
