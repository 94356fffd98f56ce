"""Client and Session: the calls, and the thread that keeps a stream to the hub."""
import random
import threading
import time

import grpc
from sessionhub.v1 import frames_pb2, hub_pb2_grpc

from .errors import SessionHubError, Unknown, not_found
from .node import Node, delta_of

CREATE = {"never": frames_pb2.CREATE_NEVER, "if_missing": frames_pb2.CREATE_IF_MISSING,
          "exclusive": frames_pb2.CREATE_EXCLUSIVE}
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.05, 2.0
SILENT_HEARTBEATS = 6  # of half the hub's heartbeat each


class Call:
    """A call that waits for its end."""

    def __init__(self):
        self.event, self.value = threading.Event(), None

    def done(self, value):
        self.value = value
        self.event.set()

    def wait(self, timeout_s, late):
        if not self.event.wait(timeout_s):
            raise late
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class Session:
    """A handle on one life of one session. Safe from any thread."""

    def __init__(self, client, copy):
        self._client, self._copy = client, copy

    @property
    def id(self):
        return self._copy.id.decode()

    @property
    def number(self):
        return self._copy.number

    def read(self):
        """(version, fields) from memory, with this node's own pending changes. Raises NOT_FOUND
        once the session has ended, UNAVAILABLE if the hub has been silent for `stale_max_s`."""
        return self._client.read(self._copy)

    def commit(self, operations, timeout_s=5.0):
        """Sends the operations as one atomic change and returns the version that includes it.
        Raises Refused, or Unknown: the change then stays pending and is still sent."""
        return self._client.commit(self._copy, delta_of(operations), timeout_s)

    def commit_later(self, operations, done):
        """Sends and returns; `done` gets the version or an error, on the client's thread."""
        self._client.start_commit(self._copy, delta_of(operations), done)

    def delete(self, timeout_s=5.0):
        """Ends the session's life for every node."""
        return self._client.commit(self._copy, delta_of([], delete=True), timeout_s)


class Client:
    """One node's connection to a hub. Safe from any thread; reconnects until it is closed."""

    def __init__(self, endpoints, app, node_name, stale_max_s=15.0):
        self._endpoints, self._stale_max_s = endpoints, stale_max_s
        self._node = Node(app, node_name)
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def open(self, session_id, create="never", at_least_version=0, timeout_s=5.0):
        """The session with this id (text, or bytes). From the copy in memory if it has this
        version, else the hub is asked."""
        raw = session_id if isinstance(session_id, bytes) else session_id.encode()
        call = Call()
        with self._changed:
            self._check_standing()
            copy = self._node.by_id.get(raw)
            if copy and create != "exclusive" and self._is_fresh(copy) \
                    and 0 < copy.version >= at_least_version:
                return Session(self, copy)
            held = copy.number if copy and create != "exclusive" else 0
            self._node.add_open(raw, CREATE[create], held, call.done)
            self._changed.notify_all()
        late = SessionHubError("DEADLINE_EXCEEDED", f"no answer within {timeout_s} s")
        return Session(self, call.wait(timeout_s, late))

    def close(self, flush_s=0.0):
        """Waits until nothing is pending, at most `flush_s`; returns how many commits stay without
        an answer."""
        with self._changed:
            self._changed.wait_for(lambda: not self._node.writes, flush_s)
            pending = len(self._node.writes)
            self._closed = True
            self._node.standing = SessionHubError("FAILED_PRECONDITION", "the client is closed")
            self._node.drop_everything(Unknown("the client is closed"))
            self._changed.notify_all()
        self._thread.join()
        return pending

    # ---- for Session ----

    def read(self, copy):
        with self._changed:
            self._check_standing()
            if copy.ended:
                raise not_found()
            if not self._is_fresh(copy):
                raise SessionHubError("UNAVAILABLE", "nothing was heard from the hub for too long")
            return copy.version, copy.shown()

    def commit(self, copy, delta, timeout_s):
        call = Call()
        self.start_commit(copy, delta, call.done)
        return call.wait(timeout_s, Unknown(f"no answer within {timeout_s} s"))

    def start_commit(self, copy, delta, done):
        with self._changed:
            self._check_standing()
            if copy.ended:
                raise not_found()
            self._node.commit(copy, delta, done)
            self._changed.notify_all()

    def _check_standing(self):
        if self._node.standing:
            raise self._node.standing

    def _is_fresh(self, copy):
        stale_max_s = min(self._stale_max_s, self._node.lease_s or self._stale_max_s)
        return time.monotonic() - self._node.fresh_at(copy) <= stale_max_s

    # ---- the thread ----

    def _run(self):
        failures = 0
        while not self._closed:
            endpoint = self._endpoints[failures % len(self._endpoints)]
            reached = self._attach(endpoint)
            failures = 0 if reached else failures + 1
            pause = min(BACKOFF_MAX_S, BACKOFF_MIN_S * 2 ** min(failures, 16))
            with self._changed:
                away = self._node.standing is not None
                self._changed.wait_for(lambda: self._closed,
                                       None if away else pause * random.uniform(0.5, 1))

    def _attach(self, endpoint):
        """One stream, from its beginning to its end. True if the hub was reached."""
        with self._changed:
            self._node.stream_up()
        reached = False
        with grpc.insecure_channel(endpoint) as channel:
            stream = hub_pb2_grpc.HubStub(channel).Attach(self._frames())
            watch = threading.Thread(target=self._watch, args=(stream,), daemon=True)
            watch.start()
            try:
                for frame in stream:
                    with self._changed:
                        self._node.receive(frame, time.monotonic())
                        reached = reached or self._node.attached
                        self._changed.notify_all()
                        if self._node.leave or self._closed:
                            break
            except grpc.RpcError:
                pass
            stream.cancel()
            with self._changed:
                self._node.leave = True
                self._node.stream_down()
                self._changed.notify_all()
            watch.join()
        return reached

    def _frames(self):
        """What goes to the hub, heartbeats included, until the stream is to end."""
        node, sent_at = self._node, time.monotonic()
        while True:
            with self._changed:
                frame = node.next_frame()
                while frame is None and not (node.leave or self._closed):
                    due = sent_at + node.heartbeat_s - time.monotonic()
                    if due <= 0 and node.attached:
                        frame = frames_pb2.NodeFrame()
                        break
                    self._changed.wait(max(due, 0.01))
                    frame = node.next_frame()
                if frame is None:
                    return
            sent_at = time.monotonic()
            yield frame

    def _watch(self, stream):
        """Ends a stream whose hub is silent, or that the client has closed."""
        node, begun = self._node, time.monotonic()
        with self._changed:
            while not (node.leave or self._closed):
                silence = time.monotonic() - max(node.heard_at, begun)
                if silence > max(SILENT_HEARTBEATS * node.heartbeat_s, 5.0):
                    break
                self._changed.wait(node.heartbeat_s)
        stream.cancel()
