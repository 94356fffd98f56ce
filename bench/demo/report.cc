#include "bench/demo/report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace sessionhub::bench {

Report::Report(const std::vector<std::string>& figures) {
  for (const std::string& key : figures) figures_[key] = 0;
  figures_["steps"] = nlohmann::ordered_json::array();
}

void Report::Say(const std::string& line) const {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void Report::Add(const std::string& key, uint64_t value) {
  figures_[key] = Count(key) + value;
}

void Report::Fail(const std::string& why) {
  failures_.push_back(why);
  Say("  FAILED: " + why);
}

void Report::AddStep(const StepPlan& plan, const StepOutcome& outcome, bool nodes_die) {
  const CommitFindings& commits = outcome.commits;
  Add("changes", commits.acked);
  Add("forwarded", outcome.forwards.forwarded);
  Add("applied_twice", commits.applied_twice);
  Add("inconsistent", commits.inconsistent);
  Add("copies_that_differ", outcome.different_copies);
  nlohmann::ordered_json forwards = nlohmann::ordered_json::object();
  for (const NodeForwards& node : outcome.nodes) forwards[node.node] = node.counted_by_hub;
  figures_["steps"].push_back({{"name", plan.name},
                               {"seconds", outcome.seconds},
                               {"submitted", commits.submitted},
                               {"acked", commits.acked},
                               {"unanswered", commits.unanswered},
                               {"lost", commits.lost},
                               {"applied_twice", commits.applied_twice},
                               {"resent", outcome.resent},
                               {"gaps_seen", outcome.resyncs},
                               {"forwarded", forwards}});
  Judge(plan, outcome, nodes_die);
}

void Report::Judge(const StepPlan& plan, const StepOutcome& outcome, bool nodes_die) {
  const CommitFindings& commits = outcome.commits;
  for (const std::string& detail : commits.details) Say("    " + detail);
  for (const std::string& detail : outcome.forwards.details) Say("    " + detail);
  const auto demand_none = [&](uint64_t count, const std::string& what) {
    if (count > 0) Fail(plan.name + ": " + std::to_string(count) + " " + what);
  };
  demand_none(commits.lost, "acked changes lost");
  demand_none(commits.applied_twice, "changes applied twice");
  demand_none(commits.inconsistent, "sessions that contradict themselves");
  demand_none(commits.refused, "commits refused");
  demand_none(commits.unknown, "commits ended unknown");
  demand_none(commits.not_sent, "requests that could not open their session");
  demand_none(nodes_die ? 0 : commits.unanswered, "commits without an answer");
  demand_none(outcome.different_copies, "copies at nodes that differ from the hub's sessions");
}

void Report::AddKills(const std::string& key, const std::vector<Kill>& kills, size_t wanted) {
  Set(key, kills.size());
  if (kills.size() != wanted) {
    Fail(key + ": " + std::to_string(kills.size()) + " of " + std::to_string(wanted) +
         " kills came about; use more baskets");
  }
  if (kills.empty()) return;
  const size_t smallest =
      std::min_element(kills.begin(), kills.end(), [](const Kill& a, const Kill& b) {
        return a.unacked < b.unacked;
      })->unacked;
  const uint64_t before = Count("unacked_at_kill");
  Set("unacked_at_kill", before == 0 ? smallest : std::min<uint64_t>(before, smallest));
}

absl::Status Report::WriteJson(const std::string& path) const {
  nlohmann::ordered_json figures = figures_;
  figures["failures"] = failures_;
  std::ofstream file(path, std::ios::trunc);
  file << figures.dump(2) << "\n";
  file.flush();
  if (!file) return absl::UnavailableError("cannot write the figures to " + path);
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
