"""One look for each strategy in all pictures: a colour for its kind, and a marker and a dash.

The colours are told apart with any kind of colour blindness, and are seen on white and on black.
"""

import dataclasses
import zlib

HUB_PREFIX = "sessionhub"
SHARES_NOTHING = "sticky_only"
# The bench's own meshes, which show what plain replication costs. They are no software that anyone
# could choose: no other node acknowledges a change, changes of different nodes have no order, and
# nothing is on disk.
YARDSTICKS = ("broadcast_sessions", "broadcast_fields")

# Kinds by the beginning of a strategy's name.
COLOURS = (
    (HUB_PREFIX, "#0072b2"),
    ("tomcat", "#d55e00"),
    ("redis", "#cc79a7"),
    ("memcached", "#009e73"),
    ("postgres", "#b07d00"),
    ("terracotta", "#7a5fc0"),
    ("broadcast", "#7d7d7d"),
    (SHARES_NOTHING, "#a0a0a0"),
)
OTHER_COLOURS = ("#56a0c0", "#8c6d31", "#a05050", "#5f8f2f")

LOOKS = {
    "sessionhub_push": ("o", "-"), "sessionhub_invalidate": ("s", (0, (5, 1.5))),
    "tomcat_delta_async": ("v", "-"), "tomcat_delta_sync": ("^", (0, (5, 1.5))),
    "tomcat_backup": ("D", (0, (1.5, 1.5))),
    "redis_whole": ("v", "-"), "redis_fields": ("^", (0, (5, 1.5))),
    "redis_publish": ("D", (0, (1.5, 1.5))), "redis_channels": ("s", (0, (5, 1.5, 1.5, 1.5))),
    "redis_tracking": ("P", (0, (3, 1))), "redis_tracking_synced": ("X", "-"),
    "memcached": ("v", "-"), "memcached_sticky": ("^", (0, (5, 1.5))),
    "broadcast_sessions": ("v", "-"), "broadcast_fields": ("^", (0, (5, 1.5))),
}
OTHER_MARKERS = ("X", "p", "h", "*", "d")


@dataclasses.dataclass(frozen=True)
class Look:
    colour: str
    marker: str
    dash: object
    is_hub: bool


def is_hub(name):
    return name.startswith(HUB_PREFIX)


def is_yardstick(name):
    return name in YARDSTICKS


def marked(name, title):
    """The title where strategies stand one below another."""
    return f"{title} (yardstick)" if is_yardstick(name) else title


def look_of(name):
    """The same for the same name in every picture and every run."""
    known = next((colour for begin, colour in COLOURS if name.startswith(begin)), None)
    number = zlib.crc32(name.encode())
    marker, dash = LOOKS.get(name, (OTHER_MARKERS[number % len(OTHER_MARKERS)], "-"))
    return Look(known or OTHER_COLOURS[number % len(OTHER_COLOURS)], marker, dash, is_hub(name))
