"""The tables of the report, as plain values: what the page and the Markdown are made of."""

import dataclasses

import choices
import findings
import limits
import palette
import risk_words
import units

ROUTING_TITLES = {"sticky": "sticky", "round_robin": "round-robin"}


@dataclasses.dataclass(frozen=True)
class Entry:
    """A cell of a table."""

    text: str
    link: str = ""   # the anchor of the measured cell that it is of
    grade: str = ""  # "good", "some" or "bad"
    why: str = ""    # of a dash: why nothing is there


@dataclasses.dataclass(frozen=True)
class Row:
    entries: list
    is_hub: bool = False
    anchor: str = ""


@dataclasses.dataclass(frozen=True)
class Table:
    title: str
    columns: list
    rows: list
    notes: list = dataclasses.field(default_factory=list)
    words: int = 1  # so many columns from the left hold words, the others figures
    folded: bool = False


# Idle traffic comes in bursts, so that a figure of which more than this was subtracted is rough.
IDLE_SHARE_MAX = 0.15


# What is lost that counts, where only one node changes a session.
STICKY_NOTES = ["With sticky routing, what is lost when two nodes change a session at once does "
                "not count, as they do not"]


def mark_of(cell):
    """What stands behind a cell's figures if any of its requests failed."""
    return "" if not cell.errors else " *" if cell.is_sound else " †"


def bytes_mark(cell):
    """And what stands behind its bytes if they are rough, too."""
    return (" ~" if cell.idle_share > IDLE_SHARE_MAX else "") + mark_of(cell)


def figure_notes(run, cells):
    """What the marks mean: whose bytes are rough, and whose requests failed."""
    rough = {}
    for cell in cells:
        if cell.idle_share > IDLE_SHARE_MAX:
            title = run.title(cell.strategy)
            rough[title] = max(rough.get(title, 0), cell.idle_share)
    notes = [f"~ {title}: up to {share * 100:.0f} % of what was sent was idle traffic and is "
             "subtracted, which comes in bursts: so rough is the figure"
             for title, share in rough.items()]
    for cell in cells:
        if cell.errors:
            mark = "*" if cell.is_sound else "† takes no part in the findings:"
            notes.append(f"{mark} {run.title(cell.strategy)}: {cell.errors:,} of "
                         f"{cell.requests or 0:,} requests failed")
    return list(dict.fromkeys(notes))


class Tables:
    """Makes the tables of one run."""

    def __init__(self, sweeps, risks):
        self.sweeps, self.run, self.risks = sweeps, sweeps.run, risks
        self.anchors = {id(cell): f"cell-{number}"
                        for number, cell in enumerate(sweeps.cells, 1)}

    # A figure and what is said about it.

    def figure(self, cell, name, text=units.number, missing=""):
        value = getattr(cell, name) if cell is not None else None
        if value is None:
            return Entry(units.NONE, why=missing)
        mark = bytes_mark if name in ("bytes_per_change", "frames_per_change") else mark_of
        return Entry(text(value) + mark(cell), self.anchors.get(id(cell), ""))

    def head(self, name):
        return Entry(palette.marked(name, self.run.title(name)))

    def row(self, name, entries):
        return Row([self.head(name), *entries], palette.is_hub(name))

    def notes(self, named_entries, cells):
        """Why there are dashes, each reason once, and whose requests failed."""
        reasons = {}
        for name, entries in named_entries:
            for entry in entries:
                if entry.text == units.NONE and entry.why:
                    reasons.setdefault(entry.why, {})[self.run.title(name)] = True
        everyone = {self.run.title(name) for name, _ in named_entries}
        notes = []
        for why, titles in reasons.items():
            is_of_all = len(titles) > 1 and titles.keys() == everyone
            notes.append(f"{units.NONE} {'all' if is_of_all else '; '.join(titles)}: {why}")
        return [*notes, *figure_notes(self.run, cells)]

    def table(self, title, columns, named_entries, cells, **options):
        rows = [self.row(name, entries) for name, entries in named_entries]
        return Table(title, columns, rows, self.notes(named_entries, cells), **options)

    def by_bytes(self, names, cells):
        """From the leanest to the heaviest; what was not measured comes last, in its own order."""
        def key(name):
            cell = cells.get(name)
            value = cell.bytes_per_change if cell else None
            return value is None, value or 0
        return sorted(names, key=key)

    def why(self, name, routing=None):
        """Why there is no figure of a strategy here, as far as the file tells."""
        ways = {cell.routing for cell in self.sweeps.cells if cell.strategy == name}
        if not ways:
            return self.run.why_missing(name)
        if routing and routing not in ways:
            return f"not measured with {ROUTING_TITLES[routing]} routing"
        reasons = [one.why for one in self.run.skipped if one.strategy == name]
        return "; ".join(["not measured there", *reasons])

    # The main tables.

    def bytes_by(self, axis, routing, title, value_text):
        """Bytes per change, strategy by value; None if this was measured nowhere."""
        sweep = self.sweeps.by[axis]
        values = sweep.values(routing)
        if not values:
            return None
        sorter = self.sweeps.nodes if axis == "nodes" else values[-1]
        names = self.by_bytes(self.sweeps.names(), {
            name: sweep.line(name, routing).get(sorter) for name in self.sweeps.names()})
        if axis != "nodes":
            names = [name for name in names if sweep.line(name, routing)]
        lines = [(name, sweep.line(name, routing)) for name in names]
        named = [(name, [self.figure(line.get(value), "bytes_per_change",
                                     missing=self.why(name, routing)) for value in values])
                 for name, line in lines]
        cells = [cell for _, line in lines for cell in line.values()]
        table = self.table(title, ["strategy", *map(value_text, values)], named, cells)
        if axis == "nodes":
            table.notes.extend(limits.crowd_notes(self.sweeps, routing))
        if axis == "read_percent":
            table.notes.append("A read after another node's change may have to fetch it, which one "
                               "among nothing but reads never has to")
        return table

    def everything(self, routing, nodes, folded):
        """All that was measured of changes and reads with so many nodes."""
        changes = self.sweeps.changes(routing, nodes)
        reads = self.sweeps.reads(routing, nodes)
        named = []
        for name in self.by_bytes(self.sweeps.names(), changes):
            cell, why = changes.get(name), self.why(name, routing)
            shown = [self.figure(cell, "bytes_per_change", missing=why),
                     self.figure(cell, "frames_per_change",
                                 missing=limits.why_no_frames(self.run) or why),
                     self.figure(reads.get(name), "bytes_per_change", missing=why)]
            shown += [self.figure(cell, key, missing=why) for key in (
                "cpu_nodes_us", "cpu_server_us", "latency_p50_us", "latency_p99_us")]
            shown.append(self.figure(cell, "node_memory_bytes", units.mebibytes, missing=why))
            named.append((name, shown))
        columns = ["strategy", "bytes per change", "frames per change",
                   "bytes of a read-only request", "CPU of nodes, µs per change",
                   "CPU of server, µs per change", "p50, µs", "p99, µs", "memory of a node, MiB"]
        title = f"{units.count(nodes, 'node')}, {ROUTING_TITLES[routing]}"
        return self.table(title, columns, named, [*changes.values(), *reads.values()],
                          folded=folded)

    def routings(self):
        """The same cluster, sticky and round-robin; None if only one was measured."""
        ways = self.sweeps.routings()
        if len(ways) < 2:
            return None
        cells = {way: self.sweeps.changes(way) for way in ways}
        named = [(name, [self.figure(cells[way].get(name), key,
                                     missing=self.why(name, way))
                         for key in ("bytes_per_change", "cpu_us", "latency_p50_us")
                         for way in ways])
                 for name in self.by_bytes(self.sweeps.names(), cells[ways[0]])]
        columns = [f"{what}, {ROUTING_TITLES[way]}"
                   for what in ("bytes per change", "CPU, µs per change", "p50, µs")
                   for way in ways]
        return self.table(f"Routing, {units.count(self.sweeps.nodes, 'node')}",
                          ["strategy", *columns], named,
                          [cell for line in cells.values() for cell in line.values()])

    def creates(self):
        """What it takes to make a session, by cluster and size; None if this was not measured."""
        found = {}
        for cell in sorted(self.sweeps.cells, key=lambda one: one.routing != "round_robin"):
            if cell.what == "create":
                found.setdefault((cell.nodes, cell.session_bytes), {}).setdefault(
                    cell.strategy, cell)
        if not found:
            return None
        places = sorted(found)
        named = [(name, [self.figure(found[place].get(name), "bytes_per_change",
                                     missing=self.why(name)) for place in places])
                 for name in self.by_bytes(self.sweeps.names(), found[places[-1]])]
        columns = [f"{units.count(nodes, 'node')}, {units.size(size)}" for nodes, size in places]
        cells = [cell for cells in found.values() for cell in cells.values()]
        table = self.table("Bytes to create a session", ["strategy", *columns], named, cells)
        if len({cell.routing for cell in cells}) > 1:
            table.notes.append("Round-robin; sticky where a way was measured with that only")
        return table

    # What is risked, and what follows.

    def risk_table(self):
        rows = []
        for name in self.sweeps.names():
            risk, why = self.risks.get(name), self.why_not_tried(name)
            entries = [Entry(risk_words.cell_text(risk, trial), "",
                             risk_words.grade(risk, trial),
                             risk_words.why_untried(risk, trial) or why)
                       for trial in risk_words.TRIALS]
            waits = Entry(risk_words.cut_text(risk), why=risk_words.why_untried(risk, "reconnect")
                          or why)
            entries.insert(risk_words.TRIALS.index("reconnect") + 1, waits)
            power_cut = risk_words.power_cut(self.run, self.risks, name)
            rows.append((name, [*entries, Entry(power_cut or units.NONE, why=why)]))
        columns = ["strategy", "node killed: last acked change lost in the end",
                   "node killed: first answer lacks the last acked change",
                   "reconnect: changes lost",
                   "meanwhile, at the other node: changes answered, slowest answer",
                   "changes of different fields at once: one lost", "stale copies after a burst",
                   "empty copies after a burst", "sessions left, all nodes restarted",
                   "sessions left, server and then all nodes restarted", "after a power cut"]
        table = self.table("What was lost, and what was left", columns, rows, [])
        table.notes.extend(limits.whole_notes(self.run, self.risks))
        return table

    def why_not_tried(self, name):
        skipped = any(one.strategy == name for one in self.run.skipped)
        return self.run.why_missing(name) if skipped else "not tried in this run"

    def choices_table(self, routing):
        return self.table_of_choices(
            f"What to choose, {ROUTING_TITLES[routing]} routing, "
            f"{units.count(self.sweeps.nodes, 'node')}",
            choices.choices_for(routing, self.sweeps, self.risks))

    def large_choices_table(self, routing):
        """The same for the largest sessions; None if only one size was measured."""
        found = self.sweeps.large(routing)
        return self.table_of_choices(
            f"What to choose, {ROUTING_TITLES[routing]} routing, "
            f"{units.count(found[1], 'node')}, sessions of {units.size(found[0])}",
            choices.choices_for_large(routing, self.sweeps, self.risks)) if found else None

    def table_of_choices(self, heading, found):
        title = self.run.title
        rows = [Row([Entry(one.need), Entry(choices.pick_text(one, title)),
                     Entry(choices.why_text(one, title)), Entry(choices.hub_text(one, title))],
                    one.pick is not None and palette.is_hub(one.pick.name))
                for one in found]
        return Table(heading, ["what you need", "choose", "why", "sessionhub"], rows, words=4)

    def outcomes_table(self, contests):
        """How often sessionhub wins and loses in each measure, and by how much at most."""
        by_measure = {}
        for one in contests:
            by_measure.setdefault(one.measure.words, []).append(one)
        rows = []
        for words, ones in by_measure.items():
            held = {outcome: [one for one in ones if one.outcome == outcome]
                    for outcome in ("wins", "equal", "loses")}
            most = [max(held[outcome], key=lambda one: one.factor, default=None)
                    for outcome in ("wins", "loses")]
            rows.append(Row([Entry(words)] + [
                Entry(f"{one.place}{one.note}" if one else units.NONE) for one in most] + [
                Entry(f"{len(of):,}") for of in held.values()]))
        return Table("Comparisons with the best peer", ["what", "sessionhub wins most with",
                     "it loses most with", "wins", "equal", "loses"], rows, words=3)

    def contests_table(self, contests):
        rows = []
        for one in contests:
            text, title = one.measure.text, self.run.title
            safe = f"{title(one.safe.name)}: {text(one.safe.value)}" if one.safe else units.NONE
            rows.append(Row([
                Entry(one.measure.words), Entry(one.place),
                Entry(f"{text(one.hub.value)} ({title(one.hub.name)})"),
                Entry(f"{title(one.best.name)}: {text(one.best.value)}"),
                self.outcome(one, one.best), Entry(safe), self.outcome(one, one.safe)]))
        columns = ["what", "where", "sessionhub's best", "best peer", "sessionhub",
                   "best peer that lost nothing", "sessionhub"]
        return Table("sessionhub beside the best of the others", columns, rows,
                     STICKY_NOTES if self.risks else [], words=7, folded=True)

    def outcome(self, one, peer):
        text = findings.outcome_text(one.hub, peer, one.measure, one.within)
        grades = {"wins": "good", "equal": "some", "loses": "bad"}
        return Entry(text, grade=grades.get(text.split(" ")[0], ""))

    # How it was measured.

    def idle_table(self):
        counts = sorted({one.nodes for one in self.run.idle})
        if not counts:
            return None
        found = {(one.strategy, one.nodes): one.bytes_per_s for one in self.run.idle}
        named = [(name, [*(Entry(units.number(found.get((name, nodes))), why=self.why(name))
                           for nodes in counts), Entry(self.idle_commands(name))])
                 for name in self.sweeps.names()]
        columns = ["strategy", *(units.count(nodes, "node") for nodes in counts), "command"]
        return self.table("Idle traffic, bytes per second of the whole cluster", columns, named, [])

    def idle_commands(self, name):
        """The commands that measured it, each once, from the smallest cluster to the largest."""
        ones = sorted((one for one in self.run.idle if one.strategy == name),
                      key=lambda one: one.nodes)
        return "; ".join(dict.fromkeys(one.command for one in ones if one.command)) or units.NONE

    def strategies_table(self):
        rows = [Row([self.head(one.name), Entry(one.name), Entry(one.how or units.NONE)],
                    palette.is_hub(one.name)) for one in self.run.strategies]
        return Table("The strategies", ["strategy", "its name in the file", "how"], rows,
                     limits.way_notes(self.run), words=3)

    def skipped_table(self):
        if not self.run.skipped:
            return None
        rows = [Row([Entry(self.run.title(one.strategy)), Entry(one.why or units.NONE)])
                for one in self.run.skipped]
        return Table("Left out", ["strategy", "why"], rows, words=2)

    def cells_table(self):
        """Every figure with the command that made it."""
        rows = []
        for cell in self.sweeps.cells:
            asked = [self.run.title(cell.strategy), cell.what, ROUTING_TITLES[cell.routing],
                     units.number(cell.nodes), units.size(cell.session_bytes),
                     f"{units.number(cell.fields_changed)} of {units.number(cell.fields)}",
                     f"{cell.read_percent:g} %", units.number(cell.connections),
                     units.number(cell.requests), units.number(cell.errors)]
            found = [cell.bytes_per_change, cell.frames_per_change, cell.cpu_nodes_us,
                     cell.cpu_server_us, cell.latency_p50_us, cell.latency_p99_us]
            memory = [cell.node_memory_bytes, cell.server_memory_bytes]
            texts = [*asked, *map(units.number, found), *map(units.mebibytes, memory)]
            rows.append(Row([Entry(text) for text in texts] + [Entry(cell.command or units.NONE)],
                            palette.is_hub(cell.strategy), self.anchors[id(cell)]))
        columns = ["strategy", "what", "routing", "nodes", "session", "fields changed", "reads",
                   "connections", "requests", "failed", "bytes per change", "frames per change",
                   "CPU of nodes, µs", "CPU of server, µs", "p50, µs", "p99, µs",
                   "memory of a node, MiB", "memory of the server, MiB", "command"]
        return Table("Every measured cell", columns, rows, words=3, folded=True)

    def risk_commands_table(self):
        rows = [Row([Entry(self.run.title(risk.strategy)), Entry(units.number(risk.nodes)),
                     Entry(risk.command or units.NONE)], palette.is_hub(risk.strategy))
                for risk in self.run.risks]
        return Table("The risk trials", ["strategy", "nodes", "command"], rows, folded=True,
                     words=3) if rows else None
