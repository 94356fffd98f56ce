"""A node's commits without an answer: their numbers, their order, how they end. No I/O."""
import collections

from . import features
from .copies import Write
from .errors import SessionHubError, previous_refused

# Changes that are committed and not answered yet.
PENDING_BYTES_MAX = 16 << 20

# How a commit with ack="delivered" ended: `delivered` says whether every other node with interest
# has it, but for those of `missing`.
Delivery = collections.namedtuple("Delivery", "version delivered missing")


class Commits:
    """`writes` by number, in order; each ends once, with what its `done` is called with."""

    def __init__(self):
        self.writes = collections.OrderedDict()
        self.deliveries = {}  # (write, version) that are durable, by number
        self.last_seq = 0
        self.last_answered = 0

    def stream_up(self):
        self.last_answered = 0

    def stream_down(self):
        """What was sent is sent again; what is durable is not waited for any more."""
        for write in self.writes.values():
            write.sent = False
        deliveries, self.deliveries = self.deliveries, {}
        for write, version in deliveries.values():
            write.end(Delivery(version, False, ()))

    def add(self, copy, delta, ack, done):
        pending_bytes = sum(write.delta.ByteSize() for write in self.writes.values())
        if pending_bytes + delta.ByteSize() > PENDING_BYTES_MAX:
            raise SessionHubError(
                "RESOURCE_EXHAUSTED", f"over {PENDING_BYTES_MAX} bytes are pending: wait for them")
        previous = copy.last_write if delta.after_previous else None
        write = copy.last_write = Write(copy.number, delta, done, ack, previous)
        write.needs = features.needed_by(delta)
        if previous and previous.applied is False:
            write.end(previous_refused())
            return
        self.last_seq += 1
        write.seq = self.last_seq
        self.writes[write.seq] = write
        copy.writes.append(write)

    def pop_answered(self, seq):
        """The write that an answer is for; None if it has ended already."""
        seq = seq or self.last_answered + 1
        self.last_answered = seq
        return self.writes.pop(seq, None)

    def refuse(self, write, error, copy):
        """Ends it, and what was to follow it and was not sent yet."""
        self.writes.pop(write.seq, None)
        if copy and write in copy.writes:
            copy.writes.remove(write)
        write.end(error)
        for after in list(self.writes.values()):
            if not after.previous or after.previous.applied is not False:
                continue
            if after.ever_sent:  # the hub refuses it, as long as it remembers this refusal
                after.holds_seen = after.holds_seen or after.previous.seq
            else:
                self.drop(after, copy)

    def drop(self, write, copy):
        del self.writes[write.seq]
        if copy and write in copy.writes:
            copy.writes.remove(write)
        write.end(previous_refused())

    def apply(self, write, version, delivery_follows):
        write.applied = True
        if delivery_follows:
            self.deliveries[write.seq] = (write, version)
        elif write.ack == "delivered":
            write.end(Delivery(version, False, ()))
        else:
            write.end(version)

    def on_delivered(self, seq, delivered):
        write, version = self.deliveries.pop(seq, (None, 0))
        if write:
            write.end(Delivery(version, not delivered.unknown, tuple(delivered.missing_nodes)))

    def give_up_delivery(self, done):
        """Nobody waits any more for the delivery of the change that ends with `done`, if it is
        durable."""
        for seq, (write, version) in list(self.deliveries.items()):
            if write.done == done:
                del self.deliveries[seq]
                write.end(Delivery(version, False, ()))

    def on_received_through(self, seq):
        for write in self.writes.values():
            if write.seq <= seq and write.ack == "received":
                write.tell(None)

    def end_all(self, error):
        writes, self.writes = list(self.writes.values()), collections.OrderedDict()
        for write in writes:
            write.end(error)

    def answered_through(self):
        """Every answer up to this number has arrived, and none is needed any more."""
        first = min(self.writes, default=self.last_seq + 1)
        held = (write.holds_seen for write in self.writes.values() if write.holds_seen)
        return min(first, min(held, default=first)) - 1

    def under_lock(self, number, token):
        return any(write.number == number and write.delta.lock_token == token
                   for write in self.writes.values())
