"""Why sessionhub may be chosen although a peer takes fewer bytes or answers sooner.

Only what the run shows is a reason; where it shows none, that is said.
"""

import findings
import palette
import risk_words
import units
from findings import BYTES, P50, ROUTING_WORDS

BEATS = {BYTES: "takes fewer bytes", P50: "answers sooner"}


class Reasons:
    """Writes, of each peer that beats sessionhub, what the run holds against it."""

    def __init__(self, sweeps, risks):
        self.sweeps, self.risks = sweeps, risks

    def title(self, name):
        return units.quoted(self.sweeps.run.title(name))

    def sentences(self, routing):
        if not any(map(palette.is_hub, self.sweeps.changes(routing))):
            yield (f"With {ROUTING_WORDS[routing]} routing and "
                   f"{units.count(self.sweeps.nodes, 'node')}, sessionhub was not measured.")
        for peer, measures in self.rivals(routing).items():
            yield self.sentence(routing, peer, measures)

    def best_hub(self, cells, measure, routing):
        """sessionhub's figure: of the best of its ways in this measure, of those that lost nothing
        if there are such; None if it has none here."""
        ranked = [one for one in findings.ranking(cells, measure) if palette.is_hub(one.name)]
        safe = findings.safe_names(self.risks, routing)
        return min(ranked, key=lambda one: one.name not in safe, default=None)

    def pair_at(self, cells, measure, routing, peer):
        """The figures of both as (hub, peer); None if either is missing or failed too often."""
        hub = self.best_hub(cells, measure, routing)
        found = findings.ranking(cells, measure, {peer})
        return (hub, found[0]) if hub and found else None

    def outcome_at(self, cells, measure, routing, peer):
        """"wins", "equal" or "loses", for sessionhub; None if there is nothing to compare."""
        pair = self.pair_at(cells, measure, routing, peer)
        return findings.outcome_of(*pair, measure, self.sweeps.noise.within(measure)) if (
            pair) else None

    def against(self, cells, measure, routing, peer):
        """8,995 bytes against 798 bytes of “sessionhub, …” (11.3 ×): the peer's figure first."""
        ours, theirs = self.pair_at(cells, measure, routing, peer)
        return (f"{measure.text(theirs.value)} against {measure.text(ours.value)} of "
                f"{self.title(ours.name)}"
                f"{findings.ratio_note(ours.value, theirs.value, measure)}")

    def rivals(self, routing):
        """{peer: the measures in which it beats sessionhub} of the leanest and the quickest peers:
        of all, and of those that lost nothing."""
        cells = self.sweeps.changes(routing)
        safe = findings.safe_names(self.risks, routing)
        names = {}
        for measure in BEATS:
            peers = [one.name for one in findings.ranking(cells, measure)
                     if findings.is_peer(one.name)]
            names |= dict.fromkeys(peers[:1] + [name for name in peers if name in safe][:1])
        beaten = {name: [measure for measure in BEATS
                         if self.outcome_at(cells, measure, routing, name) == "loses"]
                  for name in names}
        return {name: measures for name, measures in beaten.items() if measures}

    def sentence(self, routing, peer, measures):
        cells = self.sweeps.changes(routing)
        hub = self.best_hub(cells, measures[0], routing).name
        figures = units.listed(self.against(cells, measure, routing, peer) for measure in measures)
        text = (f"With {ROUTING_WORDS[routing]} routing, {self.title(peer)} "
                f"{units.listed(BEATS[measure] for measure in measures)} than sessionhub: "
                f"{figures}.")
        held = [*self.lost(routing, hub, peer), *self.dearer(routing, peer)]
        text += f" But it {'; it '.join(held)}." if held else (
            " Neither bytes nor waits nor what was lost in trials speak for sessionhub instead.")
        return text + self.power_cut(hub, peer)

    def lost(self, routing, hub, peer):
        """What the peer lost in trials in which sessionhub lost nothing."""
        ours, theirs = self.risks.get(hub), self.risks.get(peer)
        if ours and risk_words.loses_nothing(ours, routing):
            kept = risk_words.loses_nothing(theirs, routing) if theirs else None
            if kept is False:
                first = risk_words.first_wrong(theirs, risk_words.LOSSES_BY_ROUTING[routing])
                yield f"lost something where sessionhub lost nothing ({first})"
            elif kept is None:
                yield "was not tried for all losses, of which sessionhub had none"
        if ours and theirs and risk_words.survives_restarts(ours) and (
                risk_words.survives_restarts(theirs) is False):
            first = risk_words.first_wrong(theirs, risk_words.RESTARTS)
            yield f"did not outlive restarts as sessionhub did ({first})"

    def dearer(self, routing, peer):
        """Where the peer takes more than sessionhub: here, with the largest sessions, and with the
        largest cluster."""
        cells = self.sweeps.changes(routing)
        places = [("", cells), *self.far_ends(routing)]
        found = [self.against(there, BYTES, routing, peer) + words for words, there in places
                 if self.outcome_at(there, BYTES, routing, peer) == "wins"]
        if found:
            yield f"takes more bytes: {units.listed(found)}"
        if self.outcome_at(cells, P50, routing, peer) == "wins":
            yield f"answers later: {self.against(cells, P50, routing, peer)}"

    def far_ends(self, routing):
        """(words, cells) of the largest sessions and of the largest cluster, if they are not those
        that all else is said of."""
        for axis, words in (("session_bytes", lambda value: f"sessions of {units.size(value)}"),
                            ("nodes", lambda value: units.count(value, "node"))):
            sweep = self.sweeps.by[axis]
            usual = self.sweeps.nodes if axis == "nodes" else self.sweeps.at[axis]
            for value in sweep.values(routing)[-1:]:
                if value != usual:
                    yield f" with {words(value)}", sweep.cells(routing, value)

    def power_cut(self, hub, peer):
        """What is left, as each says of itself; which of both is better is for the reader."""
        theirs, ours = (risk_words.power_cut(self.sweeps.run, self.risks, name).split(":")[0]
                        for name in (peer, hub))
        if not theirs or not ours or theirs == ours:
            return ""
        return (f" Of acked changes a power cut leaves, by how each stores, “{theirs}” with it and "
                f"“{ours}” with sessionhub.")
