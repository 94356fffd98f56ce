"""What is best for those who run a server already, and what sessionhub beside it would do."""

import findings
import palette
import risk_words
import units
from findings import BYTES, P50, ROUTING_WORDS
from tables import Entry, Row, Table

# What somebody may run, by the beginning of its ways' names.
SERVERS = {"redis": "Redis", "memcached": "memcached", "postgres": "PostgreSQL",
           "tomcat": "Tomcat", "terracotta": "Terracotta"}
MORE_OR_LESS = {BYTES: ("fewer bytes", "more bytes"), P50: ("a shorter wait", "a longer wait")}

NOTHING = "nothing"
EQUAL = {BYTES: "as many bytes", P50: "as long a wait"}


class Incumbents:
    """Makes the table of one run."""

    def __init__(self, sweeps, risks):
        self.sweeps, self.risks = sweeps, risks

    def title(self, name):
        return units.quoted(self.sweeps.run.title(name))

    def table(self):
        """None if none of them, or no change, was measured."""
        rows = [row for begin in SERVERS for routing in self.sweeps.routings()
                if (row := self.row(begin, routing))]
        if not rows:
            return None
        nodes = units.count(self.sweeps.nodes, "node")
        return Table(f"What to choose if you run a server already, {nodes}",
                     ["you run", "routing", "fewest bytes of its ways",
                      "shortest wait (p50) of its ways", "what was lost in trials of these",
                      "sessionhub beside it, one more server"], rows,
                     ["Of each server's ways those that lost least count: nothing in any trial, "
                      "else nothing by a kill, else any"], words=6)

    def row(self, begin, routing):
        cells = self.sweeps.changes(routing)
        names = self.least_lossy({name for name in cells if name.startswith(begin)}, routing)
        best = {measure: self.best(cells, measure, names) for measure in (BYTES, P50)}
        if not best[BYTES]:
            return None
        return Row([Entry(SERVERS[begin]), Entry(ROUTING_WORDS[routing]),
                    *(Entry(self.text(measure, one)) for measure, one in best.items()),
                    Entry(self.lost(best, routing)), Entry(self.hub(cells, best, routing))])

    def least_lossy(self, names, routing):
        """Those that lost nothing; if there are none, those that survive a kill, or else all."""
        safe = findings.safe_names(self.risks, routing)
        unkilled = {name for name in self.risks if risk_words.survives_kills(self.risks[name])}
        return names & safe or names & unkilled or names

    def best(self, cells, measure, names):
        return next(iter(findings.ranking(cells, measure, names)), None)

    def text(self, measure, one):
        return f"{self.title(one.name)}, {measure.text(one.value)}" if one else units.NONE

    def lost(self, best, routing):
        """What the best ways lost, restarts included."""
        trials = risk_words.LOSSES_BY_ROUTING[routing] + risk_words.RESTARTS
        names = dict.fromkeys(one.name for one in best.values() if one)
        texts = {name: risk_words.went_wrong(self.risks.get(name), trials) for name in names}
        if not all(name in self.risks for name in names):
            return units.NONE
        told = [f"{self.title(name)}: {'; '.join(lost)}" if len(names) > 1 else "; ".join(lost)
                for name, lost in texts.items() if lost]
        return "; ".join(told) or NOTHING

    def hub(self, cells, best, routing):
        """would take fewer bytes, 457 bytes of “sessionhub, …” (2.00 ×), and ..."""
        names = self.least_lossy({name for name in cells if palette.is_hub(name)}, routing)
        found = [(measure, one, self.best(cells, measure, names))
                 for measure, one in best.items() if one]
        told = [self.beside(measure, one, hub) for measure, one, hub in found if hub]
        if not told:
            return "was not measured"
        ours, theirs = (self.lost({measure: pair[which] for measure, *pair in found}, routing)
                        for which in (1, 0))
        return f"takes {' and '.join(told)}" + (f"; lost: {ours}" if ours != theirs else "")

    def beside(self, measure, one, hub):
        outcome = findings.outcome_of(hub, one, measure, self.sweeps.noise.within(measure))
        fewer, more = MORE_OR_LESS[measure]
        words = {"wins": fewer, "equal": EQUAL[measure], "loses": more}[outcome]
        return f"{words} ({self.text(measure, hub)}{self.times(measure, one, hub)})"

    def times(self, measure, one, hub):
        found = findings.ratio(hub.value, one.value, measure)
        return f", {units.times(max(found, 1 / found))}" if found else ""
