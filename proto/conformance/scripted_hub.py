"""The hub that a transcript plays: takes one Attach after another and does only what it is told."""
import collections
import os
import queue
import threading
from concurrent import futures

import grpc
from sessionhub.v1 import frames_pb2, hub_pb2_grpc

# How long the client has for each step.
WAIT_S = float(os.environ.get("SESSIONHUB_KIT_WAIT_S", "20"))
HEARTBEAT_S = 0.1
STREAM_END = object()


class Attach:
    """One stream. What the node sent is sorted by kind, each kind in order; paths are inline and
    deltas name sessions by number, whatever the node chose."""

    KINDS = ("opens", "resumes", "deltas", "closes", "touches", "renames", "locks", "unlocks",
             "receipts")

    def __init__(self, context, numbers):
        self.context, self.numbers = context, numbers
        self.outgoing = queue.Queue()
        self.changed = threading.Condition()
        self.hello = None
        self.frames = 0
        self.ended = False
        self.seen_through = 0
        self.paths = {}
        self.optional = dict.fromkeys(self.KINDS, 0)
        self.inbox = {kind: collections.deque() for kind in self.KINDS}

    def read(self, frames):
        try:
            for frame in frames:
                with self.changed:
                    self.take(frame)
                    self.changed.notify_all()
        except grpc.RpcError:
            pass
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def take(self, frame):
        self.frames += 1
        if frame.HasField("hello"):
            self.hello = frame.hello
        for definition in frame.paths:
            self.paths[definition.number] = definition.path
        for kind in self.KINDS:
            items = getattr(frame, kind)
            if kind == "deltas":
                items = [(frame.first_seq + i, self.plain(delta)) for i, delta in enumerate(items)]
            if kind in ("locks", "unlocks"):
                items = [self.by_number(one) for one in items]
            self.inbox[kind].extend(items)
        self.seen_through = max(self.seen_through, frame.answers_seen_through)

    def by_number(self, request):
        if request.handle:
            request.number = self.numbers.get(request.handle, 0)
            request.handle = 0
        return request

    def plain(self, delta):
        for place in list(delta.ops) + list(delta.conditions):
            if place.path_number:
                place.path = self.paths.get(place.path_number, b"<undefined path number>")
                place.path_number = 0
        if delta.WhichOneof("session") == "handle":
            delta.number = self.numbers.get(delta.handle, 0)
        return delta

    def frames_out(self):
        """What the script sends, and heartbeats while it says nothing, once it has begun."""
        frame = self.outgoing.get()
        while frame is not STREAM_END:
            yield frame
            try:
                frame = self.outgoing.get(timeout=HEARTBEAT_S)
            except queue.Empty:
                frame = frames_pb2.HubFrame()

    def await_true(self, what, condition):
        with self.changed:
            if not self.changed.wait_for(lambda: condition() or self.ended, WAIT_S):
                raise AssertionError(f"the node sent no {what} within {WAIT_S} s")
            if not condition():
                raise AssertionError(f"the stream ended before the node sent {what}")

    def pop(self, kind):
        self.await_true(kind, lambda: self.inbox[kind])
        with self.changed:
            return self.inbox[kind].popleft()

    def unexpected(self):
        """What the node sent that nothing asked for."""
        with self.changed:
            return {kind: len(box) for kind, box in self.inbox.items()
                    if len(box) > self.optional[kind]}


class ScriptedHub(hub_pb2_grpc.HubServicer):
    """Serves on a free loopback port until `stop`."""

    def __init__(self):
        self.numbers = {}  # of sessions, by handle
        self.attaches = queue.Queue()
        self.server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
        hub_pb2_grpc.add_HubServicer_to_server(self, self.server)
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def Attach(self, request_iterator, context):
        attach = Attach(context, self.numbers)
        reader = threading.Thread(target=attach.read, args=(request_iterator,), daemon=True)
        reader.start()
        self.attaches.put(attach)
        yield from attach.frames_out()

    def next_attach(self):
        try:
            return self.attaches.get(timeout=WAIT_S)
        except queue.Empty:
            raise AssertionError(f"the node did not attach within {WAIT_S} s") from None

    def send(self, attach, frame):
        for item in frame.items:
            if item.handle and item.HasField("opened"):
                self.numbers[item.handle] = item.opened.number
        attach.outgoing.put(frame)

    @staticmethod
    def cut(attach):
        attach.outgoing.put(STREAM_END)

    def stop(self):
        while not self.attaches.empty():
            self.cut(self.attaches.get())
        self.server.stop(grace=None).wait()
