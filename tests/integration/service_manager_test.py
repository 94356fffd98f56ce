#!/usr/bin/env python3
"""A hub tells the service manager that it is ready once it answers, and that it stops.

   service_manager_test.py SESSIONHUBD
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

PATIENCE_S = 60  # Only a failing test sees it.


class ServiceManagerTest(unittest.TestCase):
    sessionhubd = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sessionhub-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(str(self.folder / "notify"))
        self.manager.settimeout(PATIENCE_S)

    def start(self, listen="127.0.0.1:0"):
        hub = subprocess.Popen(
            [self.sessionhubd, "--listen", listen, "--data-dir", self.folder / "data",
             "--port-file", self.folder / "port"], stderr=subprocess.DEVNULL,
            env=os.environ | {"NOTIFY_SOCKET": str(self.folder / "notify")})
        self.addCleanup(hub.wait)
        self.addCleanup(hub.kill)
        return hub

    def test_ready_when_it_answers_and_stopping_when_it_is_told_to(self):
        hub = self.start()
        self.assertEqual(self.manager.recv(256), b"READY=1")
        port = int((self.folder / "port").read_text())
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
        hub.send_signal(signal.SIGTERM)
        self.assertEqual(self.manager.recv(256), b"STOPPING=1")
        self.assertEqual(hub.wait(timeout=PATIENCE_S), 0)

    def test_never_ready_if_it_does_not_start(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            hub = self.start(f"127.0.0.1:{taken.getsockname()[1]}")
            self.assertEqual(hub.wait(timeout=PATIENCE_S), 1)
        self.manager.setblocking(False)
        with self.assertRaises(BlockingIOError):
            self.manager.recv(256)


if __name__ == "__main__":
    ServiceManagerTest.sessionhubd = sys.argv.pop()
    unittest.main()
