"""sessionhub beside the bench's own meshes, which are there to measure by and not to be chosen."""

import findings
import palette
import risk_words
import units
from findings import BYTES, ROUTING_WORDS

TAKES = {"wins": "fewer than", "equal": "about as many as", "loses": "more than"}


def pair(cells, name):
    """(sessionhub's leanest, the yardstick); None if either is missing or failed too often."""
    ranked = findings.ranking(cells, BYTES)
    hub = next((one for one in ranked if palette.is_hub(one.name)), None)
    yardstick = next((one for one in ranked if one.name == name), None)
    return (hub, yardstick) if hub and yardstick else None


def numbers(values):
    return units.listed(f"{value:,}" for value in values)


def from_where_on(outcomes):
    """The number of nodes from which on sessionhub takes fewer bytes, if one was measured; with
    {} for the yardstick."""
    fewer = [nodes for nodes in outcomes if outcomes[nodes] == "wins"]
    others = [nodes for nodes in outcomes if nodes not in fewer]
    if len(outcomes) == 1:
        return f"can be put beside {{}} with {units.count(*outcomes, 'node')} only"
    if not fewer or not others:
        takes = "fewer" if fewer else "more" if set(outcomes.values()) == {"loses"} else "no fewer"
        return (f"takes {takes} bytes than {{}} with every number of nodes measured: "
                f"{numbers(outcomes)}")
    if max(others) < min(fewer):
        return (f"takes fewer bytes than {{}} from {min(fewer):,} nodes on, but not with "
                f"{numbers(others)} (measured: {numbers(outcomes)})")
    return (f"takes fewer bytes than {{}} with {numbers(fewer)} nodes, but not with "
            f"{numbers(others)}")


class Yardsticks:
    """Writes the sentences of one run; none if it has no yardstick."""

    def __init__(self, sweeps, risks):
        self.sweeps, self.risks = sweeps, risks
        known = {cell.strategy for cell in sweeps.cells} | set(risks)
        self.names = [name for name in sweeps.names()
                      if palette.is_yardstick(name) and name in known]

    def outcome(self, hub, yardstick):
        return findings.outcome_of(hub, yardstick, BYTES, self.sweeps.noise.within(BYTES))

    def title(self, name):
        return units.quoted(self.sweeps.run.title(name))

    def titles(self, names):
        return units.listed(self.title(name) for name in names)

    def sentences(self):
        if not self.names:
            return []
        return [text for routing in self.sweeps.routings()
                for text in self.of_routing(routing)] + list(self.losses())

    def of_routing(self, routing):
        alike = {}  # what is the same of several is said once
        for name in self.names:
            outcomes = self.along_nodes(routing, name)
            if outcomes:
                alike.setdefault(from_where_on(outcomes), []).append(name)
        begin = f"With {ROUTING_WORDS[routing]} routing, "
        if not alike:
            yield f"{begin}no yardstick was measured beside sessionhub."
            return
        yield from self.here(routing)
        for text, names in alike.items():
            yield f"{begin}sessionhub {text.format(self.titles(names))}."

    def here(self, routing):
        """Bytes of a change at the usual point, sessionhub's beside each yardstick's."""
        cells = self.sweeps.changes(routing)
        pairs = [found for found in (pair(cells, name) for name in self.names) if found]
        if not pairs:
            return
        hub = pairs[0][0]
        beside = [f"{TAKES[self.outcome(hub, one)]} {self.title(one.name)}, "
                  f"{BYTES.text(one.value)}{findings.ratio_note(hub.value, one.value, BYTES)}"
                  for _, one in pairs]
        yield (f"With {ROUTING_WORDS[routing]} routing and "
               f"{units.count(self.sweeps.nodes, 'node')}, {self.title(hub.name)} takes "
               f"{BYTES.text(hub.value)} a change: {', and '.join(beside)}.")

    def along_nodes(self, routing, name):
        """{nodes: outcome for sessionhub}, wherever both were measured."""
        sweep = self.sweeps.by["nodes"]
        pairs = {nodes: pair(sweep.cells(routing, nodes), name)
                 for nodes in sweep.values(routing)}
        return {nodes: self.outcome(*found)
                for nodes, found in pairs.items() if found}

    def losses(self):
        """What they lost, in the words of the risks."""
        tried = [name for name in self.names if name in self.risks]
        untried = [name for name in self.names if name not in self.risks]
        for name in tried:
            text = risk_words.sentence(self.risks[name])
            yield f"In trials of {self.title(name)}: {text[0].lower()}{text[1:]}"
        if untried:
            yield f"What is lost with {self.titles(untried)} was not tried in this run."
