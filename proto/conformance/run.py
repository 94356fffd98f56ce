#!/usr/bin/python3
"""Plays every transcript of the conformance kit against a client, and says which it passed.

    run.py [--only NAME]... [--without PREFIX]... [--list] [--] PROGRAM [ARGUMENT]...

PROGRAM is the client's driver; README.md says what it must do. Exit code 0: all passed. Needs
Debian's python3-grpcio and python3-protobuf, and the modules that protoc makes of ../sessionhub/v1
in a folder that SESSIONHUB_PROTO_PYTHON names.
"""
import argparse
import os
import pathlib
import shlex
import sys

sys.path.insert(0, os.environ.get("SESSIONHUB_PROTO_PYTHON", ""))

# pylint: disable=wrong-import-position
import transcript  # noqa: E402
from driver import Driver  # noqa: E402
from scripted_hub import ScriptedHub  # noqa: E402
from sessionhub.v1 import frames_pb2  # noqa: E402

ATTACHED = """
protocol_version: 1 history_id: "the-first-history" lease_ms: 600000 heartbeat_ms: 1000
limits { id_bytes_max: 256 path_bytes_max: 1024 path_segments_max: 32 value_bytes_max: 65536
delta_ops_max: 1024 session_bytes_max: 1048576 frame_bytes_max: 1048576 in_flight_deltas_max: 4096
path_definitions_max: 4096 delta_bytes_max: 524288 }"""
FOLDER = pathlib.Path(__file__).parent / "transcripts"


class Play:
    """One transcript against one client process."""

    def __init__(self, command):
        self.variables = transcript.Variables()
        self.hub = ScriptedHub()
        self.driver = Driver(command)
        self.attach = None

    def close(self):
        if self.attach:
            self.hub.cut(self.attach)
        self.driver.close()
        self.hub.stop()

    def run(self, steps):
        verbs = {"call": self.call, "result": self.result, "attach": self.next_attach,
                 ">": self.expect, "<": self.send, "accept": self.accept, "cut": self.cut,
                 "may": self.may, "nothing-else": self.nothing_else}
        for step in steps:
            try:
                verbs[step.verb](step)
            except KeyError as error:
                raise transcript.BadTranscript(f"{step}: {error} is not known") from error
            except AssertionError as error:
                raise AssertionError(f"{step}: {error}") from None

    def call(self, step):
        label, name, *rest = step.words()
        call = {"as": label, "call": name}
        for word in rest:
            key, _, value = word.partition("=")
            call[key] = value
        if name == "connect":
            call["endpoint"] = f"127.0.0.1:{self.hub.port}"
        self.driver.call(call)

    def result(self, step):
        label, *rest = step.words()
        found = self.driver.result(label)
        for word in rest:
            key, _, value = word.partition("=")
            if str(found.get(key, "")) != value:
                raise AssertionError(f"{key} is not {value!r}: {found}")

    def next_attach(self, _step):
        self.attach = self.hub.next_attach()

    def expect(self, step):
        kind, _, text = step.rest.partition(" ")
        if kind == "hello":
            self.attach.await_true("hello", lambda: self.attach.hello)
            return self.compare(frames_pb2.Hello, text, self.attach.hello, step)
        if kind == "seen-through":
            through = int(self.variables.fill(text))
            return self.attach.await_true(step.rest, lambda: self.attach.seen_through == through)
        if kind == "delta":
            seq, _, text = text.partition(" ")
            found_seq, found = self.attach.pop("deltas")
            if not self.variables.same(int(self.variables.mark(seq)), found_seq):
                raise AssertionError(f"the delta's sequence number is {found_seq}")
            return self.compare(type(found), text, found, step)
        found = self.attach.pop(kind)
        if isinstance(found, int):  # a handle that is closed
            if not self.variables.same(int(self.variables.fill(text)), found):
                raise AssertionError(f"it is {found}")
            return None
        return self.compare(type(found), text, found, step)

    def compare(self, message_type, text, found, step):
        body = text.strip()[1:-1]
        expected = transcript.parse(message_type, self.variables.mark(body), step.line)
        problem = transcript.difference(expected, found, self.variables)
        if problem:
            raise AssertionError(problem)

    def send(self, step):
        self.hub.send(self.attach, transcript.hub_frame(step, self.variables))

    def accept(self, step):
        """Attached, with what every transcript would say, and what this one says besides."""
        self.attach.await_true("hello", lambda: self.attach.hello)
        frame = frames_pb2.HubFrame()
        frame.attached.CopyFrom(transcript.parse(frames_pb2.Attached, ATTACHED, step.line))
        frame.attached.MergeFrom(transcript.parse(frames_pb2.Attached, step.rest, step.line))
        unknown = frame.attached.features & ~self.attach.hello.features
        if unknown:
            raise AssertionError(f"the node has not told the feature bits {unknown}")
        self.hub.send(self.attach, frame)

    def may(self, step):
        """What the protocol leaves to the node: up to so many of a kind are no error."""
        kind, count = step.words()
        self.attach.optional[kind] = int(count)

    def cut(self, _step):
        self.hub.cut(self.attach)

    def nothing_else(self, _step):
        """What the node would send by now, had it anything to send, is there: a heartbeat came."""
        frames = self.attach.frames
        self.attach.await_true("another frame", lambda: self.attach.frames > frames)
        if self.attach.unexpected():
            raise AssertionError(f"the node sent more: {self.attach.unexpected()}")


def play(path, command):
    """None if the client passed, else why not."""
    steps, _ = transcript.read(path)
    one = Play(command)
    try:
        one.run(steps)
        unexpected = one.attach.unexpected() if one.attach else {}
        return f"the node sent more: {unexpected}" if unexpected else None
    except AssertionError as error:
        return str(error)
    finally:
        one.close()


def main():
    parser = argparse.ArgumentParser(description="Plays the conformance kit against a client.")
    parser.add_argument("--only", action="append", metavar="NAME", help="this transcript")
    parser.add_argument("--without", action="append", default=[], metavar="PREFIX",
                        help="no transcript whose name begins so")
    parser.add_argument("--list", action="store_true", help="names and contents, and nothing else")
    parser.add_argument("command", nargs="*", help="the client's driver")
    options = parser.parse_args()
    paths = [path for path in sorted(FOLDER.glob("*.txt"))
             if (not options.only or path.stem in options.only)
             and not path.stem.startswith(tuple(options.without))]
    if options.list:
        for path in paths:
            print(f"{path.stem:24} {transcript.read(path)[1]}")
        return 0
    if not options.command or not paths:
        parser.error("name the client's driver, and transcripts that exist")
    failed = 0
    for path in paths:
        problem = play(path, options.command)
        failed += problem is not None
        print(f"FAILED  {path.stem}: {problem}" if problem else f"passed  {path.stem}", flush=True)
    if failed:
        print(f"again: {shlex.join([sys.argv[0], '--only', 'NAME', '--', *options.command])}")
    print(f"{len(paths) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
