// Findings: what the overload measures say: lines for people at once, figures and goals for the
// file, and what is wrong. A goal that is missed is told as short; only what breaks a promise makes
// the run fail.
#ifndef BENCH_OVERLOAD_FINDINGS_H_
#define BENCH_OVERLOAD_FINDINGS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "bench/overload/goal_row.h"

namespace sessionhub::bench {

class Findings {
 public:
  // The figures that follow are those of this measure.
  void Begin(const std::string& measure);

  void Say(const std::string& line) const;

  // For the file only.
  void Figure(const std::string& key, nlohmann::ordered_json value);

  // A line of the end: of a goal, or of what has none.
  void Tell(const GoalRow& row);
  // The same of a goal of our own, and of what has no goal, where nothing is said of power cuts.
  void Goal(const std::string& name, const std::string& goal, const std::string& figure,
            bool reached);
  void Known(const std::string& name, const std::string& figure);

  // All goals once more, a line each.
  void SayGoals() const;

  // A promise was broken. `what` says which, and by what.
  void Violation(const std::string& what);
  // The same, unless there are none.
  void DemandNone(uint64_t count, const std::string& what);

  bool failed() const { return !violations_.empty(); }
  // By measure and key.
  const nlohmann::ordered_json& figures() const { return figures_; }
  // As DescribeGoal has them, in the order in which they were told.
  const nlohmann::ordered_json& goals() const { return goals_; }

  // Unavailable if the file cannot be written.
  absl::Status WriteJson(const std::string& path, const std::string& command,
                         const std::string& commit) const;

 private:
  std::string measure_;
  nlohmann::ordered_json figures_ = nlohmann::ordered_json::object();
  nlohmann::ordered_json goals_ = nlohmann::ordered_json::array();
  nlohmann::ordered_json violations_ = nlohmann::ordered_json::array();
};

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_FINDINGS_H_
