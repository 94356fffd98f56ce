"""The answer in a few sentences: what to choose, what it costs, who loses what."""

import choices
import findings
import palette
import risk_words
import units
from findings import ROUTING_WORDS


WHAT = ("fewest bytes", "shortest wait (p50)")


def workload_words(at):
    """one field of a session of 4 KiB"""
    changed = at.get("fields_changed")
    what = "all fields" if changed == "all" else "one field" if changed == 1 else (
        units.count(changed, "field") if changed else "some fields")
    return f"{what} of a session of {units.size(at.get('session_bytes'))}"


class Verdict:
    """Writes the sentences of one run."""

    def __init__(self, sweeps, risks, contests):
        self.sweeps, self.risks, self.contests = sweeps, risks, contests

    def title(self, name):
        return units.quoted(self.sweeps.run.title(name))

    def titles(self, names):
        return units.listed(self.title(name) for name in names)

    def summary(self):
        """The sentences at the top of the page, in order."""
        if not self.sweeps.nodes:
            return ["No change was measured in this run, so there is nothing to choose by."]
        return [*self.choices(), *self.costs(), *self.outcomes(), *self.losses(),
                *self.shares_nothing()]

    # What to choose.

    def choices(self):
        for routing in self.sweeps.routings():
            ranked = {one.need: one for one in choices.choices_for(
                routing, self.sweeps, self.risks)}
            begin = (f"With {ROUTING_WORDS[routing]} routing and "
                     f"{units.count(self.sweeps.nodes, 'node')}, ")
            if not self.risks:
                lean, quick = (ranked[f"{what}, {choices.ANYHOW}"] for what in WHAT)
                yield (f"{begin}{self.picked(lean, quick)}; what that may lose was not tried.")
                continue
            node = [ranked[f"{choices.KEEP_NODE}: {what}"]
                    for what in WHAT]
            every = [ranked[f"{choices.KEEP_ALL}: {what}"] for what in WHAT]
            text = f"{begin}if {choices.KEEP_NODE}, {self.picked(*node)}"
            same = [one.pick for one in node] == [one.pick for one in every]
            if same and node[0].pick:
                yield (f"{text}. Sessions then also outlive a restart of all nodes and of the "
                       "server.")
            else:
                yield f"{text}; if {choices.KEEP_ALL}, {self.picked(*every)}."

    def picked(self, lean, quick):
        """choose “…” for the fewest bytes (560), “…” for the shortest wait (300 µs)"""
        if not lean.pick:
            return "nothing that was measured will do"
        text = f"choose {self.title(lean.pick.name)} for the fewest bytes"
        if not quick.pick:
            return text
        if quick.pick.name == lean.pick.name:
            return text + " and the shortest wait"
        waits = {one.name: one.value for one in quick.ranked}
        text += f", or {self.title(quick.pick.name)} for the shortest wait"
        slower = waits.get(lean.pick.name)
        return text if slower is None else (
            f"{text} ({findings.micros_text(quick.pick.value)} against "
            f"{findings.micros_text(slower)})")

    # What it costs, and where sessionhub loses.

    def costs(self):
        """What a change takes with sessionhub, the best and the worst of its peers."""
        for routing in self.sweeps.routings():
            cells = self.sweeps.changes(routing)
            found = findings.contest(cells, findings.BYTES, "", routing, {})
            if found is None:
                continue
            others = [f"{units.number(found.best.value)} with the leanest of its peers, "
                      f"{self.title(found.best.name)}"]
            if found.worst != found.best:
                others.append(f"{units.number(found.worst.value)} with the heaviest, "
                              f"{self.title(found.worst.name)}")
            yield (f"With {ROUTING_WORDS[routing]} routing, a change of "
                   f"{workload_words(self.sweeps.at)} takes {findings.bytes_text(found.hub.value)} "
                   f"on the wire with {self.title(found.hub.name)}, {', and '.join(others)}.")

    def outcomes(self):
        """Where sessionhub loses to the best of its peers, then where it wins, the widest first."""
        if not self.contests:
            yield "sessionhub, or every other way, was not measured: there is nothing to compare."
            return
        for outcome, begin in (("loses", "Beside the best peer in each, sessionhub loses in"),
                               ("wins", "It wins in")):
            widest = self.widest(outcome)
            if widest:
                yield f"{begin} {'; '.join(widest)}."
            else:
                yield f"{begin} none of {units.count(len(self.contests), 'comparison')}."

    def widest(self, outcome):
        """For each measure, in how many comparisons, and the one in which it is by most."""
        for_measure = {}
        for one in self.contests:
            for_measure.setdefault(one.measure.words, []).append(one)
        found = []
        for words, ones in for_measure.items():
            held = [one for one in ones if one.outcome == outcome]
            if not held:
                continue
            most = max(held, key=lambda one: one.factor)
            found.append(f"{words}, {len(held)} of {units.count(len(ones), 'comparison')}, most so "
                         f"with {most.place}{most.note}")
        return found

    def points(self, outcome):
        """(what is compared, [where and by how much]) of all comparisons with this outcome."""
        found = {}
        for one in self.contests:
            if one.outcome == outcome:
                found.setdefault(one.measure.words, []).append(self.point(one))
        return list(found.items())

    def point(self, one):
        """2 nodes: 564 bytes against 232 bytes of “Redis …” (2.43 ×)"""
        text = (f"{one.place}: {one.measure.text(one.hub.value)} "
                f"against {one.measure.text(one.best.value)} of {self.title(one.best.name)}"
                f"{one.note}")
        if one.outcome == "loses" and one.outcome_safe == "wins":
            text += ", which has lost something; it beats all that have not"
        return text

    # What is lost.

    def losses(self):
        """Who has lost something, who has not, and on how many trials that rests."""
        tried = [name for name in self.sweeps.names() if name in self.risks]
        outcome = {name: risk_words.loses_nothing(self.risks[name], "round_robin")
                   for name in tried}
        safe = [name for name in tried if outcome[name]]
        losers = [name for name in tried if outcome[name] is False]
        unknown = [name for name in tried if outcome[name] is None]
        if not tried:
            yield "No risk was tried in this run, so nothing is said of what is lost."
        if safe:
            trials = risk_words.fewest_trials([self.risks[name] for name in safe])
            bound = f" (at least {trials:,} of each with a killed node)" if trials else ""
            yield ("With the server running, nothing acked was lost and no copy was stale or "
                   f"empty in any trial{bound} of {self.titles(safe)}.")
        if losers:
            yield f"Something was lost, stale or empty with {self.titles(losers)}."
        if unknown:
            yield ("Nothing was, but not everything was tried, with "
                   f"{self.titles(unknown)}.")

    def shares_nothing(self):
        """What is to be had by sharing nothing, if it was measured."""
        name = palette.SHARES_NOTHING
        cells = [cells[name] for cells in map(self.sweeps.changes, self.sweeps.routings())
                 if name in cells and cells[name].bytes_per_change is not None]
        if not cells:
            return
        text = (f"{self.title(name)} takes {findings.bytes_text(cells[0].bytes_per_change)} a "
                "change and is no peer: a session lives in one node only")
        killed = self.risks[name].killed if name in self.risks else None
        if killed:
            lost = risk_words.share_text(max(killed.hit, killed.gone), killed.of)
            text += f", and of those whose node was killed, {lost} were lost"
        yield text + "."
