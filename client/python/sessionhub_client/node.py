"""A node's side of the protocol: frames in, frames out, calls that end. No I/O, no clock; whoever
drives it holds one lock around every call."""
import collections
import operator
import os

from sessionhub.v1 import delta_pb2, frames_pb2

from .copies import Copy, Write
from .errors import Refused, SessionHubError, Unknown, not_found, unreadable

# Python keeps the word for itself.
start_of = operator.attrgetter("from")

# Changes that are committed and not answered yet.
PENDING_BYTES_MAX = 16 << 20

COMES_BACK = (frames_pb2.Goodbye.DRAINING, frames_pb2.Goodbye.SILENT, frames_pb2.Goodbye.BUSY)


class OpenRequest:
    """An Open without an answer. `done` is None where the node itself asks for a copy it holds."""

    def __init__(self, request, session_id, create, number, done):
        self.request, self.id, self.create, self.number = request, session_id, create, number
        self.done = done
        self.sent = False


class Node:
    """One incarnation after another of one node of one app."""

    def __init__(self, app, node_name):
        self.app, self.name = app, node_name
        self.standing = None        # an error, once the hub told this node to stay away
        self.copies = {}            # by number
        self.by_handle = {}
        self.by_id = {}
        self.writes = collections.OrderedDict()  # without an answer, by seq
        self.opens = collections.OrderedDict()   # by request
        self.waiting = collections.defaultdict(list)  # for a catch-up, by number
        self.last_request = 0
        self.history_id = b""
        self.hello_unanswered = False
        self.heard_at = 0.0
        self.lease_s = None
        self.heartbeat_s = 1.0
        self.limits = frames_pb2.Limits()
        self.new_incarnation()
        self.stream_up()

    def new_incarnation(self):
        self.incarnation, self.known_before, self.last_seq = os.urandom(16), False, 0

    # ---- the stream ----

    def stream_up(self):
        self.attached = False
        self.hello_sent = False
        self.leave = False          # the driver is to end this stream and come back
        self.lease_known = not self.hello_unanswered
        self.last_answered = 0
        self.seen_through = self.told_seen_through = 0
        self.hub_paths, self.own_paths = {}, {}
        self.resumes, self.closes = [], []

    def stream_down(self):
        self.attached = False
        for copy in self.copies.values():
            copy.live, copy.staged = False, []
        for write in self.writes.values():
            write.sent = False
        for request in list(self.opens.values()):
            if request.sent and request.create == frames_pb2.CREATE_EXCLUSIVE:
                self.fail_open(request, SessionHubError(
                    "UNAVAILABLE", "the hub was lost while it created this session"))
            request.sent = False

    def on_attached(self, attached):
        self.hello_unanswered = False
        if self.history_id and self.history_id != attached.history_id:
            self.drop_everything(Unknown("the hub has another data folder"))
        self.history_id = attached.history_id
        if attached.incarnation_ended:
            self.end_writes(Unknown("the hub's resend horizon has passed"))
            self.new_incarnation()
            self.leave = True
            return
        self.attached = self.known_before = True
        self.heartbeat_s = attached.heartbeat_ms / 2000 or self.heartbeat_s
        self.lease_s = attached.lease_ms / 1000 or None
        self.limits.CopyFrom(attached.limits)
        held = attached.lease_held and self.lease_known
        if not held:
            self.by_handle.clear()
        for copy in self.copies.values():
            if held and copy.handle:
                self.resumes.append(copy)
            else:
                copy.handle = 0
                self.reopen(copy)

    def reopen(self, copy):
        if not any(one.number == copy.number for one in self.opens.values()):
            self.add_open(copy.id, frames_pb2.CREATE_NEVER, copy.number, None)

    def on_goodbye(self, goodbye):
        self.leave = True
        if goodbye.why not in COMES_BACK:
            self.standing = SessionHubError(
                "FAILED_PRECONDITION", f"the hub told this node to stay away: {goodbye.message}")
            self.drop_everything(self.standing)

    # ---- frames in ----

    def receive(self, frame, now):
        if frame.HasField("attached") and not self.attached:
            self.on_attached(frame.attached)
        if self.attached:
            self.heard_at = now
            for definition in frame.paths:
                self.hub_paths[definition.number] = definition.path
            for item in frame.items:
                self.on_item(item)
        if frame.HasField("goodbye"):
            self.on_goodbye(frame.goodbye)

    def on_item(self, item):
        what = item.WhichOneof("what")
        if what == "opened":
            return self.on_opened(item)
        if not item.handle:
            return self.on_answer(item, what)
        copy = self.by_handle.get(item.handle)
        if not copy:
            return None  # it was closed meanwhile
        if what == "changes":
            changes = self.with_paths(item.changes.ops)
            if not copy.forward(start_of(item), start_of(item) + (item.span or 1), changes):
                self.ask(copy)
        elif what == "catch_up":
            self.on_catch_up(copy, item)
        elif what == "renamed":
            self.rename(copy, item.renamed.id)
        elif what == "ended":
            self.on_ended(copy, item.ended.why)
        return None

    def rename(self, copy, new_id):
        """The copy answers to its new id only: the old one may be known to others."""
        if self.by_id.get(copy.id) is copy:
            del self.by_id[copy.id]
        if copy.id != new_id:
            copy.former_id = copy.id
        copy.id = new_id
        self.by_id[new_id] = copy

    def with_paths(self, ops):
        for operation in ops:
            if operation.path_number:
                operation.path = self.hub_paths[operation.path_number]
        return ops

    def on_catch_up(self, copy, item):
        self.with_paths(item.catch_up.ops)
        if not copy.catch_up(start_of(item), start_of(item) + item.span, item.catch_up):
            self.ask(copy, even_if_asked=True)
        if copy.live:
            for done in self.waiting.pop(copy.number, []):
                done(copy)

    def on_opened(self, item):
        request = self.opens.pop(item.opened.request, None)
        if not request:
            return
        if not item.handle:
            self.on_open_refused(request, item.opened.refused)
            return
        older = self.by_id.get(request.id)
        if older and older.number != item.opened.number:
            self.end(older)
        copy = self.copies.get(item.opened.number)
        if not copy:
            copy = self.copies[item.opened.number] = Copy(request.id, item.opened.number)
        if copy.former_id != request.id:
            self.rename(copy, request.id)
        self.by_handle.pop(copy.handle, None)
        copy.handle = item.handle
        copy.live = False
        self.by_handle[item.handle] = copy
        if request.done:
            self.waiting[copy.number].append(request.done)

    def on_open_refused(self, request, refused):
        copy = self.copies.get(request.number)
        # Of a copy that has another id by now the answer says nothing.
        if copy and copy.id == request.id:
            self.end(copy)
        if request.done:
            request.done(Refused(refused))

    def on_ended(self, copy, why):
        if why == frames_pb2.Ended.UNKNOWN:
            self.by_handle.pop(copy.handle, None)
            copy.handle, copy.live = 0, False
            self.reopen(copy)
        elif why == frames_pb2.Ended.UNREADABLE:
            self.end(copy, unreadable())
        else:
            self.end(copy)

    def on_answer(self, item, what):
        if what in ("answer", "delivered"):
            return
        seq = item.seq or self.last_answered + 1
        self.last_answered = seq
        self.seen_through = max(self.seen_through, seq)
        write = self.writes.pop(seq, None)
        if not write:
            return
        copy = self.copies.get(write.number)
        if what == "refused":
            if copy and write in copy.writes:
                copy.writes.remove(write)
            write.done(Refused(item.refused))
            return
        start, end = start_of(item), start_of(item) + (item.span or 1)
        if what == "already":
            start, end = None, start_of(item)
        if copy and write.delta.delete_session:
            self.end(copy)
        elif copy and not copy.answer(write, start, end):
            self.ask(copy)
        write.done(end)

    def ask(self, copy, even_if_asked=False):
        if copy.live or even_if_asked:
            copy.live = False
            self.resumes.append(copy)

    def end(self, copy, error=None):
        copy.ended = True
        if copy.handle:
            self.closes.append(copy.handle)
        self.by_handle.pop(copy.handle, None)
        self.copies.pop(copy.number, None)
        if self.by_id.get(copy.id) is copy:
            del self.by_id[copy.id]
        for done in self.waiting.pop(copy.number, []):
            done(error or not_found())

    def end_writes(self, error):
        writes, self.writes = list(self.writes.values()), collections.OrderedDict()
        for copy in self.copies.values():
            copy.writes.clear()
        for write in writes:
            write.done(error)

    def drop_everything(self, error):
        for copy in list(self.copies.values()):
            self.end(copy)
        self.closes.clear()
        self.end_writes(error)
        if self.standing:
            for request in list(self.opens.values()):
                self.fail_open(request, error)

    def fail_open(self, request, error):
        self.opens.pop(request.request, None)
        if request.done:
            request.done(error)

    # ---- calls ----

    def add_open(self, session_id, create, number, done):
        self.last_request += 1
        self.opens[self.last_request] = OpenRequest(
            self.last_request, session_id, create, number, done)

    def commit(self, copy, delta, done):
        """Sends the change, now or as soon as there is a hub; `done` gets a version or an error."""
        pending_bytes = sum(write.delta.ByteSize() for write in self.writes.values())
        if pending_bytes + delta.ByteSize() > PENDING_BYTES_MAX:
            raise SessionHubError(
                "RESOURCE_EXHAUSTED", f"over {PENDING_BYTES_MAX} bytes are pending: wait for them")
        self.last_seq += 1
        write = Write(self.last_seq, copy.number, delta, done)
        self.writes[write.seq] = write
        copy.writes.append(write)

    def fresh_at(self, copy):
        if copy.live:
            copy.heard_at = self.heard_at
        return copy.heard_at

    # ---- frames out ----

    def next_frame(self):
        """The next frame to send, or None. Heartbeats are the driver's."""
        frame = frames_pb2.NodeFrame()
        if not self.hello_sent:
            self.hello_sent = self.hello_unanswered = True
            frame.hello.CopyFrom(frames_pb2.Hello(
                protocol_version=1, app=self.app, node_name=self.name,
                incarnation=self.incarnation, history_id=self.history_id,
                known_before=self.known_before))
            return frame
        if not self.attached or self.leave:
            return None
        if self.closes:  # by themselves: a frame's opens take effect before its closes
            frame.closes.extend(self.closes)
            self.closes.clear()
        else:
            self.fill_opens(frame)
            self.fill_deltas(frame)
        through = self.answered_through()
        if through > self.told_seen_through:
            frame.answers_seen_through = self.told_seen_through = through
        return frame if frame.ByteSize() else None

    def answered_through(self):
        """Every answer up to this number has arrived."""
        unanswered = min(self.writes, default=self.last_seq + 1)
        return unanswered - 1

    def fill_opens(self, frame):
        for request in self.opens.values():
            if request.sent:
                continue
            copy = self.copies.get(request.number)
            frame.opens.add(request=request.request, id=request.id, create=request.create,
                            number=copy.number if copy else 0, version=copy.version if copy else 0)
            request.sent = True
        for copy in self.resumes:
            if copy.handle and not copy.ended:
                frame.resumes.add(handle=copy.handle, version=copy.version)
        self.resumes.clear()

    def fill_deltas(self, frame):
        in_flight = sum(write.sent for write in self.writes.values())
        bytes_left = self.limits.frame_bytes_max // 2
        for write in self.writes.values():
            if write.sent:
                continue
            count = len(frame.deltas)
            bytes_left -= write.delta.ByteSize()
            if in_flight >= self.limits.in_flight_deltas_max or count and (
                    bytes_left < 0 or write.seq != frame.first_seq + count):
                return  # numbers are implied
            if not count:
                frame.first_seq = write.seq
            self.add_delta(write, frame)
            write.sent = True
            in_flight += 1

    def add_delta(self, write, frame):
        delta = frame.deltas.add()
        delta.CopyFrom(write.delta)
        copy = self.copies.get(write.number)
        if copy and copy.handle:
            delta.handle = copy.handle
        else:
            delta.number = write.number
        for operation in delta.ops:
            number = self.own_paths.get(operation.path)
            if not number and len(self.own_paths) >= self.limits.path_definitions_max:
                continue  # it goes inline
            if not number:
                number = self.own_paths[operation.path] = len(self.own_paths) + 1
                frame.paths.add(number=number, path=operation.path)
            operation.path_number, operation.path = number, b""


def delta_of(operations, delete=False):
    return delta_pb2.Delta(ops=operations, delete_session=delete)
