"""What calls raise. `code` is the name of the gRPC status code that fits."""
from sessionhub.v1 import delta_pb2, frames_pb2

_CODES = {
    delta_pb2.INVALID_ARGUMENT: "INVALID_ARGUMENT",
    delta_pb2.LIMIT_EXCEEDED: "RESOURCE_EXHAUSTED",
    delta_pb2.GONE: "NOT_FOUND",
    delta_pb2.NOT_FOUND: "NOT_FOUND",
    delta_pb2.ALREADY_EXISTS: "ALREADY_EXISTS",
    delta_pb2.WRONG_TYPE: "FAILED_PRECONDITION",
    delta_pb2.OUT_OF_RANGE: "OUT_OF_RANGE",
    delta_pb2.VERSION_CHANGED: "ABORTED",
    delta_pb2.BASE_CHANGED: "ABORTED",
    delta_pb2.UNSUPPORTED: "UNIMPLEMENTED",
    delta_pb2.UNKNOWN_HANDLE: "INTERNAL",
    delta_pb2.PREVIOUS_REFUSED: "ABORTED",
    delta_pb2.RENAMED: "NOT_FOUND",
    delta_pb2.LOCKED: "DEADLINE_EXCEEDED",
    delta_pb2.LOCK_LOST: "ABORTED",
}


class SessionHubError(Exception):
    """A call failed; `code` says how, the text why."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Refused(SessionHubError):
    """The change is not in the session and never will be. `reason` is a v1.RefusalReason."""

    def __init__(self, refused):
        super().__init__(_CODES.get(refused.reason, "UNKNOWN"), refused.message)
        self.reason = refused.reason


class Unknown(SessionHubError):
    """Whether the change is applied cannot be told; it is applied at most once."""

    def __init__(self, message):
        super().__init__("UNAVAILABLE", message)


def unreadable():
    return SessionHubError("DATA_LOSS", "the hub cannot read this session: its log says why")


def not_found():
    return SessionHubError("NOT_FOUND", "the session has ended: open its id again")


def old():
    return SessionHubError("UNAVAILABLE", "the session was changed elsewhere: open it again")


def unsupported():
    return SessionHubError("UNIMPLEMENTED", "this hub does not offer what was asked for")


def refused_unsupported():
    return Refused(frames_pb2.Refused(
        reason=delta_pb2.UNSUPPORTED, message="this hub does not offer what was asked for"))


def previous_refused():
    return Refused(frames_pb2.Refused(
        reason=delta_pb2.PREVIOUS_REFUSED, message="the commit before this one was not applied"))
