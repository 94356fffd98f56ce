"""A client of sessionhub in Python.

    client = Client(["127.0.0.1:7070"], app="shop", node_name="web-1")
    session = client.open("cookie-id", create="if_missing", timeout_s=5)
    version = session.commit([put("cart/last", "85123A"), increment("cart/qty", 1)], timeout_s=5)
    version, fields = session.read()

Needs grpcio and protobuf, and the modules that protoc makes of proto/sessionhub/v1 on the path.
docs/protocol.md is what this package implements.
"""
from .client import Client
from .commits import Delivery
from .deltas import absent, unchanged_since
from .errors import Refused, SessionHubError, Unknown
from .operations import erase, erase_subtree, increment, put
from .session import Session, SessionLock

__all__ = ["Client", "Session", "SessionLock", "Delivery", "SessionHubError", "Refused", "Unknown",
           "put", "erase", "erase_subtree", "increment", "absent", "unchanged_since"]
