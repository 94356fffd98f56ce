"""A node's copies of sessions, and the changes of its own that they do not hold yet. No I/O."""
from sessionhub.v1 import frames_pb2

from . import operations


class Write:
    """One commit. `answered` is (from, to) once it is applied; None for a `from` not known.
    `previous` is the one that must be applied before it, if there is one."""

    def __init__(self, number, delta, done, ack, previous):
        self.number, self.delta, self.done, self.ack = number, delta, done, ack
        self.previous = previous
        self.seq = 0
        self.needs = 0          # feature bits
        self.applied = None     # until it is known
        self.holds_seen = 0     # the hub is to remember the refusal of this number meanwhile
        self.sent = self.ever_sent = False
        self.answered = None
        self.included = False

    def tell(self, value):
        """Ends the caller's wait, once."""
        done, self.done = self.done, None
        if done:
            done(value)

    def end(self, value):
        if isinstance(value, Exception):
            self.applied = False
        self.previous = None  # or a chain of them would be kept for ever
        self.tell(value)


class Copy:
    """A session's fields at a version: changes only by intervals of versions that continue it."""

    def __init__(self, session_id, number):
        self.id, self.number = session_id, number
        self.former_id = None  # which the hub may still lead here
        self.handle = 0
        self.version = 0
        self.known_version = 0  # the newest heard of
        self.fields = {}
        self.live = False
        self.asked = False  # a catch-up is on its way
        self.old = False    # the hub said that there is something newer, and nothing more
        self.mode = frames_pb2.INTEREST_PUSH
        self.ended = False
        self.idle_timeout_ms = 0
        self.touched_at = 0.0
        self.heard_at = 0.0  # when it was live last
        self.staged = []
        self.writes = []     # in seq order
        self.last_write = None

    def shown(self):
        """The fields with this node's own pending changes over them."""
        fields = self.fields
        for write in self.writes:
            if write.included:
                continue
            try:
                fields = operations.apply(write.delta.ops, fields)
            except operations.DoesNotApply:
                pass  # it will be refused, or applies to a newer copy
        return fields

    def forward(self, start, end, changes):
        """False if something before it is missing."""
        if end <= self.version:
            return True
        self.known_version = max(self.known_version, end)
        if start != self.version:
            return False
        try:
            self.fields = operations.apply(changes, self.fields)
        except operations.DoesNotApply:
            return False
        self.version = end
        self.apply_answered()
        return True

    def catch_up(self, start, end, item):
        """Takes one item of a catch-up. False if the copy still lacks something."""
        if item.first:
            self.staged = []
        self.staged.extend(item.ops)
        if item.more:
            return True
        changes, self.staged = self.staged, []
        self.asked = False
        if not item.replace and start > self.version:
            return False
        if end > self.version or item.replace and end > 0:
            base = {} if item.replace else self.fields
            self.fields = operations.apply(changes, base)
            self.version = end
        self.idle_timeout_ms = item.idle_timeout_ms
        self.live, self.asked = not item.behind, item.behind
        self.drop_included(item.included_seq)
        self.apply_answered()
        self.old = self.old and self.known_version > self.version
        return item.behind or self.known_version <= self.version

    def invalidate(self, end):
        """True if this is news."""
        if end <= self.version:
            return False
        self.known_version = max(self.known_version, end)
        self.live, self.old = False, True
        return True

    def serves(self, mode, at_least_version):
        """True if an open of this kind needs nothing of the hub."""
        return not self.old and self.version >= max(at_least_version, 1) and self.mode <= mode

    def drop_included(self, seq):
        for write in list(self.writes):
            reached = write.answered and write.answered[1] <= self.version
            if write.seq <= seq or reached:
                write.included = True
                if write.answered:
                    self.writes.remove(write)

    def apply_answered(self):
        """Own changes whose place on the version line has come become part of the copy."""
        for write in list(self.writes):
            if not write.answered:
                continue
            start, end = write.answered
            if start == self.version and not write.included:
                self.fields = operations.apply(write.delta.ops, self.fields)
                self.version = end
                if write.delta.settings.HasField("idle_timeout_ms"):
                    self.idle_timeout_ms = write.delta.settings.idle_timeout_ms
            if end <= self.version:
                self.writes.remove(write)

    def answer(self, write, start, end):
        """False if the copy lacks something before it."""
        write.answered = (start, end)
        self.known_version = max(self.known_version, end)
        if write.included and write in self.writes:
            self.writes.remove(write)
        else:
            self.apply_answered()
        return self.version >= end
