"""Puts the parts of a report together, and renders it as a page and as Markdown."""

import functools
import pathlib
import re

import jinja2

import findings
import limits
import palette
import risk_words
import units
from incumbents import Incumbents
from pictures import Pictures
from summary import Summary
from sweeps import Sweeps
from tables import Tables
from verdict import Verdict
from yardsticks import Yardsticks

TEMPLATES = pathlib.Path(__file__).parent / "templates"

AXIS_TITLES = {
    "nodes": "nodes",
    "session_bytes": "size of a session",
    "fields_changed": "fields changed by a request",
    "read_percent": "share of read-only requests",
    "connections": "users at each node",
}


def reads_text(percent):
    """What a figure at this share of reads is of: a change and the reads that come with it."""
    if percent == 100:
        return "reads only, per request"
    if not percent:
        return "changes only"
    reads = f"{percent / (100 - percent):.3g}"
    return f"{percent:g} % reads: a change and its {reads} read{'s' if reads != '1' else ''}"


def axis_text(axis):
    """How a value on the axis is written at the head of a column."""
    return {"nodes": lambda value: units.count(value, "node"), "session_bytes": units.size,
            "fields_changed": lambda value: "all fields" if value == "all"
            else units.count(value, "field"),
            "read_percent": reads_text,
            "connections": lambda value: units.count(value, "user")}[axis]


AT_TEXT = {
    "nodes": lambda value: units.count(value, "node"),
    "session_bytes": lambda value: f"sessions of {units.size(value)}",
    "fields_changed": findings.fields_words,
    "read_percent": lambda value: f"{value:g} % reads" if value else "changes only",
    "connections": lambda value: f"{units.count(value, 'user')} at each node",
}


def at_words(at):
    """What all cells of a sweep have in common: 8 nodes, sessions of 4 KiB, 1 field changed."""
    return ", ".join(text(at[key]) for key, text in AT_TEXT.items() if at.get(key) is not None)


def for_markdown(text):
    """Data inside Markdown: no tags, no end of a table's cell, no bullets."""
    for plain, safe in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("*", "\\*"), ("\n", " ")):
        text = str(text).replace(plain, safe)
    return text


class Report:
    """All that the templates show, computed from one run."""

    def __init__(self, run):
        self.run = run
        self.risks = risk_words.risk_by_strategy(run.risks)
        self.sweeps = Sweeps(run)
        self.tables = Tables(self.sweeps, self.risks)
        self.contests = findings.contests(self.sweeps, self.risks)
        self.pictures = {one.name: one for one in Pictures(self.sweeps, self.risks).all()}
        self.verdict = Verdict(self.sweeps, self.risks, self.contests)
        self.yardsticks = Yardsticks(self.sweeps, self.risks)

    def summary(self):
        return Summary(self.sweeps, self.risks).table()

    def choices(self):
        ways = self.sweeps.routings()
        return [*(self.tables.choices_table(way) for way in ways),
                *(table for way in ways if (table := self.tables.large_choices_table(way))),
                Incumbents(self.sweeps, self.risks).table()]

    def noise_words(self):
        return self.sweeps.noise.words(self.run)

    def outcomes_table(self):
        return self.tables.outcomes_table(self.contests) if self.contests else None

    def contests_table(self):
        return self.tables.contests_table(self.contests) if self.contests else None

    def main_tables(self, routing):
        """Bytes for every size of cluster, then everything, the reference first and open."""
        common = at_words(self.sweeps.at)
        named = f"{self.bytes_noun()} per change, {findings.ROUTING_WORDS[routing]} ({common})"
        yield self.tables.bytes_by("nodes", routing, named, axis_text("nodes"))
        yield self.tables.everything(routing, self.sweeps.nodes, folded=False)
        for nodes in self.sweeps.by["nodes"].values(routing):
            if nodes != self.sweeps.nodes:
                yield self.tables.everything(routing, nodes, folded=True)

    def sweep_tables(self):
        """A table for each axis that was swept, and for each that was not, that it was not."""
        shown, missing = [self.tables.routings()], []
        if not self.sweeps.by["nodes"].is_swept:
            missing.append(AXIS_TITLES["nodes"])
        for axis in ("session_bytes", "fields_changed", "read_percent", "connections"):
            sweep = self.sweeps.by[axis]
            if not sweep.is_swept:
                missing.append(AXIS_TITLES[axis])
                continue
            for routing in ("sticky", "round_robin"):
                if len(sweep.values(routing)) < 2:
                    continue
                title = (f"{self.bytes_noun()} per change by {AXIS_TITLES[axis]}, "
                         f"{findings.ROUTING_WORDS[routing]} ({at_words(sweep.at)})")
                shown.append(self.tables.bytes_by(axis, routing, title, axis_text(axis)))
        if shown[0] is None:
            missing.insert(0, "routing")
        shown.append(self.tables.creates())
        return [table for table in shown if table], missing

    def pictures_of(self, *names):
        return [self.pictures[name] for name in names if name in self.pictures]

    def risk_sentences(self):
        return [(palette.marked(name, self.run.title(name)),
                 risk_words.sentence(self.risks[name]))
                for name in self.sweeps.names() if name in self.risks]

    def network_words(self):
        return limits.network_words(self.run.network)

    def bytes_noun(self):
        return limits.bytes_noun(self.run).capitalize()

    def bytes_words(self):
        return limits.bytes_words(self.run)

    def idle_notes(self):
        return limits.idle_notes(self.run)

    def limits(self):
        return limits.limits_of(self.run, bool(self.noise_words()))

    def trials_note(self):
        return limits.trials_note(self.risks)


@functools.cache
def environment(escapes):
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=escapes, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    made.filters["md"] = for_markdown
    return made


def rendered(report, template, json_name):
    escapes = template.endswith(".html")
    css = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    text = environment(escapes).get_template(template).render(
        report=report, run=report.run, sweeps=report.sweeps, tables=report.tables,
        routing_words=findings.ROUTING_WORDS, number=units.number,
        equal_words=findings.equal_words(), css=css, json_name=json_name)
    return re.sub(r"[ \t]+\n", "\n", re.sub(r"\n{3,}", "\n\n", text)).lstrip()
