#!/usr/bin/env python3
"""A hub starts with what the packages and the container files give it.

   configuration_test.py SESSIONHUBD SESSIONHUBCTL [TEST...]
"""

import os
import pathlib
import re
import shutil
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


def options_of_compose():
    return load("deploy/compose/compose.yaml")["services"]["hub"]


def options_of_kubernetes():
    pod = load("deploy/kubernetes/statefulset.yaml")["spec"]["template"]["spec"]
    return pod["containers"][0]


def environment_of(container):
    """Of a service of Compose, a map or NAME=VALUE; of a container of Kubernetes, `env`."""
    given = container.get("environment", {})
    if isinstance(given, list):
        given = dict(entry.split("=", 1) for entry in given)
    listed = {entry["name"]: entry.get("value", "") for entry in container.get("env", [])}
    return given | listed


class HubTest(unittest.TestCase):
    sessionhubd = ""
    sessionhubctl = ""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def start(self, options, port_file):
        """A hub that is ready, with a folder and a port of its own in place of those given."""
        port_file.unlink(missing_ok=True)
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
        return hub

    def check_starts(self, options):
        hub = self.start(options, self.folder / "port")
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

    def check_config(self, options, environment):
        options = [str(CONFIGURATION) if option == "/etc/sessionhub/sessionhub.conf" else option
                   for option in options]
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith("SESSIONHUB_")}
        done = subprocess.run([self.sessionhubd, *options, "--check-config"], check=False,
                              capture_output=True, text=True, env=clean | environment)
        return done.returncode, done.stdout + done.stderr


class FilesTest(HubTest):
    def test_a_hub_starts_with_the_file(self):
        self.check_starts(["--config", CONFIGURATION])

    def test_the_configuration_of_a_hub_of_a_network_is_right(self):
        page = (TREE / "docs/install.md").read_text(encoding="utf-8")
        lines = re.search(r"<!-- The hub of a network;[^\n]*-->\n```\n(.*?)```", page, re.S)[1]
        self.assertIn("listen = 0.0.0.0:7070\n", lines)
        given = CONFIGURATION.read_text(encoding="utf-8")
        changed = self.folder / "sessionhub.conf"
        changed.write_text(re.sub(r"(?m)^listen = .*\n", lines, given), encoding="utf-8")
        code, said = self.check_config(["--config", str(changed)], {})
        self.assertEqual(code, 0, said)
        # It is the certificate and the tokens that make it so.
        changed.write_text(re.sub(r"(?m)^listen = .*\n", lines.splitlines()[0] + "\n", given),
                           encoding="utf-8")
        self.assertEqual(self.check_config(["--config", str(changed)], {})[0], 2)


@unittest.skipIf(yaml is None, "python3-yaml is missing: deploy/install-packages package")
class ContainersTest(HubTest):
    def make_secrets(self):
        """By the commands of docs/install.md; their folder."""
        page = (TREE / "docs/install.md").read_text(encoding="utf-8")
        commands = re.search(r"<!-- The secrets;[^\n]*-->\n```sh\n(.*?)```", page, re.S)[1]
        tools = f"{pathlib.Path(self.sessionhubctl).parent}:{os.environ['PATH']}"
        subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=self.folder, check=True,
                       capture_output=True, env=os.environ | {"PATH": tools})
        return self.folder / "secrets"

    def put_in_place(self, options, secrets):
        """`options` with the files of `secrets` in place of those that the container sees."""
        names = {"/run/secrets/hub.pem": "hub.pem", "/secrets/tls/tls.crt": "hub.pem",
                 "/run/secrets/hub.key": "hub.key", "/secrets/tls/tls.key": "hub.key",
                 "/run/secrets/tokens": "tokens", "/secrets/tokens/tokens": "tokens"}
        placed = [str(secrets / names[option]) if option in names else option
                  for option in options]
        self.assertEqual(sum(option in names for option in options), 3, options)
        return placed

    @unittest.skipUnless(shutil.which("openssl"), "openssl is missing")
    def test_a_hub_starts_with_the_options_of_the_containers(self):
        secrets = self.make_secrets()
        for options in (options_of_compose()["command"], options_of_kubernetes()["args"]):
            with self.subTest(options=options):
                self.assertIn("--listen", options)
                self.check_starts(self.put_in_place(
                    self.without(options, "--listen", "--data-dir", "--config"), secrets))

    @unittest.skipUnless(shutil.which("openssl"), "openssl is missing")
    def test_the_health_check_of_compose_finds_the_hub_healthy(self):
        secrets = self.make_secrets()
        hub = options_of_compose()
        port_file = self.folder / "port"
        process = self.start(self.put_in_place(
            self.without(hub["command"], "--listen", "--data-dir", "--config"), secrets), port_file)
        test = hub["healthcheck"]["test"]
        self.assertEqual(test[:2], ["CMD", "sessionhubctl"])
        command = [part.replace("/run/secrets", str(secrets)) for part in test[2:]]
        endpoint = ["--endpoint", f"127.0.0.1:{port_file.read_text(encoding='utf-8').strip()}"]
        asked = subprocess.run([self.sessionhubctl, *endpoint, *command], capture_output=True,
                               text=True, check=False)
        self.assertEqual(asked.returncode, 0, asked.stderr)
        # Neither without a token, nor with that of a node.
        at = command.index("--token-file")
        for token in ([], ["--token-file", str(secrets / "node-token")]):
            refused = subprocess.run(
                [self.sessionhubctl, *endpoint, *command[:at], *token, *command[at + 2:]],
                capture_output=True, text=True, check=False)
            self.assertNotEqual(refused.returncode, 0)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=PATIENCE_S), 0)

    def test_every_option_of_the_containers_is_one_of_the_hub(self):
        compose, container = options_of_compose(), options_of_kubernetes()
        for options, of in ((compose["command"], compose), (container["args"], container)):
            with self.subTest(options=options):
                code, said = self.check_config(options, environment_of(of))
                self.assertEqual(code, 0, said)
                for wrong in (["--shard", "1"], ["--nodes-max", "none"]):
                    self.assertEqual(self.check_config([*options, *wrong], {})[0], 2)
                self.assertEqual(self.check_config(options, {"SESSIONHUB_LEASE": "1"})[0], 2)

    def test_containers_have_tls_and_tokens(self):
        for options in (options_of_compose()["command"], options_of_kubernetes()["args"]):
            for option in ("--tls-certificate", "--tls-key", "--tokens-file"):
                self.assertIn(option, options)


if __name__ == "__main__":
    HubTest.sessionhubd = sys.argv.pop(1)
    HubTest.sessionhubctl = sys.argv.pop(1)
    skipping.main()
