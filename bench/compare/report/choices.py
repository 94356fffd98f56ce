"""Which strategy to choose for which need: the best measured one that meets it."""

import dataclasses

import findings
import palette
import risk_words
import units


KEEP_KILLED = "nothing acked may be lost by a kill of a node"
KEEP_TRIALS = "no change may be lost, nor a copy left old, in any trial"
KEEP_FRESH = "a node that takes over must never show less than was acked"
KEEP_ALL = "sessions must also outlive a restart of the server and of all nodes"
KEEP_ACKED = "acked changes must also outlive a power cut of all hosts"
ALONE = "sessions may be lost with their node"
ANYHOW = "sessions are shared, whatever may be lost"
SERVERLESS = "no server to run"
SERVERLESS_KILLED = f"{SERVERLESS}, and {KEEP_KILLED}"

WHAT = {findings.BYTES: "fewest bytes", findings.P50: "shortest wait (p50)",
        findings.CPU: "least processor time"}
LEAN_AND_QUICK = (findings.BYTES, findings.P50)


def keep_trials(routing):
    """The need, and which trials with this routing are meant."""
    return f"{KEEP_TRIALS} ({risk_words.trials_words(routing)})"


def named(need, measure):
    return f"{need}: {WHAT[measure]}"


@dataclasses.dataclass(frozen=True)
class Choice:
    """A need and what meets it best; no pick if nothing measured does."""

    need: str
    measure: findings.Measure
    ranked: list  # those that meet the need, from best to worst
    no_hub: str  # why sessionhub is not among them, if it is not
    within: float  # figures no farther apart count as equal

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

    def note(self, one):
        """How far this one is from the pick: (1.11 ×, equal)."""
        return findings.beside_note(one.value, self.pick.value, self.measure, self.within)


def serverless(cells):
    return {name for name, cell in cells.items()
            if not cell.server_memory_bytes and not cell.cpu_server_us}


class Chooser:
    """Ranks what was measured at one point, for each need."""

    def __init__(self, routing, sweeps, risks, cells):
        self.routing, self.sweeps, self.risks, self.cells = routing, sweeps, risks, cells
        self.everyone = {name for name in cells if findings.can_be_chosen(name)}
        self.safe = findings.safe_names(risks, routing)
        self.unkilled = {name for name in risks if risk_words.survives_kills(risks[name])}
        self.lasting = {name for name in self.safe if risk_words.survives_restarts(risks[name])}
        self.fresh = {name for name in self.safe if risk_words.never_shows_less(risks[name])}

    def choices(self, need, names, measures=tuple(WHAT)):
        no_hub = ("was not measured" if not any(map(palette.is_hub, self.cells)) else
                  "needs a server" if need.startswith(SERVERLESS) else "does not meet it")
        return [Choice(named(need, measure), measure,
                       findings.ranking(self.cells, measure, names & self.everyone), no_hub,
                       self.sweeps.noise.within(measure)) for measure in measures]

    def alone(self):
        """What shares nothing, before all that share."""
        name = palette.SHARES_NOTHING
        if name not in self.cells:
            return []
        return [dataclasses.replace(one, ranked=own + one.ranked)
                for one in self.choices(ALONE, self.everyone, [findings.BYTES])
                if (own := findings.ranking(self.cells, one.measure, {name}))]

    def tried(self):
        """What may not be lost in trials; of a kill alone only if that makes another choice."""
        kills = self.choices(KEEP_KILLED, self.unkilled)
        trials = self.choices(keep_trials(self.routing), self.safe)
        return (kills if picks_of(kills) != picks_of(trials) else []) + trials

    def told_at_first(self):
        if not any(risk.first_answer for risk in self.risks.values()):
            return []
        return self.choices(KEEP_FRESH, self.fresh, LEAN_AND_QUICK)

    def kept(self):
        """What must be left after restarts and power cuts."""
        durable = risk_words.outlast_power_cuts(self.sweeps.run)
        return self.choices(KEEP_ALL, self.lasting, LEAN_AND_QUICK) + (
            self.choices(KEEP_ACKED, self.lasting & durable, LEAN_AND_QUICK)
            if durable is not None else [])

    def without_server(self):
        names = serverless(self.cells)
        anyhow = self.choices(f"{SERVERLESS}, whatever may be lost", names, [findings.BYTES])
        if not self.risks:
            return anyhow
        kills = self.choices(SERVERLESS_KILLED, names & self.unkilled, [findings.BYTES])
        return kills + (anyhow if picks_of(kills) != picks_of(anyhow) else [])


def picks_of(choices):
    return [one.pick and one.pick.name for one in choices]


def choices_for(routing, sweeps, risks):
    """The needs of those whose requests are routed like this; what must not be lost is among them
    if it is known of any strategy whether it loses something, or is left after a power cut."""
    chooser = Chooser(routing, sweeps, risks, sweeps.changes(routing))
    tried = [*chooser.tried(), *chooser.told_at_first(), *chooser.kept()] if risks else []
    return [*chooser.alone(), *tried, *chooser.choices(ANYHOW, chooser.everyone),
            *chooser.without_server()]


def choices_for_large(routing, sweeps, risks):
    """The same in short for the largest sessions; none if no other size was measured."""
    found = sweeps.large(routing)
    if not found:
        return []
    chooser = Chooser(routing, sweeps, risks, found[-1])
    return [*(chooser.tried() if risks else []), *chooser.choices(ANYHOW, chooser.everyone)]


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
    return (f"{text}; next is {units.quoted(title(other.name))}, "
            f"{choice.measure.text(other.value)}{choice.note(other)}")


def hub_text(choice, title):
    """How far sessionhub is from the pick, with which of its ways."""
    if not choice.hub:
        return choice.no_hub
    if palette.is_hub(choice.pick.name):
        return "is the choice"
    return (f"{units.quoted(title(choice.hub.name))}, {choice.measure.text(choice.hub.value)}"
            f"{choice.note(choice.hub)}")
