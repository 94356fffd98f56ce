"""What `sessionhub-bench compare` has written: read, checked, and made into plain values.

Whatever was not measured is None, and an unknown key is nobody's business. What is wrong is
said all at once, each with its place in the file.
"""

import dataclasses
import json
import math

ROUTINGS = ("sticky", "round_robin")
POWER_CUT_LEAVES = ("none", "some", "all")
PROBLEMS_SHOWN_MAX = 10


class RunDataError(Exception):
    """The file is not what the report can be made of; the text says where and why."""


@dataclasses.dataclass(frozen=True)
class Strategy:
    name: str
    title: str
    how: str = ""
    power_cut: str = ""
    power_cut_leaves: str = ""  # of POWER_CUT_LEAVES; empty if the file does not say it


@dataclasses.dataclass(frozen=True)
class Skipped:
    strategy: str
    why: str


@dataclasses.dataclass(frozen=True)
class Idle:
    strategy: str
    nodes: int
    bytes_per_s: float
    command: str = ""


# Less than a frame for each change is nothing to speak of.
FRAME_BYTES_MIN = 66


@dataclasses.dataclass(frozen=True)
class Cell:
    """One point of the sweep: how it was asked for, and what was measured."""

    strategy: str
    what: str  # "create", "change" or "read"
    nodes: int
    routing: str
    session_bytes: int
    fields: int | None
    fields_changed: int | None
    read_percent: float
    connections: int | None
    requests: int | None = None
    seconds: float | None = None
    bytes_per_change: float | None = None
    idle_bytes_per_change: float | None = None  # that were subtracted
    frames_per_change: float | None = None
    latency_p50_us: float | None = None
    latency_p99_us: float | None = None
    cpu_nodes_us: float | None = None
    cpu_server_us: float | None = None
    node_memory_bytes: int | None = None
    server_memory_bytes: int | None = None
    errors: int = 0
    command: str = ""

    @property
    def cpu_us(self):
        """Of the nodes and the server together; a strategy without a server has none there."""
        return None if self.cpu_nodes_us is None else self.cpu_nodes_us + (self.cpu_server_us or 0)

    @property
    def is_sound(self):
        """Few enough of its requests failed for its figures to be compared with others'."""
        return self.errors * 100 <= (self.requests or 0)

    @property
    def idle_share(self):
        """Of what was sent, what was subtracted as idle traffic; 0 if that is nothing to speak of,
        or the file does not tell it."""
        idle = self.idle_bytes_per_change or 0
        if idle < FRAME_BYTES_MIN or self.bytes_per_change is None:
            return 0
        return idle / (idle + self.bytes_per_change)


FIGURES = ("seconds", "bytes_per_change", "idle_bytes_per_change", "frames_per_change",
           "latency_p50_us", "latency_p99_us", "cpu_nodes_us", "cpu_server_us",
           "node_memory_bytes", "server_memory_bytes")


@dataclasses.dataclass(frozen=True)
class Trial:
    """So many of so many: changes lost of trials, stale copies of copies, sessions left of all."""

    of: int
    hit: int
    gone: int = 0  # so many in which the session itself was not there
    kills: int = 0  # so many nodes were killed for all of them; 0 if the file does not say it


@dataclasses.dataclass(frozen=True)
class CutWaits:
    """What users of the other nodes met while one node was cut from them and from the server."""

    changes: int  # that were answered with success
    refused: int
    slowest_ms: float


@dataclasses.dataclass(frozen=True)
class Risk:
    """What was risked; None where it was not tried."""

    strategy: str
    nodes: int | None
    burst_nodes: int | None = None
    killed: Trial | None = None
    first_answer: Trial | None = None  # right after the kill, whatever is there in the end
    reconnect: Trial | None = None
    concurrent: Trial | None = None
    stale: Trial | None = None
    empty: Trial | None = None
    nodes_restart: Trial | None = None
    server_restart: Trial | None = None
    has_server: bool = True
    cut_waits: CutWaits | None = None
    power_cut: str = ""
    command: str = ""
    failed: dict = dataclasses.field(default_factory=dict)  # trial -> why it could not be made


@dataclasses.dataclass(frozen=True)
class Run:
    command: str
    commit: str
    machine: str
    started_at: str
    seconds: float | None
    quick: bool
    network: str
    strategies: tuple
    skipped: tuple
    idle: tuple
    cells: tuple
    risks: tuple

    def title(self, name):
        """What the strategy is called for a reader; its name if the file has no title for it."""
        return next((one.title for one in self.strategies if one.name == name), name)

    def why_missing(self, name):
        """Why there is no figure of the strategy, as far as the file says it."""
        reasons = [one.why for one in self.skipped if one.strategy == name]
        return "; ".join(dict.fromkeys(reasons)) or "not measured in this run"


class Place:
    """An object of the file, its place in it, and the list to which its problems go."""

    def __init__(self, where, value, problems):
        self.where, self.problems = where, problems
        self.value = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.complain("is not an object")

    def complain(self, text, key=None):
        place = ".".join(part for part in (self.where, key) if part) or "the file"
        problem = f"{place}: {text}"
        if problem not in self.problems:  # several values may be made of one object
            self.problems.append(problem)

    def get(self, key, is_right, expected, needed):
        """The value of the key, None if it has none; complains if it is not what is expected."""
        value = self.value.get(key)
        if value is None:
            if needed:
                self.complain(f"is missing: expected {expected}", key)
            return None
        if not is_right(value):
            self.complain(f"is {json.dumps(value)[:60]}, not {expected}", key)
            return None
        return value

    def text(self, key, needed=False):
        is_text = lambda value: isinstance(value, str) and (value or not needed)
        return self.get(key, is_text, "a text", needed) or ""

    def whole(self, key, needed=False, least=0):
        is_whole = lambda value: type(value) in (int, float) and math.isfinite(value) and (
            value == int(value) and value >= least)
        value = self.get(key, is_whole, f"a whole number of at least {least}", needed)
        return None if value is None else int(value)

    def number(self, key):
        is_number = lambda value: type(value) in (int, float) and math.isfinite(value)
        return self.get(key, is_number, "a finite number", False)

    def one_of(self, key, choices, default=None):
        value = self.get(key, lambda value: value in choices, " or ".join(choices), not default)
        return value or default or choices[0]

    def objects(self, key):
        """The places of the list's items; none if there is no list."""
        items = self.get(key, lambda value: isinstance(value, list), "a list", False) or []
        where = f"{self.where}.{key}" if self.where else key
        return [Place(f"{where}[{i}]", item, self.problems) for i, item in enumerate(items)]

    def trial(self, key, of, hit, *gone):
        """Two counts of the object below the key, and those of `gone` that it has, added."""
        if self.value.get(key) is None:
            return None
        inner = Place(f"{self.where}.{key}", self.value[key], self.problems)
        counts = [inner.whole(name, needed=True) for name in (of, hit)]
        absent = {name: inner.whole(name) or 0 for name in gone}
        if None in counts:
            return None
        for name, value in {hit: counts[1], **absent}.items():
            if value > counts[0]:
                inner.complain(f"is {value}, more than {of}, {counts[0]}", name)
        return Trial(*counts, sum(absent.values()), inner.whole("kills") or 0)


def cell_of(place):
    percent = place.number("read_percent") or 0
    if not 0 <= percent <= 100:
        place.complain(f"is {percent}, not a number from 0 to 100", "read_percent")
    usual = "read" if percent == 100 else "change"
    return Cell(
        strategy=place.text("strategy", needed=True),
        what=place.one_of("what", ("create", "change", "read"), usual),
        nodes=place.whole("nodes", needed=True, least=1),
        routing=place.one_of("routing", ROUTINGS),
        session_bytes=place.whole("session_bytes", needed=True),
        fields=place.whole("fields"), fields_changed=place.whole("fields_changed"),
        read_percent=percent, connections=place.whole("connections"),
        requests=place.whole("requests"), errors=place.whole("errors") or 0,
        command=place.text("command"), **{name: place.number(name) for name in FIGURES})


def failed_trials(place):
    """Why trials could not be made, as far as the file says it."""
    items = place.value.get("failed")
    return {item["trial"]: str(item.get("why", "")) for item in
            (items if isinstance(items, list) else [])
            if isinstance(item, dict) and isinstance(item.get("trial"), str)}


def first_answers(place):
    """How many first answers after a kill lacked something; None if the file does not tell."""
    killed = place.value.get("killed")
    if not isinstance(killed, dict) or killed.get("lost_at_first") is None:
        return None
    return place.trial("killed", "trials", "lost_at_first", "no_session_at_first")


def burst_nodes(place):
    burst = place.value.get("burst")
    return burst.get("nodes") if isinstance(burst, dict) else None


def cut_waits(place):
    """None if the file does not tell all of them."""
    if not isinstance(place.value.get("reconnect"), dict):
        return None
    inner = Place(f"{place.where}.reconnect", place.value["reconnect"], place.problems)
    found = inner.whole("changes"), inner.whole("refused"), inner.number("slowest_change_ms")
    return None if None in found else CutWaits(*found)


def risk_of(place):
    failed = failed_trials(place)
    return Risk(
        strategy=place.text("strategy", needed=True), nodes=place.whole("nodes", least=1),
        burst_nodes=burst_nodes(place),
        killed=place.trial("killed", "trials", "lost", "no_session"),
        first_answer=first_answers(place),
        reconnect=place.trial("reconnect", "trials", "lost"),
        concurrent=place.trial("concurrent", "trials", "lost"),
        stale=place.trial("burst", "copies", "stale"),
        empty=place.trial("burst", "copies", "empty", "missing", "no_answer"),
        nodes_restart=place.trial("nodes_restart", "sessions", "left"),
        server_restart=place.trial("server_restart", "sessions", "left"),
        has_server=place.value.get("server_restart", {}) is not None or (
            "server_restart" in failed),
        cut_waits=cut_waits(place), failed=failed, power_cut=place.text("power_cut"),
        command=place.text("command"))


def power_cut_leaves(place):
    return place.get("power_cut_leaves", lambda value: value in POWER_CUT_LEAVES,
                     " or ".join(POWER_CUT_LEAVES), False) or ""


def strategies_of(root):
    """Those the file lists, in its order, and after them any that only its figures name."""
    listed = [Strategy(place.text("name", needed=True),
                       place.text("title") or place.text("name"),
                       place.text("how"), place.text("power_cut"), power_cut_leaves(place))
              for place in root.objects("strategies")]
    names = [one.name for one in listed]
    for name in sorted({name for name in names if names.count(name) > 1}):
        root.complain(f"{name} is there twice", "strategies")
    others = [item.get("strategy") for key in ("cells", "risks", "idle", "skipped")
              for item in root.value.get(key) or [] if isinstance(item, dict)]
    unlisted = dict.fromkeys(name for name in others
                             if isinstance(name, str) and name and name not in names)
    return tuple(listed) + tuple(Strategy(name, name) for name in unlisted)


def run_of(document):
    """The run of a parsed file. RunDataError with every problem found."""
    problems = []
    root = Place("", document, problems)
    if isinstance(document, dict) and not {"cells", "risks", "strategies"} & set(document):
        raise RunDataError("it has neither cells nor risks nor strategies: give the file that "
                           "`sessionhub-bench compare` has written")
    cells = tuple(cell_of(place) for place in root.objects("cells"))
    risks = tuple(risk_of(place) for place in root.objects("risks"))
    skipped = tuple(Skipped(place.text("strategy", needed=True), place.text("why"))
                    for place in root.objects("skipped"))
    idle = tuple(Idle(place.text("strategy", needed=True),
                      place.whole("nodes", needed=True, least=1), place.number("bytes_per_s"),
                      place.text("command"))
                 for place in root.objects("idle"))
    run = Run(**{key: root.text(key) for key in ("command", "commit", "machine", "started_at",
                                                 "network")},
              seconds=root.number("seconds"), quick=root.value.get("quick") is True,
              strategies=() if problems else strategies_of(root),
              skipped=skipped, idle=idle, cells=cells, risks=risks)
    if problems:
        more = len(problems) - PROBLEMS_SHOWN_MAX
        raise RunDataError("\n".join(problems[:PROBLEMS_SHOWN_MAX]
                                     + ([f"and {more} more"] if more > 0 else [])))
    return run


def read_run(path):
    """The run in the file at this path. RunDataError if it cannot be read or is not one."""
    try:
        text = path.read_text(encoding="utf-8")
        return run_of(json.loads(text))
    except OSError as error:
        raise RunDataError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise RunDataError(f"is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise RunDataError(f"is not JSON: line {error.lineno}: {error.msg}") from None
