"""What each strategy risks, from its trials: in numbers for a table, in words for a reader."""

import dataclasses

import units
from run_data import Trial

# Trials that end well if the count is 0, and those that end well if nothing is missing.
LOSSES = ("killed", "reconnect", "concurrent", "stale", "empty")
RESTARTS = ("nodes_restart", "server_restart")
COPIES = ("stale", "empty")

# What must not happen if nothing is to be lost. Sticky, no two nodes change one session at once.
LOSSES_BY_ROUTING = {
    "sticky": ("killed", "reconnect", "stale", "empty"),
    "round_robin": LOSSES,
}


def added(name, trials):
    """Several counts as one; None if there is none. None of no copies is stale: a result."""
    found = [trial for trial in trials
             if trial is not None and (trial.of > 0 or name in COPIES)]
    if not found:
        return None
    return Trial(*(sum(getattr(trial, name) for trial in found) for name in ("of", "hit", "gone")))


def risk_by_strategy(risks):
    """{strategy: all its trials together, with however many nodes}."""
    names = dict.fromkeys(risk.strategy for risk in risks)
    return {name: together([risk for risk in risks if risk.strategy == name]) for name in names}


def together(risks):
    return dataclasses.replace(
        risks[0], has_server=any(risk.has_server for risk in risks),
        failed={trial: why for risk in risks for trial, why in risk.failed.items()},
        nodes=risks[0].nodes if len(risks) == 1 else None,
        **{name: added(name, [getattr(risk, name) for risk in risks])
           for name in LOSSES + RESTARTS})


def bad_share(risk, name):
    """From 0, nothing went wrong, to 1; None if it was not tried."""
    trial = getattr(risk, name) if risk else None
    if trial is None:
        return None
    if trial.of == 0:
        return 0
    if name in RESTARTS:
        return 1 - trial.hit / trial.of
    return max(trial.hit, trial.gone) / trial.of


def loses_nothing(risk, routing):
    """True or False by the trials of it; None if some were not made and none went wrong."""
    shares = [bad_share(risk, name) for name in LOSSES_BY_ROUTING[routing]]
    if any(share for share in shares if share is not None):
        return False
    return None if None in shares else True


def survives_restarts(risk):
    """Nothing is missing after all nodes, and the server if there is one, were started again."""
    shares = [bad_share(risk, name) for name in RESTARTS]
    if risk is not None and not risk.has_server:
        shares.pop()
    if any(share for share in shares if share is not None):
        return False
    return None if None in shares else True


def share_text(hit, of):
    if hit == 0:
        return f"none of {of:,}"
    return f"all {of:,}" if hit == of else f"{hit:,} of {of:,}"


def why_untried(risk, name):
    """Why there is no result of a trial, if it failed; else nothing."""
    return risk.failed.get("burst" if name in COPIES else name, "") if risk else ""


def cell_text(risk, name):
    """A cell of the risk table."""
    trial = getattr(risk, name) if risk else None
    if trial is None:
        without = name == "server_restart" and risk is not None and not risk.has_server
        return "no server" if without else units.NONE
    if trial.of == 0:
        return "no copies"
    text = share_text(trial.hit, trial.of)
    return f"{text}; session gone: {trial.gone:,}" if trial.gone else text


def grade(risk, name):
    """How a table marks the cell: "good", "bad", "some", or "" where nothing is known."""
    share = bad_share(risk, name)
    if share is None:
        return ""
    if getattr(risk, name).of == 0:
        return ""
    return "good" if share == 0 else "bad" if share == 1 else "some"


PHRASES = {
    "killed": "last acked change lost when its node is killed: {}",
    "reconnect": "lost across a reconnect: {}",
    "concurrent": "one of two concurrent changes of different fields lost: {}",
    "stale": "copies stale after a burst: {}",
    "empty": "copies empty after a burst: {}",
    "nodes_restart": "sessions left after all nodes restarted: {}",
    "server_restart": "sessions left after the server restarted: {}",
}


TRIED = {
    "killed": "a node's death", "reconnect": "a reconnect", "concurrent": "concurrent changes",
    "stale": "a burst", "empty": "a burst", "nodes_restart": "a restart of all nodes",
    "server_restart": "a restart of the server",
}


def first_wrong(risk, names):
    """The first of these trials in which something went wrong, in words."""
    return next(PHRASES[name].format(cell_text(risk, name)) for name in names
                if bad_share(risk, name))


def power_cut(run, risks, name):
    """What is left after a power cut, as the file says it; empty if it does not."""
    said = risks[name].power_cut if name in risks else ""
    return said or next((one.power_cut for one in run.strategies if one.name == name), "")


def outlast_power_cuts(run):
    """Names of the strategies that keep all acked changes then, by how they store them; None if
    the file does not say that of any."""
    if not any(one.power_cut_leaves for one in run.strategies):
        return None
    return {one.name for one in run.strategies if one.power_cut_leaves == "all"}


def sentence(risk):
    """What went wrong, in words; what was not tried is said too."""
    wrong = [PHRASES[name].format(cell_text(risk, name)) for name in LOSSES + RESTARTS
             if bad_share(risk, name)]
    untried = dict.fromkeys(TRIED[name] for name in LOSSES + RESTARTS
                            if cell_text(risk, name) == units.NONE)
    parts = ["; ".join(wrong) if wrong else "nothing went wrong in what was tried"]
    if untried:
        parts.append(f"not tried: {', '.join(untried)}")
    return ". ".join(part[0].upper() + part[1:] for part in parts) + "."


def fewest_trials(risks, name="killed"):
    """Of the strategies of which nothing was lost, the number of trials that this rests on."""
    counts = [getattr(risk, name).of for risk in risks
              if getattr(risk, name) and not bad_share(risk, name)]
    return min(counts, default=0)
