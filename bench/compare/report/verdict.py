"""The answer in a few sentences: what to choose, what it costs, who loses what."""

import choices
import findings
import limits
import palette
import risk_words
import units
from findings import BYTES, P50, ROUTING_WORDS
from reasons import Reasons

LASTS = "Sessions then also outlive a restart of the server and of all nodes."
IS_DURABLE = "By how they are stored, acked changes then also outlive a power cut of all hosts."
IS_FRESH = f"The same holds if {choices.KEEP_FRESH}."


# So many times as much as sessionhub's better way, and the other one's figure is told, too.
FAR = 1.25


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
            *self.choices(routing), *self.costs(routing), *self.large(routing),
            *self.reasons.sentences(routing))]
        return [*self.untried(), *self.shares_nothing(), *each, *self.outcomes(), *self.losses(),
                *self.first_answers()]

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
        pairs = {need: [ranked.get(choices.named(need, measure)) for measure in (BYTES, P50)]
                 for need in (choices.ANYHOW, *self.needs(routing))}
        if not self.risks:
            yield begin + self.picked_untried(*pairs[choices.ANYHOW])
            return
        texts, told = [], None
        for need, same in self.in_order(self.needs(routing), pairs, routing):
            now = pairs[need]
            if None in now:  # it is not known who meets it, or it makes no other choice
                continue
            if told and same and told[0].pick and choices.picks_of(told) == choices.picks_of(now):
                texts.append(same)
            else:
                equal = self.as_lean(now[0])  # is said once
                texts.append(f"{'If' if told else begin + 'if'} {need}, {self.picked(*now)}" + (
                    "" if equal in " ".join(texts) else equal))
            told = now
        yield " ".join(texts)

    def in_order(self, needs, pairs, routing):
        """Right first answers come behind the trials if they change nothing, else at the end."""
        fresh, trials = pairs[choices.KEEP_FRESH], pairs[choices.keep_trials(routing)]
        if None in fresh or choices.picks_of(fresh) == choices.picks_of(trials):
            return list(needs.items())
        return sorted(needs.items(), key=lambda item: item[0] == choices.KEEP_FRESH)

    def needs(self, routing):
        """{need: what is said if it changes nothing}, from the least to the most that is asked:
        what is said of one is beside the sentence before."""
        return {choices.KEEP_KILLED: "", choices.keep_trials(routing): "",
                choices.KEEP_FRESH: IS_FRESH, choices.KEEP_ALL: LASTS,
                choices.KEEP_ACKED: IS_DURABLE}

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
            text += self.waits(lean, quick)
        alone = len(kinds_of(one.name for one in lean.ranked + quick.ranked)) == 1
        return text + ("; nothing else that was measured meets this." if alone else ".")

    def waits(self, lean, quick):
        """What the leanest waits instead; of sessionhub, the way that waits least."""
        beside = (quick.hub if palette.is_hub(lean.pick.name) else
                  next((one for one in quick.ranked if one.name == lean.pick.name), None))
        if beside is None or beside == quick.pick:
            return ""
        name = f" of {self.title(beside.name)}" if palette.is_hub(beside.name) else ""
        return (f" ({P50.text(quick.pick.value)} against {P50.text(beside.value)}{name})")

    def as_lean(self, lean):
        """That sessionhub is not the leanest, but no farther off than chance."""
        if not lean.hub or palette.is_hub(lean.pick.name) or findings.outcome_of(
                lean.hub, lean.pick, lean.measure, lean.within) != "equal":
            return ""
        note = findings.ratio_note(lean.hub.value, lean.pick.value, lean.measure)
        return (f" In bytes, {self.title(lean.hub.name)} is equal: "
                f"{lean.measure.text(lean.hub.value)} against "
                f"{lean.measure.text(lean.pick.value)}{note}.")

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

    def large(self, routing):
        """The best with the largest sessions, in each measure, and sessionhub beside it."""
        found = self.sweeps.large(routing)
        if not found:
            return
        need = choices.keep_trials(routing) if self.risks else choices.ANYHOW
        ranked = {one.need: one for one in choices.choices_for_large(
            routing, self.sweeps, self.risks)}
        best = [(what.removesuffix(" (p50)"), ranked[choices.named(need, measure)])
                for measure, what in choices.WHAT.items()]
        texts = [f"{what} {self.large_text(one)}" for what, one in best if one.pick]
        words = choices.KEEP_TRIALS if self.risks else choices.ANYHOW
        if texts:
            yield (f"With {ROUTING_WORDS[routing]} routing, {units.count(found[1], 'node')} and "
                   f"sessions of {units.size(found[0])}, if {words}: {'; '.join(texts)}.")

    def large_text(self, one):
        text = f"with {self.title(one.pick.name)}, {one.measure.text(one.pick.value)}"
        if not one.hub or palette.is_hub(one.pick.name):
            return text
        return (f"{text}, against {one.measure.text(one.hub.value)} of "
                f"{self.title(one.hub.name)}{one.note(one.hub)}")

    def outcomes(self):
        """How often sessionhub wins and loses beside its best peers, and in what it loses."""
        if not self.contests:
            yield "sessionhub, or every peer, was not measured: there is nothing to compare."
            return
        wins, equal, loses = (sum(one.outcome == outcome for one in self.contests)
                              for outcome in ("wins", "equal", "loses"))
        text = (f"In {units.count(len(self.contests), 'comparison')} with the best peer in each, "
                f"sessionhub's better way for each wins {wins}, loses {loses} and is equal in "
                f"{equal}.")
        equals = [one for one in self.contests if one.outcome == "equal"]
        larger = sum(one.hub.value > one.best.value for one in equals)
        if equals:
            text += f" Of the equal ones its figure is the larger in {larger:,}."
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
        other = findings.ratio(one.hub_worst.value, one.hub.value, one.measure)
        if other and other >= FAR:
            text += (f"; {one.measure.text(one.hub_worst.value)} "
                     f"with {self.title(one.hub_worst.name)}")
        return text

    # What is lost.

    def tried(self):
        return [name for name in self.sweeps.names()
                if name in self.risks and not palette.is_yardstick(name)]

    def losses(self):
        """Who has lost something in which trial, who has not, and on how many that rests."""
        tried = self.tried()
        lost = {name: risk_words.lost_in(self.risks[name]) for name in tried}
        whole = {name: risk_words.is_all_kept(self.risks[name]) for name in tried}
        safe = [name for name in tried if not lost[name] and whole[name]]
        if safe:
            fewest = risk_words.fewest_sessions([self.risks[name] for name in safe])
            rests = f" ({fewest})" if fewest else ""
            yield ("Nothing acked was lost in the end, no copy was left stale or empty after a "
                   f"burst, and sessions outlived restarts, in any trial{rests} of "
                   f"{self.titles(safe)}.")
        if any(lost.values()):
            named = [f"{self.title(name)} ({', '.join(lost[name])})"
                     for name in tried if lost[name]]
            yield (f"Something was lost, stale or empty in the end with {units.listed(named)}. "
                   "How much, is in the table of risks below.")
        unknown = [name for name in tried if not lost[name] and not whole[name]]
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
        text = (f"If {choices.ALONE}, share nothing: {self.title(name)} sends "
                f"{findings.bytes_text(cells[0].bytes_per_change)} a change, and needs no server "
                "for sessions")
        killed = self.risks[name].killed if name in self.risks else None
        if killed:
            lost = risk_words.share_text(max(killed.hit, killed.gone), killed.of)
            text += f"; of those whose node was killed, {lost} were lost"
        yield text + "."
