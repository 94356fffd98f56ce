#include "bench/overload/findings.h"

#include <cstdio>
#include <fstream>
#include <utility>

#include "bench/overload/gauge.h"

namespace sessionhub::bench {

void Findings::Begin(const std::string& measure) {
  measure_ = measure;
  figures_[measure] = nlohmann::ordered_json::object();
}

void Findings::Say(const std::string& line) const {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void Findings::Figure(const std::string& key, nlohmann::ordered_json value) {
  figures_[measure_][key] = std::move(value);
}

void Findings::Tell(const GoalRow& row) {
  goals_.push_back(DescribeGoal(measure_, row));
  Say("  " + measure_ + ", " + GoalLine(goals_.back()));
}

void Findings::Goal(const std::string& name, const std::string& goal, const std::string& figure,
                    bool reached) {
  Tell({.name = name, .goal = goal, .figure = figure, .reached = reached});
}

void Findings::Known(const std::string& name, const std::string& figure) {
  Tell({.name = name, .goal = "", .figure = figure});
}

void Findings::SayGoals() const {
  for (const auto& goal : goals_) Say(GoalLine(goal));
}

void Findings::Violation(const std::string& what) {
  violations_.push_back(measure_ + ": " + what);
  Say("  FAILED: " + what);
}

void Findings::DemandNone(uint64_t count, const std::string& what) {
  if (count > 0) Violation(std::to_string(count) + " " + what);
}

absl::Status Findings::WriteJson(const std::string& path, const std::string& command,
                                 const std::string& commit) const {
  const nlohmann::ordered_json all = {{"command", command},           {"commit", commit},
                                      {"machine", DescribeMachine()}, {"goals", goals_},
                                      {"violations", violations_},    {"figures", figures_}};
  std::ofstream file(path, std::ios::trunc);
  file << all.dump(2) << "\n";
  file.flush();
  if (!file) return absl::UnavailableError("cannot write the figures to " + path);
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
