#include "bench/overload/goal_row.h"

namespace sessionhub::bench {
namespace {

using nlohmann::ordered_json;

std::string TextOf(const ordered_json& described, const char* key) {
  return described.value(key, std::string());
}

// "acked changes", "acked changes; beside it: nothing (unlike)", or nothing.
std::string SurvivalCell(const ordered_json& described) {
  const std::string own = TextOf(described, "survives");
  const std::string beside = TextOf(described, "beside_survives");
  if (beside.empty()) return own;
  const bool unlike = TextOf(described, "comparison") == "unlike";
  return own + "; beside it: " + beside + (unlike ? " (unlike)" : "");
}

std::string OutcomeOf(const GoalRow& row) {
  if (row.goal.empty()) return "known";
  return row.reached ? "pass" : "short";
}

}  // namespace

ordered_json DescribeGoal(const std::string& measure, const GoalRow& row) {
  ordered_json described = {{"measure", measure}, {"name", row.name}};
  if (!row.goal.empty()) {
    described["goal"] = row.goal;
    described["source"] = row.source == GoalSource::kDesign ? "design" : "own";
  }
  described["figure"] = row.figure;
  described["outcome"] = OutcomeOf(row);
  if (row.survives) described["survives"] = SurvivalText(*row.survives);
  if (row.beside_survives) {
    described["beside_survives"] = SurvivalText(*row.beside_survives);
    described["comparison"] = row.survives == row.beside_survives ? "alike" : "unlike";
  }
  return described;
}

std::string GoalLine(const ordered_json& described) {
  std::string line = TextOf(described, "outcome") + ": " + TextOf(described, "name") + ": ";
  if (described.contains("goal")) {
    line += "goal " + TextOf(described, "goal") + " (" + TextOf(described, "source") + "), figure ";
  }
  line += TextOf(described, "figure");
  const std::string survives = SurvivalCell(described);
  return survives.empty() ? line : line + "; survives a power cut: " + survives;
}

std::string GoalTable(const ordered_json& described) {
  std::string table =
      "| what | goal | whose | figure | | survives a power cut |\n|---|---|---|---|---|---|\n";
  for (const ordered_json& row : described) {
    const bool wanted = row.contains("goal");
    const std::string survives = SurvivalCell(row);
    table += "| " + TextOf(row, "name") + " | " + (wanted ? TextOf(row, "goal") : "none") + " | " +
             (wanted ? TextOf(row, "source") : "-") + " | " + TextOf(row, "figure") + " | " +
             TextOf(row, "outcome") + " | " + (survives.empty() ? "-" : survives) + " |\n";
  }
  return table;
}

}  // namespace sessionhub::bench
