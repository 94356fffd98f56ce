#!/usr/bin/env python3
"""A hub does nothing that its service forbids it, where it starts, serves and stops: no system call
of another kind, no socket of another family, no memory that is written and run.

   system_calls_test.py FOLDER_OF_PROGRAMS

Of programs without a sanitizer, which makes calls of its own. Needs strace and systemd-analyze.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

TREE = pathlib.Path(__file__).resolve().parents[2]
UNIT = TREE / "deploy/systemd/sessionhub.service"
PATIENCE_S = 60  # Only a failing test sees it.
# systemd adds it to each list of what is allowed.
ALWAYS = "@default"
# By which strace starts what it traces.
OF_STRACE = {"execve"}


def settings(name):
    text = UNIT.read_text(encoding="utf-8")
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


def members(word):
    """The system calls of a group of systemd's, with those of the groups in it; or the one."""
    if not word.startswith("@"):
        return {word}
    listing = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", word], check=True,
                             capture_output=True, text=True).stdout
    words = re.findall(r"^ +(@?[\w-]+)$", listing, re.MULTILINE)
    return set().union(*map(members, words))


def allowed():
    names = members(ALWAYS)
    for line in settings("SystemCallFilter"):
        listed = set().union(*map(members, line.removeprefix("~").split()))
        names = names - listed if line.startswith("~") else names | listed
    return names


def wait_for(condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it takes too long")
        time.sleep(0.01)


class SystemCallsTest(unittest.TestCase):
    programs = None

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        port_file, trace = folder / "port", folder / "trace"
        # No bytes of what is read and written. The tracer is the parent, and ends with the hub.
        tracer = subprocess.Popen(
            ["strace", "-f", "-qq", "-s", "0", "-e", "signal=none", "-o", trace,
             cls.programs / "sessionhubd", "--listen", "127.0.0.1:0", "--data-dir",
             folder / "data", "--port-file", port_file, "--metrics-listen", "127.0.0.1:0",
             "--metrics-port-file", folder / "metrics_port", "--audit-file", folder / "audit",
             "--backup-dir", folder / "backups"],
            stderr=subprocess.DEVNULL)
        cls.addClassCleanup(tracer.wait)
        cls.addClassCleanup(tracer.kill)
        wait_for(lambda: port_file.exists() or tracer.poll() is not None)
        hub = int(re.match(r"\d+", trace.read_text(encoding="utf-8"))[0])
        endpoint = f"127.0.0.1:{port_file.read_text().strip()}"
        for command in ((cls.programs / "hello_session", endpoint, "my-cookie"),
                        (cls.programs / "sessionhubctl", "--endpoint", endpoint, "status"),
                        (cls.programs / "sessionhubctl", "--endpoint", endpoint, "backup",
                         "create")):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE_S)
        metrics = f"http://127.0.0.1:{(folder / 'metrics_port').read_text().strip()}/metrics"
        with urllib.request.urlopen(metrics, timeout=PATIENCE_S) as page:
            page.read()
        subprocess.run(["kill", "-TERM", str(hub)], check=True)
        if tracer.wait(timeout=PATIENCE_S) != 0:
            raise AssertionError(f"sessionhubd ended with {tracer.returncode}")
        cls.trace = trace.read_text(encoding="utf-8")

    def calls(self, name):
        """The arguments of each call of that name."""
        return re.findall(rf"^\d+ +{name}\((.*)$", self.trace, re.MULTILINE)

    def test_system_calls(self):
        used = set(re.findall(r"^\d+ +(\w+)\(", self.trace, re.MULTILINE))
        self.assertIn("fdatasync", used)
        self.assertEqual(used - OF_STRACE - allowed(), set())

    def test_families_of_sockets(self):
        families = {arguments.split(",")[0] for arguments in self.calls("socket")}
        self.assertIn("AF_INET", families)
        known, = settings("RestrictAddressFamilies")
        self.assertLessEqual(families, set(known.split()))

    def test_no_memory_is_written_and_run(self):
        self.assertEqual(settings("MemoryDenyWriteExecute"), ["yes"])
        maps = self.calls("mmap") + self.calls("mprotect")
        self.assertNotEqual(maps, [])
        self.assertEqual([call for call in maps if "PROT_WRITE|PROT_EXEC" in call], [])


if __name__ == "__main__":
    SystemCallsTest.programs = pathlib.Path(sys.argv.pop()).resolve()
    unittest.main(verbosity=2)
