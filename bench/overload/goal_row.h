// GoalRow: a line of a run's end: a figure, what it is to reach, whose wish that is, and what of it
// and of what it stands beside survives a power cut. Pure.
#ifndef BENCH_OVERLOAD_GOAL_ROW_H_
#define BENCH_OVERLOAD_GOAL_ROW_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "bench/overload/survival.h"

namespace sessionhub::bench {

enum class GoalSource {
  kDesign,  // the design asks for it
  kOwn,     // chosen here
};

struct GoalRow {
  std::string name;
  std::string goal;  // empty: none, the figure is only to be known
  std::string figure;
  bool reached = false;  // a missed goal is short
  GoalSource source = GoalSource::kOwn;
  // What survives of the figure and of what it stands beside. Not set: nothing is changed there,
  // or it stands beside nothing.
  std::optional<Survival> survives = {};
  std::optional<Survival> beside_survives = {};
};

// For the file: {"measure", "name", "goal", "source", "figure", "outcome", "survives",
// "beside_survives", "comparison"}, without what there is not. The outcome is "pass", "short" or
// "known", the source "design" or "own", the comparison "alike" or "unlike".
nlohmann::ordered_json DescribeGoal(const std::string& measure, const GoalRow& row);

// One of them in a line: "short: NAME: goal GOAL (design), figure FIGURE; survives a power cut: …".
std::string GoalLine(const nlohmann::ordered_json& described);

// A list of them as a table in Markdown, a line each after the head; with a line end at the end.
std::string GoalTable(const nlohmann::ordered_json& described);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_GOAL_ROW_H_
