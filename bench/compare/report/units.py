"""Numbers as the report writes them. What was not measured is a dash."""

NONE = "–"
KIB = 1024


def number(value):
    """Whole numbers as they are, others with three digits at least: 30,490, 48.9, 0.17."""
    if value is None:
        return NONE
    if isinstance(value, int) or value == 0 or abs(value) >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 9.95 else f"{value:.2f}"


def size(value):
    """Bytes of a session: 4 KiB, 256 KiB, 100 bytes."""
    if value is None:
        return NONE
    for unit, name in ((KIB * KIB, "MiB"), (KIB, "KiB")):
        if value >= unit and value % unit == 0:
            return f"{value // unit} {name}"
    return f"{value:,} bytes"


def mebibytes(value):
    """A process's memory, in MiB."""
    return NONE if value is None else number(value / (KIB * KIB))


def times(ratio):
    """How many times as much: 3.21 ×, never broken over two lines."""
    return NONE if ratio is None else f"{number(ratio)}\N{NO-BREAK SPACE}×"


def quoted(title):
    """A title inside a sentence; titles have commas of their own."""
    return f"“{title}”"


def count(amount, noun):
    """1 node, 8 nodes."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def listed(items):
    """a; a and b; a, b and c."""
    items = list(items)
    return ", ".join(items[:-1]) + " and " + items[-1] if len(items) > 1 else "".join(items)
