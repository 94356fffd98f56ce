"""The answer in a few sentences: what to choose, what it costs, who loses what."""

import choices
import findings
import limits
import palette
import risk_words
import units
from findings import ROUTING_WORDS
from reasons import Reasons

WHAT = ("fewest bytes", "shortest wait (p50)")

LASTS = "Sessions then also outlive a restart of all nodes and of the server."
IS_DURABLE = "By how they are stored, acked changes then also outlive a power cut of all hosts."
IS_FRESH = f"The first choice holds as well if {choices.KEEP_FRESH}."


def workload_words(at):
    """one field of a session of 4 KiB"""
    changed = at.get("fields_changed")
    what = "all fields" if changed == "all" else "one field" if changed == 1 else (
        units.count(changed, "field") if changed else "some fields")
    return f"{what} of a session of {units.size(at.get('session_bytes'))}"


def kinds_of(names):
    """What there is to choose between: sessionhub's ways are one product."""
    return {palette.is_hub(name) or name for name in names}


class Verdict:
    """Writes the sentences of one run."""

    def __init__(self, sweeps, risks, contests):
        self.sweeps, self.risks, self.contests = sweeps, risks, contests
        self.reasons = Reasons(sweeps, risks)

    def title(self, name):
        return units.quoted(self.sweeps.run.title(name))

    def titles(self, names):
        return units.listed(self.title(name) for name in names)

    def summary(self):
        """The sentences at the top of the page, in order."""
        if not self.sweeps.nodes:
            return ["No change was measured in this run, so there is nothing to choose by."]
        each = [text for routing in self.sweeps.routings() for text in (
            *self.choices(routing), *self.costs(routing), *self.reasons.sentences(routing))]
        return [*self.untried(), *each, *self.outcomes(), *self.losses(), *self.first_answers(),
                *self.shares_nothing()]

    def untried(self):
        if not self.risks:
            yield ("No risk was tried in this run, so it does not tell what is lost when a node "
                   "dies. To choose by bytes or waits alone is not enough.")

    # What to choose.

    def choices(self, routing):
        ranked = {one.need: one for one in choices.choices_for(
            routing, self.sweeps, self.risks)}
        begin = (f"With {ROUTING_WORDS[routing]} routing and "
                 f"{units.count(self.sweeps.nodes, 'node')}, ")
        anyhow, node, every, acked, fresh = (
            [ranked.get(text.format(what)) for what in WHAT] for text in (
                f"{{}}, {choices.ANYHOW}", f"{choices.KEEP_NODE}: {{}}",
                f"{choices.KEEP_ALL}: {{}}", f"{choices.KEEP_ACKED}: {{}}",
                f"{choices.KEEP_FRESH}: {{}}"))
        if not self.risks:
            yield begin + self.picked_untried(*anyhow)
            return
        texts = [f"{begin}if {choices.KEEP_NODE}, {self.picked(*node)}",
                 self.also(node, every, choices.KEEP_ALL, LASTS),
                 self.also(every, acked, choices.KEEP_ACKED, IS_DURABLE),
                 self.also(node, fresh, choices.KEEP_FRESH, IS_FRESH)]
        yield " ".join(text for text in texts if text)

    def also(self, before, now, need, same):
        """What to choose if more is needed; `same` if that is no other choice, and nothing if it
        is not known who meets it."""
        if None in now:
            return ""
        if before[0].pick and [one.pick for one in before] == [one.pick for one in now]:
            return same
        return f"If {need}, {self.picked(*now)}"

    def picked_untried(self, lean, quick):
        names = dict.fromkeys(one.name for one in lean.ranked + quick.ranked)
        if len(kinds_of(names)) == 1:
            return (f"of the ways to choose from, only {self.titles(names)} "
                    f"{'was' if len(names) == 1 else 'were'} measured.")
        return f"by bytes and waits alone, {self.picked(lean, quick)}"

    def picked(self, lean, quick):
        """choose “…” for the fewest bytes, or “…” for the shortest wait (300 µs against 450 µs)."""
        if not lean.pick:
            return "nothing that was measured will do."
        text = f"choose {self.title(lean.pick.name)} for the fewest bytes"
        if quick.pick and quick.pick.name == lean.pick.name:
            text += " and the shortest wait"
        elif quick.pick:
            text += f", or {self.title(quick.pick.name)} for the shortest wait"
            waits = {one.name: one.value for one in quick.ranked}
            if lean.pick.name in waits:
                text += (f" ({findings.micros_text(quick.pick.value)} against "
                         f"{findings.micros_text(waits[lean.pick.name])})")
        alone = len(kinds_of(one.name for one in lean.ranked + quick.ranked)) == 1
        return text + ("; nothing else that was measured meets this." if alone else ".")

    # What it costs, and where sessionhub loses.

    def costs(self, routing):
        """What a change takes with sessionhub, the best and the worst of its peers."""
        cells = self.sweeps.changes(routing)
        found = findings.contest(cells, findings.BYTES, "", routing, {})
        if found is None:
            return
        others = [f"{units.number(found.best.value)} with the leanest of its peers, "
                  f"{self.title(found.best.name)}"]
        if found.worst != found.best:
            others.append(f"{units.number(found.worst.value)} with the heaviest, "
                          f"{self.title(found.worst.name)}")
        where = limits.where_words(self.sweeps.run)
        yield (f"With {ROUTING_WORDS[routing]} routing, a change of "
               f"{workload_words(self.sweeps.at)} takes {findings.bytes_text(found.hub.value)} "
               f"{where} with {self.title(found.hub.name)}, {', and '.join(others)}.")

    def outcomes(self):
        """How often sessionhub wins and loses beside its best peers, and in what it loses."""
        if not self.contests:
            yield "sessionhub, or every peer, was not measured: there is nothing to compare."
            return
        wins, equal, loses = (sum(one.outcome == outcome for one in self.contests)
                              for outcome in ("wins", "equal", "loses"))
        text = (f"In {units.count(len(self.contests), 'comparison')} with the best peer in each, "
                f"sessionhub wins {wins}, loses {loses} and is equal in {equal}.")
        words = [one.measure.words for one in self.contests]
        lost = [one.measure.words for one in self.contests if one.outcome == "loses"]
        named = [f"{one} ({lost.count(one)} of {words.count(one)})" for one in dict.fromkeys(lost)]
        yield text + (f" It loses in {'; '.join(named)}." if lost else "")

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

    def tried(self):
        return [name for name in self.sweeps.names()
                if name in self.risks and not palette.is_yardstick(name)]

    def losses(self):
        """Who has lost something, who has not, and on how many trials that rests."""
        tried = self.tried()
        outcome = {name: risk_words.loses_nothing(self.risks[name], "round_robin")
                   for name in tried}
        safe = [name for name in tried if outcome[name]]
        losers = [name for name in tried if outcome[name] is False]
        unknown = [name for name in tried if outcome[name] is None]
        if safe:
            fewest = risk_words.fewest_sessions([self.risks[name] for name in safe])
            rests = f" (at least {fewest})" if fewest else ""
            yield ("With the server running, nothing acked was lost in the end, and no copy was "
                   f"left stale or empty after a burst, in any trial{rests} of "
                   f"{self.titles(safe)}.")
        if losers:
            yield f"Something was lost, stale or empty in the end with {self.titles(losers)}."
        if unknown:
            yield ("Nothing was, but not everything was tried, with "
                   f"{self.titles(unknown)}.")

    def first_answers(self):
        """Whose surviving node answered at first without the last acked change, and how often;
        nothing if the file does not tell it of any."""
        told = [name for name in self.tried() if self.risks[name].first_answer]
        behind = [f"{self.title(name)} ({risk_words.inline_text(self.risks[name], 'first_answer')})"
                  for name in told if not risk_words.never_shows_less(self.risks[name])]
        begin = "Right after a node was killed, the first answer of another one"
        if behind:
            yield (f"{begin} lacked the last acked change with {units.listed(behind)}. That is no "
                   "loss where the change was there a moment later.")
        elif told:
            yield f"{begin} had the last acked change in all trials of {self.titles(told)}."

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
