"""What follows from the figures: where sessionhub wins and where it loses, and by how much.

Every sentence and every row is computed from the run, so that other figures give another verdict.
"Peers" are all strategies but sessionhub's own, the one that shares nothing, which sends nothing
because it keeps no second copy of anything, and the yardsticks, which nobody could choose.
"""

import dataclasses

import palette
import risk_words
import units

# Figures so near to each other are called equal; each measure has a slack of its own besides.
EQUAL_WITHIN = 1.05

# On the axis of reads: of them there is a comparison of its own.
READS_ONLY = ("read_percent", 100)

ROUTING_WORDS = {"sticky": "sticky", "round_robin": "round-robin"}


def bytes_text(value):
    return f"{units.number(value)} bytes"


def micros_text(value):
    return f"{units.number(value)} µs"


def memory_text(value):
    return f"{units.mebibytes(value)} MiB"


@dataclasses.dataclass(frozen=True)
class Measure:
    key: str
    words: str
    text: object  # a figure as text, with its unit
    slack: float  # a difference of no more than this says nothing, nor does a ratio to so little


# The least frame that carries anything has 66 bytes: fewer than 10 per change is one now and then.
BYTES = Measure("bytes_per_change", "bytes per change", bytes_text, 10)
READ_BYTES = Measure("bytes_per_change", "bytes of a read-only request", bytes_text, 10)
CPU = Measure("cpu_us", "processor time per change, nodes and server", micros_text, 5)
P50 = Measure("latency_p50_us", "latency p50", micros_text, 5)
P99 = Measure("latency_p99_us", "latency p99", micros_text, 5)
MEMORY = Measure("node_memory_bytes", "memory of a node", memory_text, 1 << 20)
IDLE = Measure("bytes_per_s", "bytes per second of an idle cluster",
               lambda value: f"{bytes_text(value)}/s", 100)


def equal_words():
    """What counts as equal, for a reader."""
    slacks = [BYTES.text(BYTES.slack), P50.text(P50.slack), units.size(MEMORY.slack)]
    return (f"within {EQUAL_WITHIN * 100 - 100:.0f} % of another, or within "
            f"{', '.join(slacks)} or {IDLE.text(IDLE.slack)} of it")


@dataclasses.dataclass(frozen=True)
class Ranked:
    """A strategy's figure among others'."""

    name: str
    value: float


def ranking(cells, measure, names=None):
    """From least to most; without what was not measured, or failed too often to count."""
    found = [Ranked(name, getattr(cell, measure.key)) for name, cell in cells.items()
             if (names is None or name in names) and getattr(cell, measure.key) is not None
             and getattr(cell, "is_sound", True)]
    return sorted(found, key=lambda one: one.value)


def ratio(value, beside, measure):
    """How many times as much as the other; None beside next to nothing, which has no multiple."""
    return None if min(value, beside) <= measure.slack else value / beside


def ratio_note(value, beside, measure):
    """(3.21 ×): the larger over the smaller; nothing where that says nothing."""
    found = ratio(value, beside, measure)
    return f" ({units.times(max(found, 1 / found))})" if found else ""


def beside_note(value, beside, measure, within):
    """The same, and whether that counts as equal: (1.11 ×, equal)."""
    note = ratio_note(value, beside, measure)
    if outcome_of(Ranked("", value), Ranked("", beside), measure, within) != "equal":
        return note
    return f"{note[:-1]}, equal)" if note else " (equal)"


def can_be_chosen(name):
    return name != palette.SHARES_NOTHING and not palette.is_yardstick(name)


def is_peer(name):
    return can_be_chosen(name) and not palette.is_hub(name)


@dataclasses.dataclass(frozen=True)
class Contest:
    """sessionhub's best beside the best of its peers, in one measure at one point."""

    measure: Measure
    where: str
    routing: str  # empty if it makes no difference
    hub: Ranked
    best: Ranked
    worst: Ranked
    safe: Ranked | None  # the best of the peers of which nothing was lost in any trial
    hub_worst: Ranked  # the other of sessionhub's ways; the same if only one was measured
    within: float = EQUAL_WITHIN  # of this measure, in this run

    @property
    def place(self):
        return f"{self.where}, {ROUTING_WORDS[self.routing]}" if self.routing else self.where

    @property
    def outcome(self):
        return outcome_of(self.hub, self.best, self.measure, self.within)

    @property
    def factor(self):
        """The larger figure over the smaller; beyond any number beside next to nothing."""
        found = ratio(self.hub.value, self.best.value, self.measure)
        return max(found, 1 / found) if found else float("inf")

    @property
    def note(self):
        return ratio_note(self.hub.value, self.best.value, self.measure)

    @property
    def outcome_safe(self):
        return (outcome_of(self.hub, self.safe, self.measure, self.within) if self.safe
                else None)


def outcome_of(hub, peer, measure, within=EQUAL_WITHIN):
    """"wins", "equal" or "loses", for sessionhub."""
    low, high = sorted((hub.value, peer.value))
    if high - low <= max(measure.slack, abs(low) * (within - 1)):
        return "equal"
    return "wins" if hub.value < peer.value else "loses"


def outcome_text(hub, peer, measure, within):
    """wins (3.20 ×)"""
    if peer is None:
        return units.NONE
    outcome = outcome_of(hub, peer, measure, within)
    return outcome + ("" if outcome == "equal" else ratio_note(hub.value, peer.value, measure))


def safe_names(risks, routing):
    """Of which nothing was lost in any trial; by the stricter rule if the routing is open."""
    return {name for name, risk in risks.items()
            if risk_words.loses_nothing(risk, routing or "round_robin")}


def contest(cells, measure, where, routing, risks, within=EQUAL_WITHIN):
    """None if sessionhub, or every peer, has no figure there."""
    everyone = ranking(cells, measure)
    hubs = [one for one in everyone if palette.is_hub(one.name)]
    peers = [one for one in everyone if is_peer(one.name)]
    if not hubs or not peers:
        return None
    safe = safe_names(risks, routing)
    return Contest(measure, where, routing, hubs[0], peers[0], peers[-1],
                   next((one for one in peers if one.name in safe), None), hubs[-1], within)


def fields_words(value):
    return "all fields changed" if value == "all" else f"{units.count(value, 'field')} changed"


def points_of(sweeps, routing):
    """(measure, where, cells) of everything that the strategies are compared in."""
    for nodes in sweeps.common_nodes:
        yield BYTES, units.count(nodes, "node"), sweeps.changes(routing, nodes)
    for axis, words in (("session_bytes", lambda value: f"sessions of {units.size(value)}"),
                        ("fields_changed", fields_words),
                        ("read_percent", lambda value: f"{value:g} % reads"),
                        ("connections", lambda value: f"{units.count(value, 'user')} a node")):
        sweep = sweeps.by[axis]
        values = [value for value in sweep.values(routing) if (axis, value) != READS_ONLY]
        for value in [value for value in values[:1] + values[1:][-1:] if value != sweeps.at[axis]]:
            yield BYTES, f"{words(value)}, {units.count(sweep.at['nodes'], 'node')}", (
                sweep.cells(routing, value))
    here = units.count(sweeps.nodes, "node")
    nodes = sweeps.read_nodes(routing)
    yield READ_BYTES, units.count(nodes, "node"), sweeps.reads(routing, nodes)
    for nodes in sweeps.common_nodes:
        yield P50, units.count(nodes, "node"), sweeps.changes(routing, nodes)
    for measure in (CPU, P99, MEMORY):
        yield measure, here, sweeps.changes(routing)


def idle_at(run, nodes):
    return {one.strategy: one for one in run.idle if one.nodes == nodes}


def contests(sweeps, risks):
    """sessionhub beside its peers, wherever both were measured."""
    found = []
    for routing in sweeps.routings():
        found += [contest(cells, measure, where, routing, risks, sweeps.noise.within(measure))
                  for measure, where, cells in points_of(sweeps, routing)]
    if sweeps.nodes:
        idle = idle_at(sweeps.run, sweeps.nodes)
        found.append(contest(idle, IDLE, units.count(sweeps.nodes, "node"), "", risks))
    return [one for one in found if one]
