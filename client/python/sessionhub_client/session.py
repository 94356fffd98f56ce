"""Session and SessionLock: the calls on one session."""
import threading
import time

from .deltas import delta_of
from .errors import SessionHubError
from .requests import LockRequest, RenameRequest


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
        once the session has ended; UNAVAILABLE if the hub has been silent for `stale_max_s`, or
        said that the copy is old."""
        return self._client.read(self._copy)

    def commit(self, operations, timeout_s=5.0, ack="durable", **terms):
        """Sends the operations as one atomic change, on the terms of delta_of, and waits: with
        "durable" returns the version that includes it; with "received" None, once the hub has it in
        memory; with "delivered" a Delivery, once every node with interest has it, too. Raises
        Refused, or Unknown: the change then stays pending and is still sent."""
        call = Call()
        self.commit_later(operations, call.done, ack, **terms)
        return self._client.wait_for_commit(call, timeout_s)

    def commit_later(self, operations, done, ack="durable", **terms):
        """Sends and returns; `done` gets what commit returns, or an error, mostly on the client's
        thread, and must not call the client."""
        self._client.start_commit(self._copy, delta_of(operations, **terms), ack, done)

    def delete(self, timeout_s=5.0):
        """Ends the session's life for every node."""
        call, delta = Call(), delta_of([])
        delta.delete_session = True
        self._client.start_commit(self._copy, delta, "durable", call.done)
        return self._client.wait_for_commit(call, timeout_s)

    def change_id(self, new_id, alias_s=0.0, timeout_s=5.0):
        """Gives the session another id, as after a login. Returns once it is durable: the old id
        leads here no more, but for `alias_s`. Raises ALREADY_EXISTS, NOT_FOUND;
        DEADLINE_EXCEEDED: the change stays pending."""
        call = Call()
        raw = new_id if isinstance(new_id, bytes) else new_id.encode()
        self._client.ask_hub(RenameRequest(self._copy, raw, round(alias_s * 1000), call.done),
                             call, timeout_s)

    def lock(self, lease_s=30.0, wait_s=0.0, timeout_s=5.0):
        """The session's lock, which one caller of all nodes has at a time, as a SessionLock. Raises
        DEADLINE_EXCEEDED if somebody else has it, after `wait_s`, or the hub does not answer."""
        call = Call()
        request = LockRequest(self._copy, round(lease_s * 1000), call.done,
                              wait_until=time.monotonic() + wait_s)
        token, version = self._client.ask_hub(request, call, wait_s + timeout_s)
        return SessionLock(self._client, self._copy, token, version)


class SessionLock:
    """A lock that was granted; `with` gives it back. It ends with its lease at the latest."""

    def __init__(self, client, copy, token, version):
        self._client, self._copy = client, copy
        self.token, self.version = token, version

    def prolong(self, lease_s, timeout_s=5.0):
        """The lease ends `lease_s` from now. Raises ABORTED if the lock is lost."""
        if not self.token:
            raise SessionHubError("FAILED_PRECONDITION", "the lock was given back")
        call = Call()
        request = LockRequest(self._copy, round(lease_s * 1000), call.done, token=self.token)
        self._client.ask_hub(request, call, timeout_s)

    def unlock(self):
        """Gives it back, once all that was committed under it is answered."""
        token, self.token = self.token, 0
        if token:
            self._client.unlock(self._copy, token)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.unlock()
