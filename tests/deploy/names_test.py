#!/usr/bin/env python3
"""Rules, dashboard and docs/metrics.md name the metrics that a hub has: all of them, and no others.

   names_test.py SESSIONHUBD
"""

import json
import re
import sys
import unittest

from hub_watched import ROOT, HubWatched

METRIC = re.compile(r"\b(?:sessionhub|process)_[a-z0-9_]+\b(?!:)")
RECORDED = re.compile(r"\bsessionhub:[a-z0-9_]+:[a-z0-9_]+\b")


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def without_series(name, types):
    """The metric of which `name` may be a series of a histogram."""
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    return base if types.get(base) == "histogram" else name


def expressions_of(panels):
    for panel in panels:
        for target in panel.get("targets", []):
            yield target["expr"]
        yield from expressions_of(panel.get("panels", []))


class NamesTest(unittest.TestCase):
    maxDiff = None
    sessionhubd = ""

    @classmethod
    def setUpClass(cls):
        with HubWatched(cls.sessionhubd) as hub:
            cls.types = hub.types()

    def named_in(self, text):
        return {without_series(name, self.types) for name in METRIC.findall(text)}

    def test_the_hub_tells_some_of_each_kind(self):
        for name in ("sessionhub_ready", "sessionhub_app_broadcast_bytes_total",
                     "sessionhub_rocksdb_memtables_bytes", "process_open_fds"):
            self.assertIn(name, self.types)
        self.assertEqual(self.types["sessionhub_walk_seconds"], "histogram")

    def test_counters_and_only_they_end_in_total(self):
        for name, kind in self.types.items():
            self.assertEqual(name.endswith("_total"), kind == "counter", name)

    def test_rules_name_metrics_that_there_are(self):
        rules = re.sub(r"^ *#.*$", "", read("deploy/prometheus/rules.yml"), flags=re.M)
        self.assertLessEqual(self.named_in(rules), set(self.types))
        self.assertGreater(len(self.named_in(rules)), 15)

    def test_the_tests_of_the_rules_name_metrics_that_there_are(self):
        self.assertLessEqual(self.named_in(read("deploy/prometheus/rules_test.yml")),
                             set(self.types))

    def test_each_alert_is_tried_when_it_fires_and_when_not(self):
        alerts = re.findall(r"- alert: (\w+)", read("deploy/prometheus/rules.yml"))
        tests = read("deploy/prometheus/rules_test.yml")
        for alert in alerts:
            with self.subTest(alert):
                self.assertRegex(tests, rf"alertname: {alert}, exp_alerts: \[\]")
                self.assertRegex(tests, rf"alertname: {alert}\n +exp_alerts:\n +- exp_labels")

    def test_each_alert_is_explained(self):
        page = read("docs/metrics.md")
        for alert in re.findall(r"- alert: (\w+)", read("deploy/prometheus/rules.yml")):
            self.assertIn(f"| `{alert}` |", page)

    def test_the_dashboard_shows_metrics_and_rules_that_there_are(self):
        dashboard = json.loads(read("deploy/grafana/sessionhub.json"))
        text = "\n".join(expressions_of(dashboard["panels"]))
        self.assertLessEqual(self.named_in(text), set(self.types))
        self.assertGreater(len(self.named_in(text)), 50)
        recorded = set(re.findall(r"- record: (\S+)", read("deploy/prometheus/rules.yml")))
        self.assertEqual(set(RECORDED.findall(text)), recorded)

    def test_panels_of_the_dashboard_have_ids_and_places_of_their_own(self):
        panels = json.loads(read("deploy/grafana/sessionhub.json"))["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
        self.assertEqual(len(places), len(panels))

    def test_docs_have_a_row_for_each_metric_with_its_type(self):
        rows = re.findall(r"^\| `((?:sessionhub|process)_\w+)` \| (\w+) \|",
                          read("docs/metrics.md"), re.M)
        self.assertEqual(len(dict(rows)), len(rows), "a metric has two rows")
        self.assertEqual(dict(rows), self.types)


if __name__ == "__main__":
    NamesTest.sessionhubd = sys.argv.pop()
    unittest.main()
