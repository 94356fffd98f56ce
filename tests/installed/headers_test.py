#!/usr/bin/env python3
"""The installed headers: each stands alone, in C++17, and shows no library but Abseil's status.

Environment: SESSIONHUB_TREE, where `cmake --install` has put everything; CXX, the compiler.
"""

import os
import pathlib
import re
import subprocess
import unittest

INCLUDE = pathlib.Path(os.environ["SESSIONHUB_TREE"]) / "include"
HEADERS = sorted(header.relative_to(INCLUDE).as_posix() for header in INCLUDE.rglob("*.h"))
INCLUDED = re.compile(r'^#include "(.*)"', re.MULTILINE)
OTHERS_ALLOWED = ("absl/status/", "absl/strings/")


class Headers(unittest.TestCase):
    def test_all_are_there(self):
        self.assertLessEqual({"sessionhub/client.h", "sessionhub/session.h", "sessionhub/value.h"},
                             set(HEADERS))

    def test_each_compiles_alone_in_cxx17(self):
        for header in HEADERS:
            with self.subTest(header):
                command = [os.environ["CXX"], "-std=c++17", "-fsyntax-only", "-Wall", "-Wextra",
                           "-Wpedantic", "-Werror", f"-I{INCLUDE}", "-x", "c++", "-"]
                done = subprocess.run(command, input=f'#include "{header}"\n', text=True,
                                      capture_output=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_includes_what_is_installed_or_public(self):
        for header in HEADERS:
            for included in INCLUDED.findall((INCLUDE / header).read_text(encoding="utf-8")):
                with self.subTest(header, included=included):
                    self.assertTrue(included in HEADERS or included.startswith(OTHERS_ALLOWED))


if __name__ == "__main__":
    unittest.main()
