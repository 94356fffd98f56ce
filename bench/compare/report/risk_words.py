"""What each strategy risks, from its trials: in numbers for a table, in words for a reader."""

import dataclasses

import units
from run_data import CutWaits, Trial

# Trials that end well if the count is 0, and those that end well if nothing is missing.
LOSSES = ("killed", "reconnect", "concurrent", "stale", "empty")
RESTARTS = ("nodes_restart", "server_restart")
COPIES = ("stale", "empty")
# An answer that takes longer is noticed: the cut lasts for longer than this.
NOTICED_MS = 500
# Everything that was tried, in the order in which it is told. A first answer without the last acked
# change is no loss if the change is there a moment later, so it is not among the losses.
TRIALS = ("killed", "first_answer", *LOSSES[1:], *RESTARTS)

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
    of, hit, gone, kills = (sum(getattr(trial, key) for trial in found)
                            for key in ("of", "hit", "gone", "kills"))
    return Trial(of, hit, gone, kills if all(trial.kills for trial in found) else 0)


def risk_by_strategy(risks):
    """{strategy: all its trials together, with however many nodes}."""
    names = dict.fromkeys(risk.strategy for risk in risks)
    return {name: together([risk for risk in risks if risk.strategy == name]) for name in names}


def together(risks):
    waits = [risk.cut_waits for risk in risks if risk.cut_waits]
    return dataclasses.replace(
        risks[0], cut_waits=CutWaits(
            sum(one.changes for one in waits), sum(one.refused for one in waits),
            max(one.slowest_ms for one in waits)) if waits else None,
        has_server=any(risk.has_server for risk in risks),
        failed={trial: why for risk in risks for trial, why in risk.failed.items()},
        nodes=risks[0].nodes if len(risks) == 1 else None,
        **{name: added(name, [getattr(risk, name) for risk in risks])
           for name in TRIALS})


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


def survives_kills(risk):
    """No last acked change was lost in the end when a node was killed; None if that was not
    tried."""
    share = bad_share(risk, "killed")
    return None if share is None else share == 0


def lost_in(risk):
    """The trials in which something was lost, with any routing, in a few words each."""
    return list(dict.fromkeys(SHORT[name] for name in LOSSES + RESTARTS if bad_share(risk, name)))


def is_all_kept(risk):
    """Every trial was made, and nothing went wrong in any of them."""
    return bool(loses_nothing(risk, "round_robin") and survives_restarts(risk))


def never_shows_less(risk):
    """No first answer after a kill lacked the last acked change; None if that is not known."""
    share = bad_share(risk, "first_answer")
    return None if share is None else share == 0


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
    """Why there is no result of a trial, if it failed or the file does not tell; else nothing."""
    if risk is None:
        return ""
    if name == "first_answer" and risk.killed:
        return "the file does not tell of first answers"
    tried_as = {"first_answer": "killed", **dict.fromkeys(COPIES, "burst")}
    return risk.failed.get(tried_as.get(name, name), "")


def cell_text(risk, name, kills=" ({})"):
    """A cell of the risk table; `kills` is how their number is added."""
    trial = getattr(risk, name) if risk else None
    if trial is None:
        without = name == "server_restart" and risk is not None and not risk.has_server
        return "no server" if without else units.NONE
    if trial.of == 0:
        return "no copies"
    text = share_text(trial.hit, trial.of)
    if trial.kills:
        text += kills.format(units.count(trial.kills, "kill"))
    absent = "not there" if name in COPIES else "session gone"
    return f"{text}; {absent}: {trial.gone:,}" if trial.gone else text


def cut_text(risk):
    """What users of the node that was not cut met meanwhile: 300; 4 ms."""
    if risk is None or risk.cut_waits is None:
        return units.NONE
    waits = risk.cut_waits
    refused = f" ({waits.refused:,} refused)" if waits.refused else ""
    return f"{waits.changes:,}{refused}; {units.number(waits.slowest_ms)} ms"


def cut_phrase(risk):
    """The same in words, if somebody noticed the cut; else nothing."""
    waits = risk.cut_waits
    if waits is None or not (waits.refused or waits.slowest_ms >= NOTICED_MS):
        return []
    refused = f", {waits.refused:,} were refused" if waits.refused else ""
    return [f"while a node was cut, {waits.changes:,} changes at the other were answered{refused}, "
            f"the slowest after {units.number(waits.slowest_ms / 1000)} s"]


def plain_text(risk, name):
    """The same in figures alone, for a table that has no room: 3 of 100."""
    trial = getattr(risk, name) if risk else None
    return f"{trial.hit:,} of {trial.of:,}" if trial and trial.of else cell_text(risk, name)


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
    "first_answer": "first answer of another node without the last acked change: {}",
    "reconnect": "lost across a reconnect: {}",
    "concurrent": "one of two concurrent changes of different fields lost: {}",
    "stale": "copies stale after a burst: {}",
    "empty": "copies empty after a burst: {}",
    "nodes_restart": "sessions left after all nodes restarted: {}",
    "server_restart": "sessions left after the server, and then all nodes, restarted: {}",
}


# What a change is kept in, in a few words for each trial.
SHORT = {"killed": "kill", "reconnect": "broken connection", "concurrent": "changes at once",
         "stale": "burst", "empty": "burst", "nodes_restart": "restart of all nodes",
         "server_restart": "restart of the server and all nodes"}


def trials_words(routing):
    """kill, broken connection, burst: all that may lose something with this routing."""
    return ", ".join(dict.fromkeys(SHORT[name] for name in LOSSES_BY_ROUTING[routing]))


TRIED = {
    "killed": "a node's death", "reconnect": "a reconnect", "concurrent": "concurrent changes",
    "stale": "a burst", "empty": "a burst", "nodes_restart": "a restart of all nodes",
    "server_restart": "a restart of the server and then of all nodes",
}


def inline_text(risk, name):
    """The same inside a sentence: 14 of 100 in 4 kills."""
    return cell_text(risk, name, " in {}")


def phrase(risk, name):
    return PHRASES[name].format(inline_text(risk, name))


def first_wrong(risk, names):
    """The first of these trials in which something went wrong, in words."""
    return next(phrase(risk, name) for name in names if bad_share(risk, name))


def went_wrong(risk, names):
    """All of these trials in which something went wrong, in words."""
    return [phrase(risk, name) for name in names if bad_share(risk, name)]


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
    wrong = went_wrong(risk, TRIALS)
    untried = dict.fromkeys(TRIED[name] for name in LOSSES + RESTARTS
                            if cell_text(risk, name) == units.NONE)
    parts = ["; ".join(wrong) if wrong else "nothing went wrong in what was tried",
             *cut_phrase(risk)]
    if untried:
        parts.append(f"not tried: {', '.join(untried)}")
    if risk.killed and risk.first_answer is None:
        parts.append("not told: first answers after a node's death")
    return ". ".join(part[0].upper() + part[1:] for part in parts) + "."


def fewest_sessions(risks):
    """What it rests on that nothing was lost by a kill with any of these: so many sessions, at
    least if they differ; empty if a kill was tried with none of them."""
    trials = [risk.killed for risk in risks if risk.killed]
    if not trials:
        return ""
    sessions, kills = (sorted({getattr(trial, key) for trial in trials}) for key in ("of", "kills"))
    least = "at least " if len(sessions) > 1 else ""
    more = " or more" if len(kills) > 1 else ""
    return f"{least}{units.count(sessions[0], 'session')} of each" + (
        f" in {units.count(kills[0], 'kill')}{more}" if kills[0] else "")
