#!/usr/bin/env python3
"""A hub starts with what the packages and the container files give it.

   configuration_test.py SESSIONHUBD [TEST...]
"""

import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import skipping

try:
    import yaml
except ImportError:  # python3-yaml
    yaml = None

TREE = pathlib.Path(__file__).resolve().parents[2]
CONFIGURATION = TREE / "deploy/config/sessionhub.conf"
PATIENCE_S = 60  # Only a failing test sees it.


def load(path):
    return yaml.safe_load((TREE / path).read_text(encoding="utf-8"))


class ConfigurationTest(unittest.TestCase):
    sessionhubd = ""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def check_starts(self, options):
        """With a folder and a port of its own in place of those that are given."""
        port_file = self.folder / "port"
        hub = subprocess.Popen(
            [self.sessionhubd, *options, "--data-dir", self.folder / "data",
             "--listen", "127.0.0.1:0", "--port-file", port_file],
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(hub.stderr.close)
        self.addCleanup(hub.wait)
        self.addCleanup(hub.kill)
        end = time.monotonic() + PATIENCE_S
        while not port_file.exists():
            if hub.poll() is not None:
                self.fail(f"{options}: exit {hub.returncode}\n{hub.stderr.read()}")
            self.assertLess(time.monotonic(), end, "the hub is not ready")
            time.sleep(0.01)
        hub.send_signal(signal.SIGTERM)
        self.assertEqual(hub.wait(timeout=PATIENCE_S), 0)

    def without(self, options, *names):
        """`options` without those that the test gives itself, each with a value."""
        left = list(options)
        for name in names:
            if name in left:
                at = left.index(name)
                del left[at:at + 2]
        if "--metrics-listen" in left:
            left[left.index("--metrics-listen") + 1] = "127.0.0.1:0"
        return left

    def test_a_hub_starts_with_the_file(self):
        self.check_starts(["--config", CONFIGURATION])

    @unittest.skipIf(yaml is None, "python3-yaml is missing: deploy/install-packages package")
    def test_a_hub_starts_with_the_options_of_the_containers(self):
        compose = load("deploy/compose/compose.yaml")["services"]["hub"]["command"]
        pod = load("deploy/kubernetes/statefulset.yaml")["spec"]["template"]["spec"]
        for options in (compose, pod["containers"][0]["args"]):
            with self.subTest(options=options):
                self.assertIn("--listen", options)
                self.check_starts(self.without(options, "--listen", "--data-dir", "--config"))


if __name__ == "__main__":
    ConfigurationTest.sessionhubd = sys.argv.pop(1)
    skipping.main()
