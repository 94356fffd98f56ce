"""A real hub with a page of metrics, for tests of what deploy/ says about it."""

import pathlib
import re
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS_MAX = 60


class HubWatched:
    """A hub that runs inside `with`."""

    def __init__(self, sessionhubd):
        self._sessionhubd = sessionhubd

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="sessionhub-test-")
        folder = pathlib.Path(self._folder.name)
        self._hub = subprocess.Popen(
            [self._sessionhubd, "--listen", "127.0.0.1:0", "--data-dir", str(folder / "data"),
             "--port-file", str(folder / "port"), "--metrics-listen", "127.0.0.1:0",
             "--metrics-port-file", str(folder / "metrics-port")], stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS_MAX
        while not (folder / "port").exists():
            if self._hub.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise AssertionError("the hub is not ready")
            time.sleep(0.01)
        self._port = int((folder / "metrics-port").read_text(encoding="utf-8"))
        return self

    def __exit__(self, *_):
        self._hub.kill()
        self._hub.wait()
        self._folder.cleanup()

    def types(self):
        """Name -> type of every metric, also of those that have no sample yet."""
        url = f"http://127.0.0.1:{self._port}/metrics"
        # Whatever proxy the environment names has no business here.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=START_SECONDS_MAX) as page:
            text = page.read().decode()
        return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
