"""A node's copies of sessions, and the changes of its own that they do not hold yet. No I/O."""
from . import operations


class Write:
    """One commit. `answered` is (from, to) once it is applied; None for a `from` not known."""

    def __init__(self, seq, number, delta, done):
        self.seq, self.number, self.delta, self.done = seq, number, delta, done
        self.sent = False
        self.answered = None
        self.included = False


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
        self.ended = False
        self.heard_at = 0.0  # when it was live last
        self.staged = []
        self.writes = []     # in seq order

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
        if not item.replace and start > self.version:
            return False
        if end > self.version or item.replace and end > 0:
            base = {} if item.replace else self.fields
            self.fields = operations.apply(changes, base)
            self.version = end
        self.live = not item.behind
        self.drop_included(item.included_seq)
        self.apply_answered()
        return item.behind or self.known_version <= self.version

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
            if end <= self.version:
                self.writes.remove(write)

    def answer(self, write, start, end):
        """False if the copy lacks something before it."""
        write.answered = (start, end)
        self.known_version = max(self.known_version, end)
        if write.included:
            self.writes.remove(write)
        else:
            self.apply_answered()
        return self.version >= end
