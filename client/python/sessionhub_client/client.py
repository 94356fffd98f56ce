"""Client: a node's calls, and the thread that keeps a stream to the hub."""
import random
import threading
import time

import grpc
from sessionhub.v1 import frames_pb2, hub_pb2_grpc

from .channels import NOT_LET_IN, Security
from .deltas import delta_of
from .errors import SessionHubError, Unknown, not_found, old
from .node import SILENT_HEARTBEATS, Node, OpenRequest
from .session import Call, Session

CREATE = {"never": frames_pb2.CREATE_NEVER, "if_missing": frames_pb2.CREATE_IF_MISSING,
          "exclusive": frames_pb2.CREATE_EXCLUSIVE}
INTEREST = {"push": frames_pb2.INTEREST_PUSH, "invalidate": frames_pb2.INTEREST_INVALIDATE}
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.05, 2.0


class Late(Exception):
    """The caller's time is over."""


def new_session_of(**settings):
    """A v1.NewSession of what delta_of calls settings; None if there is none."""
    if not settings:
        return None
    change = delta_of([], **settings).settings
    return frames_pb2.NewSession(idle_timeout_ms=change.idle_timeout_ms, owner=change.owner,
                                 absolute_timeout_ms=change.absolute_timeout_ms)


class Client:
    """One node's connection to a hub. Safe from any thread; reconnects until it is closed.
    `security` are the token and the TLS files of channels.Security."""

    def __init__(self, endpoints, app, node_name, stale_max_s=15.0, **security):
        self._endpoints, self._stale_max_s = endpoints, stale_max_s
        self._security = Security(**security)
        self._not_let_in = None  # an error, while the hub does not let this client in
        self._node = Node(app, node_name)
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def open(self, session_id, create="never", at_least_version=0, timeout_s=5.0,
             interest="push", **new_session):
        """The session with this id (text, or bytes). From the copy in memory if it has this
        version, else the hub is asked. With interest "invalidate" the hub tells only that there is
        a change: a read then raises UNAVAILABLE, and the next open fetches it. `new_session` are
        idle_timeout_s, absolute_timeout_s and owner of a session that this call creates."""
        raw = session_id if isinstance(session_id, bytes) else session_id.encode()
        mode, call = INTEREST[interest], Call()
        with self._changed:
            self._check_standing()
            copy = None if create == "exclusive" else self._node.by_id.get(raw)
            if copy and self._is_fresh(copy) and copy.serves(mode, at_least_version):
                self._use(copy)
                return Session(self, copy)
            self._node.add_open(OpenRequest(
                raw, copy.number if copy else 0, call.done, CREATE[create], mode,
                new_session_of(**new_session)))
            self._changed.notify_all()
        try:
            return Session(self, call.wait(timeout_s, Late()))
        except Late:
            raise self._late(f"no answer within {timeout_s} s") from None

    def close(self, flush_s=0.0):
        """Waits until nothing is pending, at most `flush_s`; returns how many commits stay without
        an answer."""
        node = self._node
        with self._changed:
            node.uses.hurry = True
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: not node.commits.writes and node.next_touch_at() is None, flush_s)
            pending = len(node.commits.writes)
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
            if copy.old:
                raise old()
            self._use(copy)
            return copy.version, copy.shown()

    def start_commit(self, copy, delta, ack, done):
        with self._changed:
            self._check_standing()
            if copy.ended:
                raise not_found()
            self._node.commit(copy, delta, ack, done)
            self._changed.notify_all()

    def wait_for_commit(self, call, timeout_s):
        """How it ended; Unknown, with what the hub says of it, if it has not ended in time."""
        try:
            return call.wait(timeout_s, Late())
        except Late:
            with self._changed:
                self._node.commits.give_up_delivery(call.done)
                if call.event.is_set():
                    return call.wait(0, None)
                why = self._node.growth_waits
            late = f"no answer within {timeout_s} s: the change stays pending and is still sent"
            why = why or (str(self._not_let_in) if self._not_let_in else "")
            raise Unknown(f"{late}; {why}" if why else late) from None

    def ask_hub(self, request, call, timeout_s):
        """How a request ended. One that nobody waits for any more is asked on: an id change stays
        pending, a lock is given back."""
        with self._changed:
            self._check_standing()
            if request.copy.ended:
                raise not_found()
            self._node.ask_hub(request)
            self._changed.notify_all()
        try:
            return call.wait(timeout_s, Late())
        except Late:
            with self._changed:
                if call.event.is_set():
                    return call.wait(0, None)
                request.abandoned = True
            raise self._late(f"no answer within {timeout_s} s") from None

    def unlock(self, copy, token):
        with self._changed:
            self._node.unlock(copy, token)
            self._changed.notify_all()

    def _late(self, late):
        return self._not_let_in or SessionHubError("DEADLINE_EXCEEDED", late)

    def _use(self, copy):
        if self._node.uses.note(copy, time.monotonic()):
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
        with self._security.channel_to(endpoint) as channel:
            stream = hub_pb2_grpc.HubStub(channel).Attach(
                self._frames(), metadata=self._security.metadata())
            watch = threading.Thread(target=self._watch, args=(stream,), daemon=True)
            watch.start()
            try:
                for frame in stream:
                    with self._changed:
                        self._node.receive(frame, time.monotonic())
                        reached = reached or self._node.attached
                        self._not_let_in = None if reached else self._not_let_in
                        self._changed.notify_all()
                        if self._node.leave or self._closed:
                            break
            except grpc.RpcError as error:
                if error.code() in NOT_LET_IN:  # and goes on trying: that may be put right
                    self._not_let_in = SessionHubError(
                        error.code().name,
                        f"the hub does not let this client in: {error.details()}")
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
                frame = node.next_frame(time.monotonic())
                while frame is None and not (node.leave or self._closed):
                    due = sent_at + node.heartbeat_s - time.monotonic()
                    if due <= 0 and node.attached:
                        frame = frames_pb2.NodeFrame()
                        break
                    touch_at = node.next_touch_at()
                    if touch_at is not None:
                        due = min(due, touch_at - time.monotonic())
                    self._changed.wait(max(due, 0.01))
                    frame = node.next_frame(time.monotonic())
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
