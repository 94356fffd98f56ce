"""Why sessionhub may be chosen although a peer takes fewer bytes or answers sooner.

Only what the run shows is a reason; where it shows none, that is said.
"""

import findings
import palette
import risk_words
import units
from findings import BYTES, P50, ROUTING_WORDS

BEATS = {BYTES: "takes fewer bytes", P50: "answers sooner"}


def pair_at(cells, measure, hub, peer):
    """The figures of both as (hub, peer); None if either is missing or failed too often."""
    found = {one.name: one for one in findings.ranking(cells, measure, {hub, peer})}
    return (found[hub], found[peer]) if len(found) == 2 else None


def outcome_at(cells, measure, hub, peer):
    """"wins", "equal" or "loses", for sessionhub; None if there is nothing to compare."""
    pair = pair_at(cells, measure, hub, peer)
    return findings.outcome_of(*pair, measure) if pair else None


def against(cells, measure, hub, peer):
    """8,995 bytes against 798 bytes (11.3 ×): the peer's figure first."""
    ours, theirs = pair_at(cells, measure, hub, peer)
    return (f"{measure.text(theirs.value)} against {measure.text(ours.value)}"
            f"{findings.ratio_note(ours.value, theirs.value, measure)}")


class Reasons:
    """Writes, of each peer that beats sessionhub, what the run holds against it."""

    def __init__(self, sweeps, risks):
        self.sweeps, self.risks = sweeps, risks

    def title(self, name):
        return units.quoted(self.sweeps.run.title(name))

    def sentences(self, routing):
        hub = self.hub(routing)
        if not any(map(palette.is_hub, self.sweeps.changes(routing))):
            yield (f"With {ROUTING_WORDS[routing]} routing and "
                   f"{units.count(self.sweeps.nodes, 'node')}, sessionhub was not measured.")
        for peer, measures in self.rivals(routing, hub).items() if hub else ():
            yield self.sentence(routing, hub, peer, measures)

    def hub(self, routing):
        """The one of sessionhub's ways that is spoken of: the leanest, of those that lost nothing
        if there are such."""
        ranked = [one.name for one in findings.ranking(self.sweeps.changes(routing), BYTES)
                  if palette.is_hub(one.name)]
        safe = findings.safe_names(self.risks, routing)
        return min(ranked, key=lambda name: name not in safe, default=None)

    def rivals(self, routing, hub):
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
                         if outcome_at(cells, measure, hub, name) == "loses"] for name in names}
        return {name: measures for name, measures in beaten.items() if measures}

    def sentence(self, routing, hub, peer, measures):
        cells = self.sweeps.changes(routing)
        figures = units.listed(against(cells, measure, hub, peer) for measure in measures)
        text = (f"With {ROUTING_WORDS[routing]} routing, {self.title(peer)} "
                f"{units.listed(BEATS[measure] for measure in measures)} than {self.title(hub)}: "
                f"{figures}.")
        held = [*self.lost(routing, hub, peer), *self.dearer(routing, hub, peer)]
        text += f" But it {'; it '.join(held)}." if held else (
            " Nothing that was measured speaks for sessionhub instead.")
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

    def dearer(self, routing, hub, peer):
        """Where the peer takes more than sessionhub: here, with the largest sessions, and with the
        largest cluster."""
        cells = self.sweeps.changes(routing)
        places = [("", cells), *self.far_ends(routing)]
        found = [against(there, BYTES, hub, peer) + words for words, there in places
                 if outcome_at(there, BYTES, hub, peer) == "wins"]
        if found:
            yield f"takes more bytes: {units.listed(found)}"
        if outcome_at(cells, P50, hub, peer) == "wins":
            yield f"answers later: {against(cells, P50, hub, peer)}"

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
