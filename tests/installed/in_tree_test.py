#!/usr/bin/env python3
"""A project that has this one in a folder, as the README says.

It is configured and not built: the same sources are, elsewhere. Environment: CXX, the compiler.
"""

import pathlib
import subprocess
import tempfile
import unittest

import readme

ROOT = pathlib.Path(__file__).resolve().parents[2]


class InTree(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "shop.cc").touch()
        (self.folder / "sessionhub").symlink_to(ROOT)
        (self.folder / "CMakeLists.txt").write_text(
            readme.block("cmake", "add_subdirectory(sessionhub"), encoding="utf-8")

    def must(self, *command):
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def test_builds_the_client_and_no_more_and_installs_nothing(self):
        self.must("cmake", "-G", "Ninja", "-S", ".", "-B", "build")
        steps = self.must("ninja", "-C", "build", "-n", "-v")
        self.assertIn("client_impl.cc.o", steps)
        self.assertIn("-o shop", steps)
        self.assertNotIn("hub/main.cc", steps)
        self.must("cmake", "--install", "build", "--prefix", "installed")
        self.assertFalse((self.folder / "installed").exists())


if __name__ == "__main__":
    unittest.main()
