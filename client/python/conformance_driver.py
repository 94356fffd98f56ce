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
    Client, Delivery, Refused, SessionHubError, absent, erase, increment, put, unchanged_since)

PATIENCE_S = 60.0
OPERATIONS = {
    "put": lambda path, text: put(path, int(text) if text.isdigit() else text),
    "increment": lambda path, by: increment(path, int(by)),
    "erase": erase,
}
CONDITIONS = {
    "absent": absent,
    "unchanged": lambda path, version: unchanged_since(path, int(version)),
}


def parts(table, text):
    """What a list of the kit says, each part made by the function of its first word."""
    return [table[words[0]](*words[1:]) for words in (one.split() for one in text.split(";"))
            if words]


def seconds(call, name):
    return int(call.get(name, 0)) / 1000


def settings(call):
    found = {name + "_s": seconds(call, name + "_ms")
             for name in ("idle_timeout", "absolute_timeout") if name + "_ms" in call}
    return {**found, **({"owner": call["owner"]} if "owner" in call else {})}


class Driver:
    """Takes calls, each on a thread of its own where it waits."""

    def __init__(self):
        self.client, self.sessions, self.locks = None, {}, {}
        self.printing = threading.Lock()

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
                                   int(call.get("at_least_version", 0)), PATIENCE_S,
                                   call.get("interest", "push"), **settings(call))
        self.sessions[call["as"]] = session
        return {"outcome": "opened", "version": session.read()[0]}

    def commit(self, call):
        terms = {"if_version": int(call.get("if_version", 0)),
                 "conditions": parts(CONDITIONS, call.get("if", "")),
                 "after_previous": "after_previous" in call,
                 "lock": self.locks.get(call.get("lock")), **settings(call)}
        self.sessions[call["session"]].commit_later(
            parts(OPERATIONS, call.get("ops", "")),
            lambda value: self.show(call, self.outcome(value)), call.get("ack", "durable"), **terms)

    def rename(self, call):
        self.sessions[call["session"]].change_id(
            call["id"], seconds(call, "alias_ms"), PATIENCE_S)
        return {"outcome": "renamed"}

    def lock(self, call):
        lock = self.locks[call["as"]] = self.sessions[call["session"]].lock(
            seconds(call, "lease_ms"), seconds(call, "wait_ms"), PATIENCE_S)
        return {"outcome": "locked", "token": lock.token, "version": lock.version}

    def prolong(self, call):
        self.locks[call["lock"]].prolong(seconds(call, "lease_ms"), PATIENCE_S)
        return {"outcome": "prolonged"}

    def unlock(self, call):
        self.locks[call["lock"]].unlock()
        return {"outcome": "unlocked"}

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
        if isinstance(value, Delivery):
            return {"outcome": "applied", "version": value.version,
                    "delivered": "yes" if value.delivered else "no",
                    "missing": " ".join(value.missing)}
        if value is None:
            return {"outcome": "received"}
        return {"outcome": "applied", "version": value}

    def show(self, call, result):
        with self.printing:
            print(json.dumps({"result": call["as"], **result}), flush=True)


if __name__ == "__main__":
    Driver().run()
