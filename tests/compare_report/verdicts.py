"""Verdicts of runs made from nothing, for the tests of what the report says and chooses."""

import made_up
import choices
import findings
import risk_words
from run_data import run_of
from sweeps import Sweeps
from verdict import Verdict

TITLES = {"sessionhub_push": "hub", "redis_fields": "Redis", "tomcat_delta_sync": "Tomcat",
          "sticky_only": "alone", "broadcast_sessions": "whole", "broadcast_fields": "fields"}


def cell(strategy, **figures):
    return made_up.change(strategy, **{"bytes_per_change": 1000, "cpu_nodes_us": 100,
                                       "latency_p50_us": 500, "latency_p99_us": 900} | figures)


def verdict_of(*cells, risks=(), power_cut_leaves=None):
    """`power_cut_leaves` is {strategy: what it leaves}; nothing is said of others."""
    left = power_cut_leaves or {}
    run = run_of({"cells": list(cells), "risks": list(risks), "strategies": [
        {"name": name, "title": title, "power_cut_leaves": left.get(name)}
        for name, title in TITLES.items()]})
    sweeps = Sweeps(run)
    by_strategy = risk_words.risk_by_strategy(run.risks)
    return Verdict(sweeps, by_strategy, findings.contests(sweeps, by_strategy))


def picks(verdict, routing="sticky"):
    """{need: what is chosen}, None if nothing meets it."""
    return {one.need: one.pick and one.pick.name
            for one in choices.choices_for(routing, verdict.sweeps, verdict.risks)}
