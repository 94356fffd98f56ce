"""A hub of the installed tree, on a free loopback port, for as long as a `with` lasts."""

import pathlib
import signal
import subprocess
import tempfile
import time

# Only a failing test sees it.
PATIENCE_S = 60


class InstalledHub:
    def __init__(self, tree):
        self.program = tree / "bin/sessionhubd"
        self.endpoint = None

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.folder.name)
        port_file = folder / "port"
        self.process = subprocess.Popen(
            [self.program, "--data-dir", folder / "data", "--listen", "127.0.0.1:0",
             "--port-file", port_file], stderr=subprocess.DEVNULL)
        try:
            self._wait_for(port_file)
        except BaseException:
            self._end(signal.SIGKILL)
            raise
        self.endpoint = f"127.0.0.1:{port_file.read_text().strip()}"
        return self

    def __exit__(self, kind, error, trace):
        code = self._end(signal.SIGTERM)
        if kind is None and code != 0:
            raise AssertionError(f"sessionhubd ended with {code} when it was told to stop")

    def _wait_for(self, port_file):
        deadline = time.monotonic() + PATIENCE_S
        while not port_file.exists():
            if self.process.poll() is not None:
                raise AssertionError(f"sessionhubd did not start: exit {self.process.returncode}")
            if time.monotonic() > deadline:
                raise AssertionError("sessionhubd is not ready")
            time.sleep(0.01)

    def _end(self, how):
        self.process.send_signal(how)
        try:
            return self.process.wait(timeout=PATIENCE_S)
        finally:
            self.process.kill()
            self.folder.cleanup()
