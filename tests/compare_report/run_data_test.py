#!/usr/bin/python3
"""A run is read as it is, with whatever is missing; what is wrong is said with its place."""

import json
import pathlib
import tempfile
import unittest

import made_up
from run_data import RunDataError, Trial, read_run, run_of


class ReadTest(unittest.TestCase):
    def problems(self, document):
        with self.assertRaises(RunDataError) as raised:
            run_of(document)
        return str(raised.exception)

    def test_the_made_up_run(self):
        run = read_run(made_up.RUN_JSON)
        self.assertEqual(run.commit, "0000000")
        self.assertTrue(run.quick)
        self.assertEqual(len(run.cells), len(made_up.DOCUMENT["cells"]))
        killed = {risk.strategy: risk.killed for risk in run.risks}
        self.assertEqual(killed["tomcat_delta_async"], Trial(100, 22, 0, 4))
        self.assertEqual(killed["sticky_only"], Trial(100, 100, 100, 4))
        first = {risk.strategy: risk.first_answer for risk in run.risks}
        self.assertEqual(first["sticky_only"], Trial(100, 100, 100, 4))
        self.assertEqual(first["sessionhub_invalidate"], Trial(100, 14, 0, 4))
        self.assertEqual(run.idle[0].command, "made-up --idle --only tomcat_delta_async --nodes 2")
        self.assertTrue(all(cell.node_memory_bytes for cell in run.cells))
        self.assertIn(42100000, [cell.server_memory_bytes for cell in run.cells])

    def test_first_answers_and_kills_may_not_be_told(self):
        for told, first, kills in (({}, None, 0), ({"lost_at_first": None}, None, 0),
                                   ({"kills": 2}, None, 2),
                                   ({"lost_at_first": 0}, Trial(9, 0), 0)):
            killed = {"trials": 9, "lost": 0} | told
            risk, = run_of({"risks": [{"strategy": "a", "killed": killed}]}).risks
            self.assertEqual((risk.first_answer, risk.killed), (first, Trial(9, 0, 0, kills)))

    def test_what_a_cell_is_of_follows_from_its_reads(self):
        cells = [made_up.change("a"), made_up.change("a") | {"read_percent": 100},
                 made_up.change("a") | {"what": "create"}]
        self.assertEqual([cell.what for cell in run_of({"cells": cells}).cells],
                         ["change", "read", "create"])

    def test_no_server_and_an_untried_one_are_told_apart(self):
        none, untried, tried = (run_of({"risks": [risk]}).risks[0] for risk in (
            {"strategy": "a", "server_restart": None}, {"strategy": "a"}, made_up.no_loss("a")))
        self.assertEqual([none.has_server, untried.has_server, tried.has_server],
                         [False, True, True])

    def test_a_trial_that_failed_says_why_and_is_not_taken_for_no_server(self):
        risk, = run_of({"risks": [{"strategy": "a", "server_restart": None, "failed": [
            {"trial": "server_restart", "why": "no answer"}, 7, {"why": "no name"}]}]}).risks
        self.assertTrue(risk.has_server)
        self.assertEqual(risk.failed, {"server_restart": "no answer"})

    def test_unknown_keys_and_strategies_that_are_not_listed(self):
        run = run_of({"strategies": [{"name": "a", "title": "A", "colour": "red"}], "weather": 1,
                      "cells": [made_up.change("b", moon="full")],
                      "skipped": [{"strategy": "c", "why": "no kit"}]})
        self.assertEqual([run.title(one.name) for one in run.strategies], ["A", "b", "c"])
        self.assertEqual(run.why_missing("c"), "no kit")
        self.assertEqual(run.why_missing("a"), "not measured in this run")

    def test_figures_may_be_missing_or_null(self):
        cell, = run_of({"cells": [made_up.change("a", latency_p50_us=None)]}).cells
        self.assertIsNone(cell.latency_p50_us)
        self.assertIsNone(cell.bytes_per_change)

    def test_wrong_values_are_named_with_their_places(self):
        cell = made_up.change("a")
        for changed, expected in (
                ({"nodes": "two"}, 'cells[0].nodes: is "two", not a whole number of at least 1'),
                ({"nodes": 0}, "cells[0].nodes: is 0, not a whole number of at least 1"),
                ({"nodes": True}, "cells[0].nodes: is true"),
                ({"routing": "random"}, 'cells[0].routing: is "random", not sticky or round_robin'),
                ({"routing": None}, "cells[0].routing: is missing"),
                ({"strategy": ""}, 'cells[0].strategy: is "", not a text'),
                ({"read_percent": 101}, "cells[0].read_percent: is 101, not a number from 0 to"),
                ({"bytes_per_change": float("nan")}, "cells[0].bytes_per_change: is NaN, not a"),
                ({"errors": -1}, "cells[0].errors: is -1")):
            with self.subTest(changed):
                self.assertIn(expected, self.problems({"cells": [cell | changed]}))

    def test_wrong_shapes_are_named_with_their_places(self):
        trials = {"strategy": "a", "killed": {"trials": 3, "lost": 4}}
        for document, expected in (
                ([], "the file: is not an object"),
                ({}, "give the file that `sessionhub-bench compare` has written"),
                ({"cells": {}}, "cells: is {}, not a list"),
                ({"cells": [7]}, "cells[0]: is not an object"),
                ({"risks": [{"strategy": "a", "killed": 7}]}, "risks[0].killed: is not an object"),
                ({"risks": [{"strategy": "a", "killed": {"trials": 3}}]},
                 "risks[0].killed.lost: is missing"),
                ({"risks": [trials]}, "risks[0].killed.lost: is 4, more than trials, 3"),
                ({"risks": [{"strategy": "a", "killed": {"trials": 3, "lost": 0,
                                                         "lost_at_first": 4}}]},
                 "risks[0].killed.lost_at_first: is 4, more than trials, 3"),
                ({"strategies": [{"name": "a"}, {"name": "a"}]}, "strategies: a is there twice")):
            with self.subTest(document):
                self.assertIn(expected, self.problems(document))

    def test_a_problem_is_said_once_whatever_is_made_of_it(self):
        text = self.problems({"risks": [{"strategy": "a", "killed": {"lost": 0,
                                                                     "lost_at_first": 0}}]})
        self.assertEqual(text.count("risks[0].killed.trials: is missing"), 1, text)

    def test_all_problems_are_said_at_once_but_no_more_than_ten(self):
        text = self.problems({"cells": [{}] * 8})
        self.assertEqual(len(text.splitlines()), 11)
        self.assertTrue(text.endswith("and 22 more"), text)


class FileTest(unittest.TestCase):
    def problem(self, content):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "run.json"
            if content is not None:
                path.write_bytes(content)
            with self.assertRaises(RunDataError) as raised:
                read_run(path)
            return str(raised.exception)

    def test_what_cannot_be_read(self):
        self.assertEqual(self.problem(None), "cannot be read: No such file or directory")
        self.assertEqual(self.problem(b"\xff"), "is not UTF-8 at byte 0")
        self.assertIn("is not JSON: line 2:", self.problem(b"{\n"))
        self.assertIn("neither cells nor risks", self.problem(json.dumps({"a": 1}).encode()))


if __name__ == "__main__":
    unittest.main()
