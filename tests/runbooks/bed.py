"""A hub that runbooks stop and start, and the programs around it."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [os.environ["SESSIONHUB_PROTO_PYTHON"], str(ROOT / "client" / "python")]

# pylint: disable=wrong-import-position
from sessionhub_client import Client, SessionHubError, put  # noqa: E402

APP = "shop"
PATIENCE_S = 60  # Only a failing test sees it.

START = """#!/bin/sh
# Starts the hub that this folder is of, with what release.env says of its release.
cd {folder}
. ./release.env
{sessionhubd} --data-dir {data} --listen {listen} {options} >> hub.log 2>&1 < /dev/null &
echo $! > pid
"""


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it did not come to be: {what}")
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def flip_byte(path):
    """In the middle of the file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


class Hub:
    """Started and stopped by commands that do not depend on this process, as an operator's are."""

    def __init__(self, folder, sessionhubd, *options):
        self.folder = folder
        self.data = folder / "data"
        self.endpoint = f"127.0.0.1:{free_port()}"
        self.start_command = f"sh {folder}/start"
        self.stop_command = f"kill -TERM $(cat {folder}/pid)"
        self.set_release("")
        (folder / "start").write_text(
            START.format(folder=folder, data=self.data, listen=self.endpoint,
                         sessionhubd=sessionhubd, options=" ".join(options)), encoding="utf-8")

    def set_release(self, variables):
        (self.folder / "release.env").write_text(variables + "\n", encoding="utf-8")

    def start(self):
        subprocess.run(["sh", "-c", self.start_command], check=True)
        wait_for(self.answers, "the hub answers: " + self.log())

    def answers(self):
        host, port = self.endpoint.split(":")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
            return True
        return False

    def pid(self):
        return int((self.folder / "pid").read_text(encoding="utf-8"))

    def signal(self, number):
        with contextlib.suppress(OSError, ValueError):
            os.kill(self.pid(), number)

    def stop(self):
        """Until nobody has the folder any more."""
        self.signal(signal.SIGTERM)
        lock = f":{(self.data / 'db/LOCK').stat().st_ino} "
        wait_for(lambda: lock not in pathlib.Path("/proc/locks").read_text(encoding="utf-8"),
                 "the hub has left its folder")

    def log(self):
        with contextlib.suppress(OSError):
            return (self.folder / "hub.log").read_text(encoding="utf-8", errors="replace")
        return ""


class RunbookTest(unittest.TestCase):
    """A test of one runbook, with a folder and a hub of its own."""

    programs = {}  # name -> path, of sessionhubd, sessionhubctl
    parent = None  # where the folder is made

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sessionhub-test-", dir=self.parent)
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.backups = self.folder / "backups"

    def hub(self, *options):
        hub = Hub(self.folder, self.programs["sessionhubd"], *options)
        self.addCleanup(hub.signal, signal.SIGKILL)
        return hub

    def client(self, hub, node_name="web-1"):
        client = Client([hub.endpoint], APP, node_name)
        self.addCleanup(client.close)
        return client

    def commit(self, hub, session_id, path, value):
        """By a node that leaves again. The version."""
        client = Client([hub.endpoint], APP, "writer")
        try:
            session = client.open(session_id, create="if_missing", timeout_s=PATIENCE_S)
            return session.commit([put(path, value)], PATIENCE_S)
        finally:
            client.close()

    def read(self, hub, session_id):
        """The fields that the hub has."""
        done = self.ctl(hub, "--output", "json", "sessions", "get", session_id, "--app", APP)
        self.assertEqual(done.returncode, 0, done.stderr)
        return {field["path"]: field["value"] for field in json.loads(done.stdout)["fields"]}

    def ctl(self, hub, *arguments):
        return subprocess.run([self.programs["sessionhubctl"], "--endpoint", hub.endpoint,
                               *arguments], capture_output=True, text=True, check=False)

    def status(self, hub):
        return json.loads(self.ctl(hub, "--output", "json", "status").stdout)

    def nodes(self, hub):
        """Name -> what the hub says of the node."""
        nodes = json.loads(self.ctl(hub, "--output", "json", "nodes").stdout)["nodes"]
        return {node["name"]: node for node in nodes}

    def watch(self, hub, session_id, *options):
        """A node in a process of its own, which prints each event of a session, and its name."""
        before = set(self.nodes(hub)) if not options else set()
        watcher = subprocess.Popen(
            [self.programs["sessionhubctl"], "--endpoint", hub.endpoint, *options, "sessions",
             "watch", session_id, "--app", APP], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True)
        self.addCleanup(watcher.stdout.close)
        self.addCleanup(watcher.wait)
        self.addCleanup(watcher.kill)
        if options:
            return watcher, ""
        wait_for(lambda: any(node["interests"] for name, node in self.nodes(hub).items()
                             if name not in before), "the watcher has opened its session")
        name, = set(self.nodes(hub)) - before
        return watcher, name

    def backup(self, hub):
        done = self.ctl(hub, "backup", "create")
        self.assertEqual(done.returncode, 0, done.stderr)

    def run_book(self, name, hub, *arguments, code=0, yes=True):
        """What it prints, of its end with this exit code."""
        command = [ROOT / "deploy/runbooks" / f"{name}.sh", "--bin",
                   str(pathlib.Path(self.programs["sessionhubctl"]).parent), "--endpoint",
                   hub.endpoint, "--stop", hub.stop_command, "--start", hub.start_command,
                   *map(str, arguments), *(["--yes"] if yes else [])]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=10 * PATIENCE_S, check=False)
        told = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, told + hub.log())
        return told


def main():
    """To be called with the paths of sessionhubd and sessionhubctl."""
    RunbookTest.programs = {"sessionhubd": sys.argv[1], "sessionhubctl": sys.argv[2]}
    unittest.main(argv=sys.argv[:1])
