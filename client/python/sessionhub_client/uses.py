"""Uses of copies that the hub has not been told of: what keeps an idle session alive."""


class Uses:
    """Of each session with an idle timeout the newest use; a Touch tells it."""

    def __init__(self):
        self.untold = {}    # time of the newest use, by copy
        self.hurry = False  # the client leaves: all are due

    def note(self, copy, now):
        """True if somebody has to look when this one is due."""
        if not copy.idle_timeout_ms or copy.ended:
            return False
        first = copy not in self.untold
        self.untold[copy] = now
        return first

    def forget(self, copy):
        """It has ended, or a commit tells the hub by itself."""
        self.untold.pop(copy, None)

    def due_at(self, copy):
        """At most one Touch goes out in a tenth of the timeout."""
        return 0.0 if self.hurry else copy.touched_at + copy.idle_timeout_ms / 10_000

    def next_due_at(self):
        """When the first one can be told; None if there is none."""
        return min((self.due_at(copy) for copy in self.untold if copy.handle), default=None)

    def fill(self, frame, now, count_max):
        for copy, used_at in list(self.untold.items()):
            if len(frame.touches) == count_max:
                return
            if copy.handle and self.due_at(copy) <= now:
                frame.touches.add(handle=copy.handle, ago_ms=max(0, round((now - used_at) * 1000)))
                copy.touched_at = now
                del self.untold[copy]
