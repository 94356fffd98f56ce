#!/usr/bin/env python3
"""A project that has nothing of this tree but what is installed: built as the README says, and run.

Environment: SESSIONHUB_TREE, where `cmake --install` has put everything; CXX, the compiler;
SESSIONHUB_SONAME.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import readme
import symbols
from installed_hub import PATIENCE_S, InstalledHub

HERE = pathlib.Path(__file__).resolve().parent
TREE = pathlib.Path(os.environ["SESSIONHUB_TREE"])
SONAME = os.environ["SESSIONHUB_SONAME"]
SHARED, STATIC = "sessionhub::client)", "sessionhub::client_static)"

# Nothing of the caller's that could help.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "CXX") if name in os.environ} | {
    "PKG_CONFIG_PATH": str(TREE / "lib/pkgconfig"), "LD_LIBRARY_PATH": str(TREE / "lib")}


def run(*command, folder=None):
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
                          timeout=10 * PATIENCE_S, check=False)


class Outside(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = cls.enterClassContext(InstalledHub(TREE))

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copy(HERE / "shop.cc", self.folder)

    def must(self, *command):
        done = run(*command, folder=self.folder)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def build(self, cmake_lists, *options, target="shop"):
        (self.folder / "CMakeLists.txt").write_text(cmake_lists, encoding="utf-8")
        self.must("cmake", "-G", "Ninja", "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={TREE}",
                  "-DCMAKE_CXX_STANDARD=17", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror", *options)
        self.must("cmake", "--build", "build")
        return self.folder / "build" / target

    def check(self, program, is_shared):
        """That `program` works with a hub, is silent without one, and is linked as it should."""
        cookie = f"{self.id()}-{is_shared}"
        for quantity in (2, 4):
            done = run(program, self.hub.endpoint, cookie)
            self.assertEqual((done.returncode, done.stderr, done.stdout),
                             (0, "", f'cart/last = "85123A"\ncart/qty = {quantity}\n'))
        done = run(program)
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", ""))
        self.assertEqual(SONAME in symbols.dynamic(program, "NEEDED"), is_shared)

    def test_find_package(self):
        # The shared library's users need nothing that it uses inside.
        self.check(self.build(readme.block("cmake", "find_package(sessionhub"),
                              "-DCMAKE_DISABLE_FIND_PACKAGE_gRPC=ON",
                              "-DCMAKE_DISABLE_FIND_PACKAGE_Protobuf=ON", "--no-warn-unused-cli"),
                   is_shared=True)

    def test_find_package_of_the_static_library(self):
        shared = readme.block("cmake", "find_package(sessionhub")
        static = shared.replace("REQUIRED)", "REQUIRED COMPONENTS static)").replace(SHARED, STATIC)
        self.check(self.build(static), is_shared=False)

    def test_find_package_of_the_hub_for_tests(self):
        shutil.copy(HERE / "shop_test.cc", self.folder)
        program = self.build(readme.block("cmake", "COMPONENTS testing", page="docs/client.md"),
                             target="shop_test")
        done = run(program)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "cart/qty = 2 after a restart; expired: NOT_FOUND\n")

    def test_a_component_that_is_none_is_refused(self):
        shared = readme.block("cmake", "find_package(sessionhub")
        (self.folder / "CMakeLists.txt").write_text(
            shared.replace("REQUIRED)", "REQUIRED COMPONENTS sttaic)"), encoding="utf-8")
        done = run("cmake", "-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={TREE}",
                   folder=self.folder)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("sttaic", done.stderr)

    def test_pkg_config(self):
        shared, static = readme.block("sh", "pkg-config").splitlines()
        for line, is_shared in ((shared, True), (static, False)):
            with self.subTest(line):
                self.assertTrue(line.startswith("g++ "))
                self.must("sh", "-c", line.replace("g++", '"$CXX"', 1))
                self.check(self.folder / "shop", is_shared)

    def test_the_installed_programs_work(self):
        for program in ("sessionhubd", "sessionhubctl", "sessionhub-folder", "sessionhub-bench"):
            self.assertIn(SONAME.split(".so.")[1], self.must(TREE / "bin" / program, "--version"))
        status = self.must(TREE / "bin/sessionhubctl", "--endpoint", self.hub.endpoint, "status")
        self.assertNotEqual(status, "")


if __name__ == "__main__":
    unittest.main()
