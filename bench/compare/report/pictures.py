"""The pictures of a report: which figures go into each, and what its title finds in them."""

import dataclasses

import bar_plots
import findings
import limits
import line_plots
import palette
import svg
import units
from findings import ROUTING_WORDS


@dataclasses.dataclass(frozen=True)
class Picture:
    name: str
    title: str
    svg: str
    notes: list

    @property
    def file_name(self):
        return self.name + ".svg"


def picture(name, title, figure, notes=()):
    return Picture(name, title, svg.inline(svg.drawn(figure), name.replace("_", "-"), title),
                   list(notes))


def plain(value):
    return f"{value:,}"


def session_size(value):
    return units.size(value).replace(" bytes", " B")


def runs_text(words, value_text):
    """2: “…” and “…”; 4 to 32: “…” and “…”"""
    runs = []
    for value, text in words.items():
        if runs and runs[-1][2] == text:
            runs[-1][1] = value
        else:
            runs.append([value, value, text])
    return "; ".join(
        f"{value_text(first)}{f' to {value_text(last)}' if last != first else ''}: {text}"
        for first, last, text in runs)


class Pictures:
    """Draws what there are figures for; what there are none for is simply not there."""

    def __init__(self, sweeps, risks):
        self.sweeps, self.risks, self.title = sweeps, risks, sweeps.run.title

    def all(self):
        drawn = []
        for routing in self.sweeps.routings():
            drawn += [self.bytes_by("nodes", routing, plain, "nodes"),
                      self.bytes_by("session_bytes", routing, session_size, "bytes of a session"),
                      self.saved_by("nodes", routing, plain, "nodes"),
                      self.saved_by("session_bytes", routing, session_size, "bytes of a session"),
                      self.cpu(routing), self.latency(routing), self.reads(routing)]
        return [one for one in drawn if one]

    # Lines.

    def figures(self, axis, routing):
        sweep = self.sweeps.by[axis]
        lines = {}
        for name in self.sweeps.names():
            points = {value: cell.bytes_per_change
                      for value, cell in sweep.line(name, routing).items()
                      if cell.bytes_per_change is not None and cell.is_sound}
            if points:
                lines[name] = (self.label(name), points)
        return sweep.values(routing), lines

    def bytes_by(self, axis, routing, value_text, x_words):
        values, lines = self.figures(axis, routing)
        if len(values) < 2 or not lines:
            return None
        title = self.bytes_title(axis, routing, values)
        y_words = f"bytes {limits.where_words(self.sweeps.run)} per change"
        figure, left_out = line_plots.log_lines(title, lines, values, value_text, x_words, y_words)
        if figure is None:
            return None
        notes = [f"Not drawn, as nothing is sent: "
                 f"{'; '.join(self.title(name) for name in left_out)}."] if left_out else []
        if axis == "nodes":
            notes += limits.crowd_notes(self.sweeps, routing)
        return picture(f"bytes_by_{axis}_{routing}", title, figure, notes)

    def bytes_title(self, axis, routing, values):
        """What a change takes at both ends of the axis, with sessionhub and its leanest peer there;
        the last cluster is the largest that nearly all were measured in."""
        last = self.sweeps.nodes if axis == "nodes" else values[-1]
        ends = [self.end_text(axis, routing, value) for value in dict.fromkeys((values[0], last))]
        return (f"{ROUTING_WORDS[routing].capitalize()}, {limits.bytes_noun(self.sweeps.run)} of a "
                f"change with sessionhub and with its leanest peer: {'; '.join(ends)}")

    def end_text(self, axis, routing, value):
        """2 nodes: 564 and 232 (“Redis …”)"""
        words = (units.count(value, "node") if axis == "nodes"
                 else f"sessions of {units.size(value)}")
        found = findings.contest(self.sweeps.by[axis].cells(routing, value), findings.BYTES, "",
                                 routing, self.risks)
        if found is None:
            return f"{words}: not measured with both"
        return (f"{words}: {units.number(found.hub.value)} and {units.number(found.best.value)} "
                f"({self.quoted(found.best.name)})")

    def label(self, name):
        return palette.marked(name, self.title(name))

    def quoted(self, name):
        return units.quoted(self.title(name))

    def saved_by(self, axis, routing, value_text, x_words):
        """How many times sessionhub's bytes its best and its worst peer take."""
        sweep = self.sweeps.by[axis]
        best, worst = {}, {}
        values = sweep.values(routing)
        if axis == "nodes":
            values = [value for value in values if value in self.sweeps.common_nodes]
        for value in values:
            cells = sweep.cells(routing, value)
            found = findings.contest(cells, findings.BYTES, "", routing, self.risks)
            if found is None or not findings.ratio(found.best.value, found.hub.value,
                                                   findings.BYTES):
                continue
            for ratios, peer in ((best, found.best), (worst, found.worst)):
                ratios[value] = (findings.ratio(peer.value, found.hub.value, findings.BYTES),
                                 self.quoted(peer.name))
        if len(best) < 2:
            return None
        values = sorted(best)
        shown = self.sweeps.nodes if axis == "nodes" and self.sweeps.nodes in best else values[-1]
        words = value_text(shown) + (" nodes" if axis == "nodes" else "")
        title = (f"{ROUTING_WORDS[routing].capitalize()}, {words}: the best peer "
                 f"({best[shown][1]}) takes {units.times(best[shown][0])} sessionhub's "
                 f"{limits.bytes_noun(self.sweeps.run)}, the worst ({worst[shown][1]}) "
                 f"{units.times(worst[shown][0])}")
        figure = line_plots.ratio_lines(title, {"best peer": best, "worst peer": worst}, values,
                                        value_text, x_words)
        pairs = {value: f"{best[value][1]} and {worst[value][1]}" for value in values}
        return picture(f"saved_by_{axis}_{routing}", title, figure,
                       [f"Best and worst peer by {x_words}: {runs_text(pairs, value_text)}."])

    # A row for each strategy.

    def rows(self, cells, *keys):
        """{name: figures} of what has the first of them, from least to most; others count as 0."""
        found = {name: tuple(getattr(cell, key) or 0 for key in keys)
                 for name, cell in cells.items()
                 if getattr(cell, keys[0]) is not None and cell.is_sound}
        return dict(sorted(found.items(), key=lambda item: sum(item[1])))

    def labels(self, found):
        return {name: self.label(name) for name in found}

    def least_title(self, routing, what, cells, measure, nodes=None):
        """Who has the least of those that can be chosen, and how far sessionhub is from it."""
        begin = (f"{ROUTING_WORDS[routing].capitalize()}, "
                 f"{units.count(nodes or self.sweeps.nodes, 'node')}: {what}")
        ranked = [one for one in findings.ranking(cells, measure)
                  if findings.can_be_chosen(one.name)]
        hub = next((one for one in ranked if palette.is_hub(one.name)), None)
        if not ranked:
            return begin
        text = (f"{begin} is least with {self.quoted(ranked[0].name)}, "
                f"{measure.text(ranked[0].value)}")
        if hub is None or hub == ranked[0]:
            return text
        note = findings.ratio_note(hub.value, ranked[0].value, measure)
        return f"{text}; {self.quoted(hub.name)} takes {measure.text(hub.value)}{note}"

    def not_there(self, found):
        missing = [name for name in self.sweeps.names() if name not in found]
        return [f"Not drawn, as not measured here or with too many failed requests: "
                f"{'; '.join(self.title(name) for name in missing)}."] if missing else []

    def cpu(self, routing):
        cells = self.sweeps.changes(routing)
        found = self.rows(cells, "cpu_nodes_us", "cpu_server_us")
        if not found:
            return None
        title = self.least_title(routing, "processor time per change", cells, findings.CPU)
        figure = bar_plots.stacked_bars(title, self.labels(found), found,
                                        "processor time per change, µs", ("nodes", "server"))
        return picture(f"cpu_{routing}", title, figure, self.not_there(found))

    def latency(self, routing):
        cells = self.sweeps.changes(routing)
        both = {name: cell for name, cell in cells.items()
                if (cell.latency_p50_us or 0) > 0 and (cell.latency_p99_us or 0) > 0}
        found = {name: (both[name].latency_p50_us, both[name].latency_p99_us)
                 for name in self.rows(both, "latency_p50_us")}
        if not found:
            return None
        title = self.least_title(routing, "the wait of half the changes (p50)", cells,
                                 findings.P50)
        figure = bar_plots.pairs(title, self.labels(found), found,
                                 "time from request to answer, µs (logarithmic)", ("p50", "p99"))
        return picture(f"latency_{routing}", title, figure, self.not_there(found))

    def reads(self, routing):
        nodes = self.sweeps.read_nodes(routing)
        cells = self.sweeps.reads(routing, nodes)
        found = {name: figures[0]
                 for name, figures in self.rows(cells, "bytes_per_change").items()}
        what = f"what a read-only request sends, in {limits.bytes_noun(self.sweeps.run)},"
        title = self.least_title(routing, what, cells, findings.READ_BYTES, nodes)
        x_words = (f"bytes {limits.where_words(self.sweeps.run)} per read-only request "
                   "(logarithmic)")
        figure = bar_plots.single_points(title, self.labels(found), found, x_words)
        if figure is None:
            return None
        return picture(f"read_bytes_{routing}", title, figure, self.not_there(found))
