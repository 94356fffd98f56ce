"""A node's side of the protocol: frames in, frames out, calls that end. No I/O, no clock; whoever
drives it holds one lock around every call."""
import collections
import operator
import os

from sessionhub.v1 import delta_pb2, frames_pb2

from .commits import Commits
from .copies import Copy
from .errors import Refused, SessionHubError, Unknown, not_found, unreadable
from .features import FEATURES
from .outgoing import Outgoing
from .uses import Uses

# Python keeps the word for itself.
start_of = operator.attrgetter("from")

ENDS = (delta_pb2.GONE, delta_pb2.NOT_FOUND, delta_pb2.RENAMED)
SILENT_HEARTBEATS = 6  # of half the hub's heartbeat each
COMES_BACK = (frames_pb2.Goodbye.DRAINING, frames_pb2.Goodbye.SILENT, frames_pb2.Goodbye.BUSY)


class OpenRequest:
    """An Open without an answer. `done` is None where the node itself asks for a copy it holds."""

    def __init__(self, session_id, number, done, create=frames_pb2.CREATE_NEVER,
                 mode=frames_pb2.INTEREST_PUSH, new_session=None):
        self.id, self.number, self.done = session_id, number, done
        self.create, self.mode, self.new_session = create, mode, new_session
        self.request = 0
        self.sent = self.ever_sent = False


class Node(Outgoing):
    """One incarnation after another of one node of one app."""

    def __init__(self, app, node_name):
        self.app, self.name = app, node_name
        self.standing = None        # an error, once the hub told this node to stay away
        self.copies = {}            # by number
        self.by_handle = {}
        self.by_id = {}
        self.commits = Commits()
        self.uses = Uses()
        self.opens = collections.OrderedDict()     # without an answer, by request
        self.requests = collections.OrderedDict()  # the same, of others
        self.granted = []           # (request, token, version) that wait for their copies
        self.unlocks = []           # (number, token)
        self.waiting = collections.defaultdict(list)  # for a catch-up, by number
        self.last_request = 0
        self.history_id = b""
        self.closes = []            # handles, to be sent
        # Sent, and perhaps not read: sent again after a cut. One that is given anew is out.
        self.closed = set()
        self.growth_waits = ""      # why the hub holds back what this node sent, for people
        # An Open was not answered when the last stream ended, so the hub may have given a handle
        # that this node has not heard of. The next Hello asks for another lease.
        self.handles_unknown = False
        self.heard_at = 0.0
        self.lease_s = None
        self.heartbeat_s = 1.0
        self.limits = frames_pb2.Limits()
        self.new_incarnation()
        self.stream_up()

    def new_incarnation(self):
        self.incarnation, self.known_before = os.urandom(16), False
        self.commits.last_seq = 0

    # ---- the stream ----

    def stream_up(self):
        self.attached = False
        self.hello_sent = False
        self.leave = False          # the driver is to end this stream and come back
        self.features = 0
        self.told_seen_through = 0
        self.hub_paths, self.own_paths = {}, {}
        self.resumes, self.receipts = [], []
        self.commits.stream_up()

    def stream_down(self):
        self.attached, self.growth_waits = False, ""
        for copy in self.copies.values():
            copy.live, copy.asked, copy.staged = False, False, []
        self.commits.stream_down()
        for request in self.requests.values():
            request.sent = False
        for request in self.opens.values():
            self.handles_unknown |= request.sent
            request.sent = False

    def agreed(self, features):
        return not features & ~self.features

    def on_attached(self, attached):
        self.handles_unknown = False
        if self.history_id and self.history_id != attached.history_id:
            self.drop_everything(Unknown("the hub has another data folder"))
        self.history_id = attached.history_id
        if attached.incarnation_ended:
            self.end_pending(Unknown("the hub's resend horizon has passed"))
            self.new_incarnation()
            self.leave = True
            return
        self.attached = self.known_before = True
        self.heartbeat_s = attached.heartbeat_ms / 2000 or self.heartbeat_s
        self.lease_s = attached.lease_ms / 1000 or None
        self.limits.CopyFrom(attached.limits)
        self.features = attached.features & FEATURES
        self.closes = [*self.closed, *self.closes] if attached.lease_held else []
        self.closed.clear()
        if not attached.lease_held:
            self.by_handle.clear()
        for copy in self.copies.values():
            if attached.lease_held and copy.handle:
                self.ask(copy)
            else:
                copy.handle = 0
                self.reopen(copy)

    def reopen(self, copy):
        if not any(one.number == copy.number for one in self.opens.values()):
            self.add_open(OpenRequest(copy.id, copy.number, None, mode=copy.mode))

    def on_goodbye(self, goodbye):
        self.leave = True
        if goodbye.why not in COMES_BACK:
            self.standing = SessionHubError(
                "FAILED_PRECONDITION", f"the hub told this node to stay away: {goodbye.message}")
            self.drop_everything(self.standing)

    # ---- frames in ----

    def receive(self, frame, now):
        silent_s = max(self.lease_s or 0.0, SILENT_HEARTBEATS * self.heartbeat_s)
        if self.attached and self.lease_s and now - self.heard_at > silent_s:
            # This process stood still. The hub may have ended the lease, and what is read now may
            # have waited here since before that: it makes no copy fresh.
            self.leave = True
            return
        if frame.HasField("attached") and not self.attached:
            self.on_attached(frame.attached)
        if self.attached:
            self.heard_at = now
            for definition in frame.paths:
                self.hub_paths[definition.number] = definition.path
            for item in frame.items:
                self.on_item(item)
            if frame.received_through:
                self.commits.on_received_through(frame.received_through)
            if frame.HasField("growth_waits"):
                self.growth_waits = frame.growth_waits
            self.settle_granted()
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
            self.on_forward(copy, item)
        elif what == "catch_up":
            self.on_catch_up(copy, item)
        elif what == "renamed":
            self.rename(copy, item.renamed.id)
        elif what == "invalidated":
            self.on_invalidated(copy, item)
        elif what == "ended":
            self.on_ended(copy, item.ended.why)
        return None

    def on_forward(self, copy, item):
        end = start_of(item) + (item.span or 1)
        if not copy.forward(start_of(item), end, self.with_paths(item.changes.ops)):
            self.ask(copy)
            return
        if copy.version == end and item.changes.HasField("idle_timeout_ms"):
            copy.idle_timeout_ms = item.changes.idle_timeout_ms
        self.give_receipt(item, end)

    def on_invalidated(self, copy, item):
        """Nothing is fetched before somebody opens the session again."""
        copy.invalidate(start_of(item) + (item.span or 1))
        self.give_receipt(item, 0)

    def give_receipt(self, item, version):
        if item.receipt:
            self.receipts.append(frames_pb2.Receipt(handle=item.handle, version=version))

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
        end = start_of(item) + item.span
        if not copy.catch_up(start_of(item), end, item.catch_up):
            self.ask(copy)
        if not item.catch_up.more and copy.version >= end:
            self.give_receipt(item, end)
        if copy.live and not copy.old:
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
        self.closed.discard(copy.handle)
        copy.live, copy.asked, copy.mode = False, True, request.mode
        self.by_handle[item.handle] = copy
        if request.done:
            self.waiting[copy.number].append(request.done)

    def on_open_refused(self, request, refused):
        copy = self.copies.get(request.number)
        if refused.reason not in ENDS:
            copy = None  # the question was wrong, and says nothing of the session
        if copy and copy.id == request.id:
            self.end(copy)
        elif copy and not copy.handle:  # it has got another id since: the answer says nothing
            self.reopen(copy)
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
        if what == "answer":
            request = self.requests.pop(item.answer.request, None)
            if request:
                request.on_answer(self, item.answer)
            return
        if what == "delivered":
            self.commits.on_delivered(item.seq, item.delivered)
            return
        write = self.commits.pop_answered(item.seq)
        if write and what == "refused":
            self.commits.refuse(write, Refused(item.refused), self.copies.get(write.number))
        elif write:
            self.on_applied(write, item, what)

    def on_applied(self, write, item, what):
        copy = self.copies.get(write.number)
        start, end = start_of(item), start_of(item) + (item.span or 1)
        if what == "already":
            start, end = None, start_of(item)
        if copy and write.delta.delete_session:
            self.end(copy)
        elif copy and not copy.answer(write, start, end):
            self.ask(copy)
        self.commits.apply(write, end, write.ack == "delivered"
                           and self.agreed(frames_pb2.FEATURE_DELIVERED))

    def on_granted(self, request, token, version):
        """The lock's caller is to see what those before it have written."""
        if request.copy.old or not request.copy.live:
            self.ask(request.copy)
        self.granted.append((request, token, version))

    def settle_granted(self):
        granted, self.granted = self.granted, []
        for request, token, version in granted:
            copy = request.copy
            if request.abandoned or copy.ended:
                self.unlock(copy, token)
                request.done(not_found())
            elif copy.version >= version:
                request.done((token, version))
            else:
                self.granted.append((request, token, version))

    def ask(self, copy):
        """For a catch-up, unless one is on its way."""
        copy.live = False
        if not copy.asked and copy.handle:
            copy.asked = True
            self.resumes.append(copy)

    def end(self, copy, error=None):
        copy.ended = True
        self.uses.forget(copy)
        if copy.handle:
            self.closes.append(copy.handle)
        self.by_handle.pop(copy.handle, None)
        self.copies.pop(copy.number, None)
        if self.by_id.get(copy.id) is copy:
            del self.by_id[copy.id]
        for done in self.waiting.pop(copy.number, []):
            done(error or not_found())

    def end_pending(self, error):
        """What this incarnation has no answer to gets none any more."""
        for copy in self.copies.values():
            copy.writes.clear()
        self.commits.end_all(error)
        for request in list(self.opens.values()):
            # The hub knows by incarnation and request what an Open of this kind has created.
            if request.ever_sent and request.create == frames_pb2.CREATE_EXCLUSIVE:
                self.fail_open(request, error)
        requests, self.requests = list(self.requests.values()), collections.OrderedDict()
        for request in requests:
            request.done(error)

    def drop_everything(self, error):
        for copy in list(self.copies.values()):
            self.end(copy)
        self.closes.clear()
        self.closed.clear()
        self.end_pending(error)
        self.settle_granted()
        self.unlocks.clear()
        if self.standing:
            for request in list(self.opens.values()):
                self.fail_open(request, error)

    def fail_open(self, request, error):
        self.opens.pop(request.request, None)
        if request.done:
            request.done(error)

    # ---- calls ----

    def add_open(self, request):
        """All who hold a session share one copy, and the strongest interest that was asked for."""
        others = [one.mode for one in self.opens.values() if one.id == request.id]
        copy = self.copies.get(request.number)
        request.mode = min([request.mode, *others, *([copy.mode] if copy else [])])
        self.opens[self.new_request(request)] = request

    def ask_hub(self, request):
        """Sends a request that is no Open, now and until it has its answer."""
        self.requests[self.new_request(request)] = request

    def new_request(self, request):
        self.last_request += 1
        request.request = self.last_request
        return self.last_request

    def unlock(self, copy, token):
        if not copy.ended:
            self.unlocks.append((copy.number, token))

    def commit(self, copy, delta, ack, done):
        """Sends the change, now or as soon as there is a hub; `done` gets how it ended."""
        self.commits.add(copy, delta, ack, done)
        self.uses.forget(copy)

    def fresh_at(self, copy):
        if copy.live:
            copy.heard_at = self.heard_at
        return copy.heard_at
