#!/usr/bin/python3
"""The Python client's driver for the conformance kit; proto/conformance/README.md describes it."""
import json
import os
import pathlib
import sys
import threading
import time

sys.path[:0] = [os.environ["SESSIONHUB_PROTO_PYTHON"], str(pathlib.Path(__file__).parent)]

# pylint: disable=wrong-import-position
from sessionhub_client import (  # noqa: E402
    Client, Refused, SessionHubError, erase, increment, put)

PATIENCE_S = 60.0
OPERATIONS = {
    "put": lambda path, text: put(path, int(text) if text.isdigit() else text),
    "increment": lambda path, by: increment(path, int(by)),
    "erase": erase,
}


class Driver:
    """Takes calls, each on a thread of its own where it waits."""

    def __init__(self):
        self.client, self.sessions, self.lock = None, {}, threading.Lock()

    def run(self):
        for line in sys.stdin:
            call = json.loads(line)
            if call["call"] == "connect":
                self.client = Client([call["endpoint"]], call["app"], call["node_name"])
            elif call["call"] == "commit":  # a delta's place among the others is that of its call
                self.commit(call)
            else:
                threading.Thread(target=self.wait, args=(call,), daemon=True).start()
        if self.client:
            self.client.close()

    def wait(self, call):
        try:
            self.show(call, getattr(self, call["call"])(call))
        except SessionHubError as error:
            self.show(call, {"outcome": "failed", "error": error.code})

    def open(self, call):
        session = self.client.open(call["id"], call.get("create", "never"),
                                   int(call.get("at_least_version", 0)), PATIENCE_S)
        self.sessions[call["as"]] = session
        return {"outcome": "opened", "version": session.read()[0]}

    def commit(self, call):
        operations = [OPERATIONS[words[0]](*words[1:])
                      for words in (one.split() for one in call["ops"].split(";"))]
        self.sessions[call["session"]].commit_later(
            operations, lambda value: self.show(call, self.outcome(value)))

    def delete(self, call):
        return {"outcome": "applied",
                "version": self.sessions[call["session"]].delete(PATIENCE_S)}

    def read(self, call):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                version, fields = self.sessions[call["session"]].read()
                if version >= int(call.get("version", 0)) and "refused" not in call:
                    break
            except SessionHubError:
                if "version" not in call:
                    raise
            if time.monotonic() > deadline:
                raise SessionHubError("DEADLINE_EXCEEDED", "the version did not come")
            time.sleep(0.002)
        shown = " ".join(f"{path}={value}" for path, value in sorted(fields.items()))
        return {"outcome": "read", "version": version, "fields": shown}

    @staticmethod
    def outcome(value):
        if isinstance(value, Refused):
            return {"outcome": "refused", "error": value.code}
        if isinstance(value, Exception):
            return {"outcome": "unknown"}
        return {"outcome": "applied", "version": value}

    def show(self, call, result):
        with self.lock:
            print(json.dumps({"result": call["as"], **result}), flush=True)


if __name__ == "__main__":
    Driver().run()
