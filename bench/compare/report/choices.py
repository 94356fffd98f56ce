"""Which strategy to choose for which need: the best measured one that meets it."""

import dataclasses

import findings
import palette
import risk_words
import units


KEEP_NODE = "nothing acked may be lost when a node dies"
KEEP_FRESH = "a node that takes over must never show less than was acked"
KEEP_ALL = "sessions must also outlive a restart of all nodes and of the server"
KEEP_ACKED = "acked changes must also outlive a power cut of all hosts"
ANYHOW = "whatever may be lost"


@dataclasses.dataclass(frozen=True)
class Choice:
    """A need and what meets it best; no pick if nothing measured does."""

    need: str
    measure: findings.Measure
    ranked: list  # those that meet the need, from best to worst

    @property
    def pick(self):
        return self.ranked[0] if self.ranked else None

    @property
    def hub(self):
        return next((one for one in self.ranked if palette.is_hub(one.name)), None)

    @property
    def next_best(self):
        """The best of another kind: sessionhub's two ways are one product."""
        for one in self.ranked[1:]:
            if not (palette.is_hub(one.name) and palette.is_hub(self.pick.name)):
                return one
        return None


def serverless(cells):
    return {name for name, cell in cells.items()
            if not cell.server_memory_bytes and not cell.cpu_server_us}


def choices_for(routing, sweeps, risks):
    """The needs of those whose requests are routed like this; what must not be lost is among them
    if it is known of any strategy whether it loses something, or is left after a power cut."""
    cells = sweeps.changes(routing)
    everyone = {name for name in cells if findings.can_be_chosen(name)}
    safe = findings.safe_names(risks, routing)
    lasting = {name for name in safe if risk_words.survives_restarts(risks[name])}
    fresh = {name for name in safe if risk_words.never_shows_less(risks[name])}
    durable = risk_words.outlast_power_cuts(sweeps.run)
    tried = (
        (f"{KEEP_NODE}: fewest bytes", findings.BYTES, safe),
        (f"{KEEP_NODE}: shortest wait (p50)", findings.P50, safe),
        (f"{KEEP_NODE}: least processor time", findings.CPU, safe),
    )
    if any(risk.first_answer for risk in risks.values()):
        tried += (
            (f"{KEEP_FRESH}: fewest bytes", findings.BYTES, fresh),
            (f"{KEEP_FRESH}: shortest wait (p50)", findings.P50, fresh),
        )
    tried += (
        (f"{KEEP_ALL}: fewest bytes", findings.BYTES, lasting),
        (f"{KEEP_ALL}: shortest wait (p50)", findings.P50, lasting),
    )
    if durable is not None:
        tried += (
            (f"{KEEP_ACKED}: fewest bytes", findings.BYTES, lasting & durable),
            (f"{KEEP_ACKED}: shortest wait (p50)", findings.P50, lasting & durable),
        )
    untried = (
        (f"fewest bytes, {ANYHOW}", findings.BYTES, everyone),
        (f"shortest wait (p50), {ANYHOW}", findings.P50, everyone),
        (f"least processor time, {ANYHOW}", findings.CPU, everyone),
        (f"no server to run: fewest bytes, {ANYHOW}", findings.BYTES,
         serverless(cells)),
    )
    return [Choice(need, measure, findings.ranking(cells, measure, names & everyone))
            for need, measure, names in (tried if risks else ()) + untried]


def pick_text(choice, title):
    if not choice.pick:
        return "nothing that was measured"
    return title(choice.pick.name)


def why_text(choice, title):
    """560 bytes; next is Redis …, 4,478 bytes (8.00 ×)."""
    if not choice.pick:
        return units.NONE
    text = choice.measure.text(choice.pick.value)
    other = choice.next_best
    if not other:
        return text + "; nothing else meets this"
    note = findings.ratio_note(other.value, choice.pick.value, choice.measure)
    return (f"{text}; next is {units.quoted(title(other.name))}, "
            f"{choice.measure.text(other.value)}{note}")


def hub_text(choice):
    """How far sessionhub is from the pick."""
    if not choice.hub:
        return "does not meet it, or was not measured"
    if palette.is_hub(choice.pick.name):
        return "is the choice"
    note = findings.ratio_note(choice.hub.value, choice.pick.value, choice.measure)
    return choice.measure.text(choice.hub.value) + note
