#!/usr/bin/env python3
"""A program is built with what libsessionhub-dev and the package of the library bring, and with
nothing else of this tree.

   development_test.py PACKAGES
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

INSTALLED = pathlib.Path(__file__).resolve().parents[1] / "installed"
sys.path.append(str(INSTALLED))

import readme  # pylint: disable=wrong-import-position
import symbols  # pylint: disable=wrong-import-position


class DevelopmentTest(unittest.TestCase):
    packages = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root = self.folder / "root"
        for package in self.packages.glob("libsessionhub-*.deb"):
            self.must("dpkg-deb", "-x", package, self.root)
        self.library, = self.root.glob("usr/lib/*/libsessionhub_client.so")
        self.environment = os.environ | {
            "PKG_CONFIG_PATH": str(self.library.parent / "pkgconfig"),
            "LD_LIBRARY_PATH": str(self.library.parent)}
        shutil.copy(INSTALLED / "shop.cc", self.folder)

    def must(self, *command):
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False,
                              env=getattr(self, "environment", None))
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def check(self, program, is_shared):
        self.assertEqual(self.must(program), "")
        needed = symbols.dynamic(program, "NEEDED")
        self.assertEqual(any("libsessionhub_client.so." in name for name in needed), is_shared)

    def build(self, cmake_lists):
        (self.folder / "CMakeLists.txt").write_text(cmake_lists, encoding="utf-8")
        self.must("cmake", "-G", "Ninja", "-S", ".", "-B", "build",
                  f"-DCMAKE_PREFIX_PATH={self.root}/usr", "-DCMAKE_CXX_STANDARD=17")
        self.must("cmake", "--build", "build")
        return self.folder / "build/shop"

    def test_find_package_of_the_shared_library(self):
        self.check(self.build(readme.block("cmake", "find_package(sessionhub")), is_shared=True)

    def test_find_package_of_the_static_library(self):
        lines = readme.block("cmake", "find_package(sessionhub")
        lines = lines.replace("REQUIRED)", "REQUIRED COMPONENTS static)")
        lines = lines.replace("sessionhub::client)", "sessionhub::client_static)")
        self.check(self.build(lines), is_shared=False)

    def test_pkg_config(self):
        shared = readme.block("sh", "pkg-config").splitlines()[0]
        self.must("sh", "-c", shared)
        self.check(self.folder / "shop", is_shared=True)


if __name__ == "__main__":
    DevelopmentTest.packages = pathlib.Path(sys.argv.pop()).resolve()
    unittest.main(verbosity=2)
