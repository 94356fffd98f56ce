"""The whole comparison in one table of a few columns, for pages that have no room for more."""

import findings
import palette
import risk_words
import units
from findings import ROUTING_WORDS
from tables import Entry, Row, Table, bytes_mark, figure_notes, mark_of

KILLED = "lost when its node is killed"
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
                   KILLED, "lost of two changes at once", "sessions left after restarts",
                   "acked changes left after a power cut"]
        names.sort(key=self.bytes)
        cells = [cell for name in names for way in self.routings if (cell := self.cell(name, way))]
        return Table(f"{units.count(self.sweeps.nodes, 'node')}: what a change takes, and what may "
                     "be lost", columns, [self.row(name) for name in names],
                     [*figure_notes(self.run, cells), *self.multiples(names), *self.trials(names),
                      *self.left_out()])

    def multiples(self, names):
        """Of what the multiples are: of sessionhub's least with the routing of each row."""
        ways = {way: [name for name in names if self.cell(name).routing == way]
                for way in reversed(self.routings)}
        least = {way: self.least(way) for way in ways if ways[way] and self.least(way)}
        if not least:
            return []
        usual, *others = least
        texts = [f"Waits and processor time are multiples of sessionhub's least with "
                 f"{ROUTING_WORDS[usual]} routing, {least[usual]}"]
        texts += [f"those of {self.titles(ways[way])}, measured with {ROUTING_WORDS[way]} routing "
                  f"only, of its least there, {least[way]}" for way in others]
        if palette.SHARES_NOTHING in names:
            texts.append(f"the wait of {self.titles([palette.SHARES_NOTHING])} has a hop through "
                         "its balancer, which others' have not, and its processor time is without "
                         "the balancer's")
        return ["; ".join(texts)]

    def titles(self, names):
        return units.listed(units.quoted(self.run.title(name)) for name in names)

    def hub_least(self, routing, measure):
        """sessionhub's least with this routing; None if it was not measured."""
        return next((one.value for one in findings.ranking(self.sweeps.changes(routing), measure)
                     if palette.is_hub(one.name)), None)

    def least(self, routing):
        found = {measure: self.hub_least(routing, measure)
                 for measure in (findings.P50, findings.CPU)}
        return units.listed(measure.text(value) for measure, value in found.items()
                            if value is not None)

    def trials(self, names):
        """Of how much the losses by kills are, and what is told of first answers."""
        risks = [self.risks[name] for name in names if name in self.risks]
        if not any(risk.killed for risk in risks):
            return []
        text = f"{KILLED}: the last acked change, of {risk_words.fewest_sessions(risks)}"
        if any(self.lacks_at_first(risk) for risk in risks):
            text += ("; “at first”: an answer of another node right after the kill lacks it, and a "
                     "later one may have it")
        return [text[0].upper() + text[1:]]

    def left_out(self):
        """Who was skipped, wholly or somewhere, each reason once."""
        names = {}
        for one in self.run.skipped:
            names.setdefault(one.why or "no reason given", {})[self.run.title(one.strategy)] = True
        reasons = [f"{'; '.join(titles)} ({' '.join(why.split())})"
                   for why, titles in names.items()]
        return [f"Left out, wholly or in part: {'; '.join(reasons)}"] if reasons else []

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
                 self.killed(risk), risk_words.plain_text(risk, "concurrent"),
                 self.restarts(name), LEFT_WORDS.get(self.left[name], units.NONE)]
        return Row([Entry(text) for text in texts], palette.is_hub(name))

    def bytes_text(self, cell):
        if cell is None or cell.bytes_per_change is None:
            return units.NONE
        return units.number(cell.bytes_per_change) + bytes_mark(cell)

    def beside_hub(self, name, measure):
        """As a multiple of sessionhub's least, with the same routing; nothing has a multiple if
        that is 0."""
        cell = self.cell(name)
        hub = self.hub_least(cell.routing, measure)
        value = getattr(cell, measure.key)
        if value is None or hub is None or hub <= 0:
            return units.NONE
        return units.times(value / hub) + mark_of(cell)

    def lacks_at_first(self, risk):
        """So many first answers lacked what a later one had."""
        if risk is None or risk.killed is None or risk.first_answer is None:
            return 0
        return max(0, risk.first_answer.hit - risk.killed.hit)

    def killed(self, risk):
        text = risk_words.plain_text(risk, "killed")
        return f"{text}, at first {risk.first_answer.hit:,}" if self.lacks_at_first(risk) else text

    def restarts(self, name):
        """The worse of both trials: of all nodes, and of the server."""
        risk = self.risks.get(name)
        shares = {trial: risk_words.bad_share(risk, trial) for trial in risk_words.RESTARTS}
        tried = [trial for trial in shares if shares[trial] is not None]
        worst = max(tried, key=shares.get, default=None)
        return risk_words.plain_text(risk, worst) if worst else units.NONE
