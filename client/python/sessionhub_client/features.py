"""The feature bits that this client has, and which of them a delta needs."""
from sessionhub.v1 import frames_pb2

# Without FEATURE_SPLICE: telling a base needs XXH3, which Python does not bring along.
FEATURES = (frames_pb2.FEATURE_CONDITIONS | frames_pb2.FEATURE_AFTER_PREVIOUS
            | frames_pb2.FEATURE_DELIVERED | frames_pb2.FEATURE_INVALIDATE
            | frames_pb2.FEATURE_RECEIVED | frames_pb2.FEATURE_LIFE | frames_pb2.FEATURE_LOCKS)


def needed_by(delta):
    """What a hub must have agreed to: one that has not could overlook what the delta asks for."""
    bits = 0
    if delta.if_version or delta.conditions:
        bits |= frames_pb2.FEATURE_CONDITIONS
    if delta.after_previous:
        bits |= frames_pb2.FEATURE_AFTER_PREVIOUS
    if delta.HasField("settings"):
        bits |= frames_pb2.FEATURE_LIFE
    if delta.lock_token:
        bits |= frames_pb2.FEATURE_LOCKS
    return bits
