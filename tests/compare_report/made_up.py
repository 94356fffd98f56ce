"""The made-up run that the tests of the report are about, and ways to change it."""

import copy
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
REPORT = ROOT / "bench/compare/report"
sys.path.insert(0, str(REPORT))

RUN_JSON = HERE / "made_up_run.json"
DOCUMENT = json.loads(RUN_JSON.read_text(encoding="utf-8"))


def document(**changes):
    """A copy of the made-up run, with other values for some of its keys."""
    return copy.deepcopy(DOCUMENT) | changes


def cells(made, strategy, **asked):
    """The cells of a strategy that were asked for like this."""
    return [cell for cell in made["cells"] if cell["strategy"] == strategy
            and all(cell.get(key) == value for key, value in asked.items())]


def change(strategy, nodes=4, routing="sticky", **figures):
    """A cell of one change of 4 KiB, for runs made from nothing."""
    return {"strategy": strategy, "nodes": nodes, "routing": routing, "session_bytes": 4096,
            "fields": 20, "fields_changed": 1, "read_percent": 0, "connections": 8,
            "requests": 1000, "errors": 0} | figures


def killed(lost=0, at_first=0, gone=0):
    """100 sessions in 4 kills, of which so many lacked something in the end, and at first."""
    return {"trials": 100, "lost": lost, "no_session": gone, "kills": 4,
            "lost_at_first": at_first, "no_session_at_first": 0}


def no_loss(strategy, **trials):
    """A risk in which nothing went wrong, but for what is said."""
    none = {"trials": 100, "lost": 0}
    return {"strategy": strategy, "nodes": 2, "killed": killed(),
            "reconnect": none, "concurrent": none,
            "burst": {"copies": 100, "stale": 0, "empty": 0},
            "nodes_restart": {"sessions": 10, "left": 10},
            "server_restart": {"sessions": 10, "left": 10}} | trials
