"""The whole comparison in one table of a few columns, for pages that have no room for more."""

import findings
import palette
import risk_words
import units
from findings import ROUTING_WORDS
from tables import Entry, Row, Table, failure_notes, mark_of

LEFT_WORDS = {"all": "all", "some": "some", "none": "nothing"}


class Summary:
    """Makes the table of one run: bytes as they are, waits as multiples of sessionhub's."""

    def __init__(self, sweeps, risks):
        self.sweeps, self.run, self.risks = sweeps, sweeps.run, risks
        self.routings = sweeps.routings()
        self.left = {one.name: one.power_cut_leaves for one in self.run.strategies}

    def table(self):
        """None if no change was measured."""
        if not self.routings:
            return None
        names = [name for name in self.sweeps.names() if self.cell(name)]
        columns = ["strategy",
                   *(f"bytes per change, {ROUTING_WORDS[way]}" for way in self.routings),
                   "wait (p50), of sessionhub's", "processor time, of sessionhub's",
                   "lost in the end when its node is killed", "first answer then lacks it",
                   "sessions left after restarts", "acked changes left after a power cut"]
        names.sort(key=self.bytes)
        cells = [cell for name in names for way in self.routings if (cell := self.cell(name, way))]
        return Table(f"{units.count(self.sweeps.nodes, 'node')}: what a change takes, and what may "
                     "be lost", columns, [self.row(name) for name in names],
                     [*failure_notes(self.run, cells), *self.left_out()])

    def left_out(self):
        """Who was skipped, wholly or somewhere, each reason once."""
        names = {}
        for one in self.run.skipped:
            names.setdefault(one.why or "no reason given", {})[self.run.title(one.strategy)] = True
        return [f"Left out, wholly or in part: {'; '.join(titles)}: {' '.join(why.split())}"
                for why, titles in names.items()]

    def cell(self, name, routing=None):
        """Of the harder routing, round-robin, if it was measured, unless another is asked for."""
        ways = [routing] if routing else reversed(self.routings)
        found = map(self.sweeps.changes, ways)
        return next((cells[name] for cells in found if name in cells), None)

    def bytes(self, name):
        return max(cell.bytes_per_change or 0 for way in self.routings
                   if (cell := self.cell(name, way)))

    def row(self, name):
        cells = [self.cell(name, way) for way in self.routings]
        risk = self.risks.get(name)
        texts = [palette.marked(name, self.run.title(name)), *map(self.bytes_text, cells),
                 self.beside_hub(name, findings.P50), self.beside_hub(name, findings.CPU),
                 risk_words.cell_text(risk, "killed"), risk_words.cell_text(risk, "first_answer"),
                 self.restarts(name), LEFT_WORDS.get(self.left[name], units.NONE)]
        return Row([Entry(text) for text in texts], palette.is_hub(name))

    def bytes_text(self, cell):
        if cell is None or cell.bytes_per_change is None:
            return units.NONE
        return units.number(cell.bytes_per_change) + mark_of(cell)

    def beside_hub(self, name, measure):
        """As a multiple of sessionhub's least, with the same routing; nothing has a multiple if
        that is 0."""
        cell = self.cell(name)
        hubs = [one.value for one in findings.ranking(self.sweeps.changes(cell.routing), measure)
                if palette.is_hub(one.name)]
        value = getattr(cell, measure.key)
        if value is None or not hubs or hubs[0] <= 0:
            return units.NONE
        return units.times(value / hubs[0]) + mark_of(cell)

    def restarts(self, name):
        """The worse of both trials: of all nodes, and of the server."""
        risk = self.risks.get(name)
        shares = {trial: risk_words.bad_share(risk, trial) for trial in risk_words.RESTARTS}
        tried = [trial for trial in shares if shares[trial] is not None]
        worst = max(tried, key=shares.get, default=None)
        return risk_words.cell_text(risk, worst) if worst else units.NONE
