// Report: what the demo says at its end, as text while it runs and as JSON, and whether it failed.
#ifndef BENCH_DEMO_REPORT_H_
#define BENCH_DEMO_REPORT_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/demo/kills.h"
#include "bench/demo/step.h"

namespace sessionhub::bench {

class Report {
 public:
  // Figures that are always there, at first 0, in the order in which people look for them.
  explicit Report(const std::vector<std::string>& figures);

  // A line for people, printed at once.
  void Say(const std::string& line) const;

  // A figure; the last value counts.
  template <typename T>
  void Set(const std::string& key, const T& value) {
    figures_[key] = value;
  }
  void Add(const std::string& key, uint64_t value);
  double Figure(const std::string& key) const { return figures_.value(key, 0.0); }
  uint64_t Count(const std::string& key) const { return figures_.value(key, uint64_t{0}); }

  // Adds what every step is judged by. `nodes_die`: commits of a killed node may stay without
  // answer.
  void AddStep(const StepPlan& plan, const StepOutcome& outcome, bool nodes_die);
  // The number of kills under `key`, and the smallest number of commits in flight over all kills.
  void AddKills(const std::string& key, const std::vector<Kill>& kills, size_t wanted);

  // Says it and makes the demo fail.
  void Fail(const std::string& why);

  bool failed() const { return !failures_.empty(); }
  // Unavailable if the file cannot be written.
  absl::Status WriteJson(const std::string& path) const;

 private:
  void Judge(const StepPlan& plan, const StepOutcome& outcome, bool nodes_die);

  nlohmann::ordered_json figures_;
  std::vector<std::string> failures_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_REPORT_H_
