"""What a node says: the other half of Node. No I/O, no clock."""
from sessionhub.v1 import frames_pb2

from .errors import Unknown, refused_unsupported, unsupported
from .features import FEATURES


# What one frame asks at most of each kind: all of them are less than a hub takes.
FRAME_REQUESTS_MAX = 2048


def take_some(waiting, frame_field):
    """Moves the first of them, as many as a frame takes."""
    frame_field.extend(waiting[:FRAME_REQUESTS_MAX])
    del waiting[:FRAME_REQUESTS_MAX]


class Outgoing:
    """Frames out of what Node has collected, each kind where the protocol wants it."""

    def next_frame(self, now):
        """The next frame to send, or None. Heartbeats are the driver's."""
        if not self.hello_sent:
            return self.hello()
        if not self.attached or self.leave:
            return None
        frame = frames_pb2.NodeFrame()
        if self.receipts:  # before all that follows from the same items
            take_some(self.receipts, frame.receipts)
        elif self.closes:  # by themselves: a frame's opens take effect before its closes
            take_some(self.closes, frame.closes)
            self.closed.update(frame.closes)
        else:
            self.fill_opens(frame)
            self.fill_deltas(frame)
            self.fill_requests(frame, now)
            self.fill_unlocks(frame)
            if self.agreed(frames_pb2.FEATURE_LIFE):
                self.uses.fill(frame, now, FRAME_REQUESTS_MAX)
        through = self.commits.answered_through()
        if through > self.told_seen_through:
            frame.answers_seen_through = self.told_seen_through = through
        return frame if frame.ByteSize() else None

    def hello(self):
        self.hello_sent = True
        if self.handles_unknown:  # no commit waits for this node any more, so it shows nothing old
            for copy in self.by_handle.values():
                copy.old = True
        return frames_pb2.NodeFrame(hello=frames_pb2.Hello(
            protocol_version=1, features=FEATURES, app=self.app, node_name=self.name,
            incarnation=self.incarnation, history_id=self.history_id,
            known_before=self.known_before, new_lease=self.handles_unknown))

    def next_touch_at(self):
        """When there is a use to tell, if nothing else happens; None if there is none."""
        if not self.attached or not self.agreed(frames_pb2.FEATURE_LIFE):
            return None
        return self.uses.next_due_at()

    # ---- interest ----

    def fill_opens(self, frame):
        for request in list(self.opens.values()):
            if len(frame.opens) == FRAME_REQUESTS_MAX:
                break
            if not request.sent and not self.waits_for_its_id(request):
                self.fill_open(request, frame)
        for copy in self.resumes[:FRAME_REQUESTS_MAX]:
            if copy.handle and not copy.ended:
                frame.resumes.add(handle=copy.handle, version=copy.version)
        del self.resumes[:FRAME_REQUESTS_MAX]

    def waits_for_its_id(self, request):
        """By which id to open it is not known before a Rename that was sent is answered."""
        return request.number and any(
            one.ever_sent and one.feature == frames_pb2.FEATURE_LIFE
            and one.copy.number == request.number for one in self.requests.values())

    def fill_open(self, request, frame):
        copy = self.copies.get(request.number)
        if request.new_session and not self.agreed(frames_pb2.FEATURE_LIFE):
            self.fail_open(request, unsupported())
            return
        if copy:
            request.id = copy.id
        frame.opens.add(request=request.request, id=request.id, create=request.create,
                        number=copy.number if copy else 0, version=copy.version if copy else 0,
                        new_session=request.new_session)
        if self.agreed(frames_pb2.FEATURE_INVALIDATE):
            frame.opens[-1].mode = request.mode
        request.sent = request.ever_sent = True

    # ---- deltas ----

    def fill_deltas(self, frame):
        in_flight = sum(write.sent for write in self.commits.writes.values())
        bytes_left = self.limits.frame_bytes_max // 2
        for write in list(self.commits.writes.values()):
            # One that has ended meanwhile followed one that this hub cannot take.
            if write.sent or write.seq not in self.commits.writes or not self.can_take(write):
                continue
            count = len(frame.deltas)
            bytes_left -= write.delta.ByteSize()
            full = bytes_left < 0 or count == FRAME_REQUESTS_MAX
            if in_flight >= self.limits.in_flight_deltas_max or count and (
                    full or write.seq != frame.first_seq + count):
                return  # numbers are implied
            if not count:
                frame.first_seq = write.seq
            self.add_delta(write, frame)
            write.sent = write.ever_sent = True
            in_flight += 1

    def can_take(self, write):
        if self.agreed(write.needs):
            return True
        error = refused_unsupported()
        if write.ever_sent:  # to a hub that has agreed
            error = Unknown("the hub that was sent this has gone, and this one cannot take it")
        self.commits.refuse(write, error, self.copies.get(write.number))
        return False

    def add_delta(self, write, frame):
        delta = frame.deltas.add()
        delta.CopyFrom(write.delta)
        copy = self.copies.get(write.number)
        if copy and copy.handle:
            delta.handle = copy.handle
        else:
            delta.number = write.number
        delta.delivered = (write.ack == "delivered"
                           and self.agreed(frames_pb2.FEATURE_DELIVERED))
        delta.received = write.ack == "received" and self.agreed(frames_pb2.FEATURE_RECEIVED)
        for place in list(delta.ops) + list(delta.conditions):
            self.number_path(place, frame)

    def number_path(self, place, frame):
        number = self.own_paths.get(place.path)
        if not number and len(self.own_paths) >= self.limits.path_definitions_max:
            return  # it goes inline
        if not number:
            number = self.own_paths[place.path] = len(self.own_paths) + 1
            frame.paths.add(number=number, path=place.path)
        place.path_number, place.path = number, b""

    # ---- requests ----

    def fill_requests(self, frame, now):
        for request in list(self.requests.values()):
            if request.sent:
                continue
            if not self.agreed(request.feature):
                del self.requests[request.request]
                request.done(Unknown("the hub that was asked has gone") if request.ever_sent
                             else unsupported())
                continue
            if len(frame.renames) + len(frame.locks) == FRAME_REQUESTS_MAX:
                return
            request.add_to(frame, now)
            request.sent = request.ever_sent = True

    def fill_unlocks(self, frame):
        """A lock is given back once all that was committed under it is answered."""
        kept = []
        for number, token in self.unlocks:
            full = len(frame.unlocks) == FRAME_REQUESTS_MAX
            if full or self.commits.under_lock(number, token):
                kept.append((number, token))
            else:
                frame.unlocks.add(number=number, token=token)
        self.unlocks = kept
