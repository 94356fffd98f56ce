"""Which cells belong side by side: those that differ in one thing only.

A run need not have measured everything with everything. So for each axis (nodes, size of a session,
fields changed, share of reads) the sweep is the group of cells, alike in all the rest, that has the
most points.
"""

import collections
import dataclasses
import statistics

from noise import Noise
from run_data import FIGURES

AXES = ("nodes", "session_bytes", "fields_changed", "read_percent", "connections")
ALL_FIELDS = "all"
NEARLY_ALL = 0.85


def merged(cells):
    """Cells that were measured more than once as one each: the median of each figure."""
    groups = collections.defaultdict(list)
    for cell in cells:
        asked = tuple(getattr(cell, name) for name in (
            "strategy", "what", "routing", "fields", *AXES))
        groups[asked].append(cell)
    return [median_cell(group) for group in groups.values()]


def median_cell(group):
    if len(group) == 1:
        return group[0]
    medians = {}
    for name in FIGURES:
        values = [getattr(cell, name) for cell in group if getattr(cell, name) is not None]
        medians[name] = statistics.median(values) if values else None
    return dataclasses.replace(
        group[0], **medians, errors=sum(cell.errors for cell in group),
        requests=sum(cell.requests or 0 for cell in group))


def value_on(axis, cell):
    """Where the cell is on the axis. All fields are all, however many a session has."""
    value = getattr(cell, axis)
    return ALL_FIELDS if axis == "fields_changed" and value and value == cell.fields else value


def in_order(values):
    """Numbers in order, then "all"."""
    numbers = sorted(value for value in values if value != ALL_FIELDS)
    return numbers + [ALL_FIELDS] * (ALL_FIELDS in values)


@dataclasses.dataclass(frozen=True)
class Sweep:
    """Along one axis, at one point of the rest: {(strategy, routing): {value: cell}}."""

    axis: str
    at: dict  # AXES without the axis -> value
    lines: dict

    def values(self, routing=None):
        return in_order({value for (_, way), line in self.lines.items() for value in line
                         if routing in (None, way)})

    def line(self, strategy, routing):
        return self.lines.get((strategy, routing), {})

    def cells(self, routing, value):
        """{strategy: cell} at this value."""
        return {name: line[value] for (name, way), line in self.lines.items()
                if way == routing and value in line}

    def strategies(self, routing):
        return [name for name, way in self.lines if way == routing]

    @property
    def is_swept(self):
        return len(self.values()) > 1


def belongs(axis, cell):
    """Only reads are on the axis of reads; a session's creation is on none."""
    return cell.what == "change" or (axis == "read_percent" and cell.what == "read")


def groups_of(axis, cells):
    """{what the cells have in common: them}. A read changes no fields, so it is in all of those."""
    rest = [name for name in AXES if name != axis]
    groups = collections.defaultdict(list)
    readers = []
    for cell in cells:
        if not belongs(axis, cell):
            continue
        if cell.what == "read":
            readers.append(cell)
        else:
            groups[tuple(value_on(name, cell) for name in rest)].append(cell)
    free = [name for name in rest if name != "fields_changed"]
    for key, group in groups.items():
        at = dict(zip(rest, key))
        group += [cell for cell in readers if all(getattr(cell, name) == at[name] for name in free)]
    return [(dict(zip(rest, key)), group) for key, group in groups.items()]


def sweep_of(axis, at, group):
    lines = collections.defaultdict(dict)
    for cell in group:
        lines[cell.strategy, cell.routing][value_on(axis, cell)] = cell
    return Sweep(axis, at, dict(lines))


def richness(sweep):
    """How much the sweep shows: points on lines of more than one, then points."""
    points = [len(line) for line in sweep.lines.values()]
    return sum(count for count in points if count > 1), sum(points)


def richest(axis, cells):
    """The sweep of this axis that shows most, with the largest cluster if several do."""
    sweeps = [sweep_of(axis, at, group) for at, group in groups_of(axis, cells)]
    nothing = Sweep(axis, {}, {})
    return max(sweeps, key=lambda one: (richness(one), one.at.get("nodes") or 0), default=nothing)


def common_nodes(nodes_sweep):
    """The clusters with which nearly all strategies were measured, from the smallest on: in others
    the best of the peers may be one that is not there."""
    held = {nodes: len({name for (name, _), line in nodes_sweep.lines.items() if nodes in line})
            for nodes in nodes_sweep.values()}
    most = max(held.values(), default=0)
    return sorted(nodes for nodes in held if held[nodes] >= NEARLY_ALL * most)


def read_cells(cells, at, routing, nodes):
    """{strategy: the cell that only reads} beside the changes at this point."""
    found = {}
    for cell in cells:
        if (cell.what, cell.routing, cell.nodes) != ("read", routing, nodes):
            continue
        if cell.session_bytes != at.get("session_bytes"):
            continue
        if cell.strategy not in found or cell.connections == at.get("connections"):
            found[cell.strategy] = cell
    return found


class Sweeps:
    """Everything that the tables, pictures and findings take from the cells."""

    def __init__(self, run):
        self.run = run
        self.cells = merged(run.cells)
        self.noise = Noise(self.cells)
        self.by = {axis: richest(axis, self.cells) for axis in AXES}
        self.common_nodes = common_nodes(self.by["nodes"])
        self.nodes = max(self.common_nodes, default=None)

    @property
    def at(self):
        """What the sweep of nodes has in common, which the main tables show."""
        return self.by["nodes"].at

    def routings(self):
        return [way for way in ("sticky", "round_robin") if self.by["nodes"].strategies(way)]

    def changes(self, routing, nodes=None):
        """{strategy: cell} of the main sweep."""
        return self.by["nodes"].cells(routing, nodes or self.nodes)

    def reads(self, routing, nodes):
        """{strategy: cell} of requests that only read."""
        return read_cells(self.cells, self.at, routing, nodes)

    def read_nodes(self, routing):
        """The cluster that reads are compared in: the same as for changes, if they were measured
        there, else the one with most of them."""
        counts = [cell.nodes for cell in self.cells
                  if cell.what == "read" and cell.routing == routing]
        return max(counts, key=lambda nodes: (nodes == self.nodes, counts.count(nodes), nodes),
                   default=self.nodes)

    def large(self, routing):
        """(size, nodes, {strategy: cell}) of the largest sessions; None if they are those that
        the main tables show."""
        sweep = self.by["session_bytes"]
        sizes = sweep.values(routing)
        if not sizes or sizes[-1] == self.at.get("session_bytes"):
            return None
        return sizes[-1], sweep.at["nodes"], sweep.cells(routing, sizes[-1])

    def names(self):
        """All strategies, in the file's order."""
        return [one.name for one in self.run.strategies]
