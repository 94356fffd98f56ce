"""What a commit says besides its operations, as a v1.Delta."""
from sessionhub.v1 import delta_pb2

from .errors import SessionHubError


def absent(path):
    """A condition: there is no field at `path`."""
    return delta_pb2.FieldCondition(path=path.encode(), absent=True)


def unchanged_since(path, version):
    """A condition: no version after this one has changed the field."""
    return delta_pb2.FieldCondition(path=path.encode(), unchanged_since=version)


def delta_of(operations, *, if_version=0, conditions=(), after_previous=False, lock=None,
             idle_timeout_s=None, absolute_timeout_s=None, owner=None):
    """The operations, and the terms on which they are applied, all or none:

    if_version, conditions: refused (ABORTED) unless the session is at this version, and each of
        absent() and unchanged_since() holds;
    after_previous: refused (ABORTED) unless this client's commit before it was applied;
    lock: refused (ABORTED) unless this SessionLock is still held;
    idle_timeout_s, absolute_timeout_s, owner: what the session is from then on; 0 and "" end it.
    """
    delta = delta_pb2.Delta(ops=operations, if_version=if_version, conditions=conditions,
                            after_previous=after_previous)
    if lock:
        if not lock.token:
            raise SessionHubError("FAILED_PRECONDITION", "the lock was given back")
        delta.lock_token = lock.token
    if idle_timeout_s is not None:
        delta.settings.idle_timeout_ms = round(idle_timeout_s * 1000)
    if absolute_timeout_s is not None:
        delta.settings.absolute_timeout_ms = round(absolute_timeout_s * 1000)
    if owner is not None:
        delta.settings.owner = owner.encode()
    return delta
