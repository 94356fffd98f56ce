"""Requests that are no deltas: another id, a lock. The hub answers each, on this stream or a later
one: what has no answer is asked again, under its old number."""
from sessionhub.v1 import frames_pb2

from .errors import Refused


class Request:
    """`done` gets an error, or what the kind of request says."""

    feature = frames_pb2.FEATURE_NONE

    def __init__(self, copy, done):
        self.copy, self.done = copy, done
        self.request = 0
        self.sent = self.ever_sent = False
        self.abandoned = False  # nobody waits any more: a lock that is granted is given back


class RenameRequest(Request):
    """`done` gets None once the session has its new id."""

    feature = frames_pb2.FEATURE_LIFE

    def __init__(self, copy, new_id, alias_ms, done):
        super().__init__(copy, done)
        self.old_id, self.new_id, self.alias_ms = copy.id, new_id, alias_ms

    def add_to(self, frame, _now):
        frame.renames.add(request=self.request, number=self.copy.number, new_id=self.new_id,
                          alias_ms=self.alias_ms, old_id=self.old_id)

    def on_answer(self, node, answer):
        if answer.HasField("refused"):
            self.done(Refused(answer.refused))
            return
        # A Renamed may have told this already, and yet another id after it.
        if self.copy.id == self.old_id and not self.copy.ended:
            node.rename(self.copy, self.new_id)
        self.done(None)


class LockRequest(Request):
    """`done` gets (token, version); None for one that prolongs the lock of `token`."""

    feature = frames_pb2.FEATURE_LOCKS

    def __init__(self, copy, lease_ms, done, wait_until=0.0, token=0):
        super().__init__(copy, done)
        self.lease_ms, self.wait_until, self.token = lease_ms, wait_until, token

    def add_to(self, frame, now):
        wait_ms = 0 if self.abandoned else max(0, round((self.wait_until - now) * 1000))
        frame.locks.add(request=self.request, number=self.copy.number, lease_ms=self.lease_ms,
                        wait_ms=wait_ms, token=self.token)

    def on_answer(self, node, answer):
        if answer.HasField("refused"):
            self.done(Refused(answer.refused))
        elif self.token:
            self.done(None)
        else:
            node.on_granted(self, answer.lock_token, answer.version)
