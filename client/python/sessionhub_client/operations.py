"""Operations on fields, and what they do to a copy.

A path is text: segments joined by '/', with '~0' for '~' and '~1' for '/' inside a segment. A value
is None, a bool, an int of 64 bits, a float, a str or bytes; a JSON text that the hub tells is a
Json.
"""
from sessionhub.v1 import delta_pb2


class Json(str):
    """One JSON text, as it is stored."""


def put(path, value):
    operation = delta_pb2.Op(path=path.encode())
    if value is None:
        operation.put_null = True
    elif isinstance(value, bool):
        operation.put_bool = value
    elif isinstance(value, int):
        operation.put_int = value
    elif isinstance(value, float):
        operation.put_double = value
    elif isinstance(value, Json):
        operation.put_json = value.encode()
    elif isinstance(value, bytes):
        operation.put_bytes = value
    else:
        operation.put_string = value.encode()
    return operation


def erase(path):
    return delta_pb2.Op(path=path.encode(), erase=True)


def erase_subtree(path):
    return delta_pb2.Op(path=path.encode(), erase_subtree=True)


def increment(path, by=1):
    operation = delta_pb2.Op(path=path.encode())
    if isinstance(by, float):
        operation.increment_double = by
    else:
        operation.increment_int = by
    return operation


_PUTS = {
    "put_string": lambda operation: operation.put_string.decode(),
    "put_bytes": lambda operation: operation.put_bytes,
    "put_int": lambda operation: operation.put_int,
    "put_double": lambda operation: operation.put_double,
    "put_bool": lambda operation: operation.put_bool,
    "put_null": lambda operation: None,
    "put_json": lambda operation: Json(operation.put_json.decode()),
}


class DoesNotApply(Exception):
    """The operation does not fit the fields: the hub will refuse it, or the copy is old."""


def apply(operations, fields):
    """`fields` (values by path text) after the operations, as a new dict."""
    result = dict(fields)
    for operation in operations:
        apply_one(operation, operation.path.decode(), result)
    return result


def apply_one(operation, path, fields):
    kind = operation.WhichOneof("operation")
    if kind in _PUTS:
        fields[path] = _PUTS[kind](operation)
    elif kind == "erase":
        fields.pop(path, None)
    elif kind == "erase_subtree":
        for one in [one for one in fields if one == path or one.startswith(path + "/")]:
            del fields[one]
    elif kind == "splice":
        fields[path] = spliced(fields.get(path), operation.splice)
    elif kind in ("increment_int", "increment_double"):
        by = getattr(operation, kind)
        held = fields.get(path, type(by)(0))
        if type(held) is not type(by):
            raise DoesNotApply(f"{path} is no {type(by).__name__}")
        fields[path] = held + by
    else:
        raise DoesNotApply(f"{path}: an operation that this client does not know")


def spliced(held, splice):
    """A string or bytes with a part replaced, of the type it had. Offsets count bytes."""
    base = held.encode() if isinstance(held, str) else held
    if not isinstance(base, bytes) or len(base) != splice.base_bytes:
        raise DoesNotApply("the value is not the one that the writer saw")
    end = splice.offset + splice.remove_bytes
    whole = base[:splice.offset] + splice.insert + base[end:]
    return whole.decode() if isinstance(held, str) else whole
