#include "bench/crash/tally.h"

#include <algorithm>

#include "bench/demo/figures.h"

namespace sessionhub::bench {
namespace {

void Take(size_t* missing) {
  if (*missing > 0) --*missing;
}

size_t Smallest(const std::vector<size_t>& values) {
  return values.empty() ? 0 : *std::min_element(values.begin(), values.end());
}

}  // namespace

void Tally::Add(const FaultDone& done, const std::vector<NodeLog>& logs) {
  const FaultMoment moment = LookAt(done, logs);
  switch (done.fault.kind) {
    case Fault::Kind::kKillHub: {
      if (moment.unacked < unacked_min_) {
        ++too_few_;
        return;
      }
      Kills& kills = hub_kills_[done.fault.phase];
      kills.unacked.push_back(moment.unacked);
      kills.first_ack_ms.push_back(moment.first_ack_ms);
      if (!done.fault.fail_point.empty()) {
        ++at_points_[done.fault.fail_point.substr(0, done.fault.fail_point.find(':'))];
      }
      return Take(&missing_.hub_kills[done.fault.phase]);
    }
    case Fault::Kind::kKillNode:
      if (moment.unacked < unacked_min_ || done.unanswered == 0) {
        ++too_few_;
        return;
      }
      node_kills_.unacked.push_back(moment.unacked);
      return Take(&missing_.node_kills);
    case Fault::Kind::kStopHub:
      hub_stops_.unacked.push_back(moment.unacked);
      hub_stops_.first_ack_ms.push_back(moment.first_ack_ms -
                                        static_cast<double>(done.again_us - done.at_us) / 1000.0);
      return Take(&missing_.hub_stops);
    case Fault::Kind::kStopNode:
      ++node_stops_;
      return Take(&missing_.node_stops);
  }
}

nlohmann::ordered_json Tally::Describe(const std::vector<double>& ms) {
  return {{"p50", Percentile(ms, 50)}, {"p99", Percentile(ms, 99)}, {"max", Percentile(ms, 100)}};
}

nlohmann::ordered_json Tally::Describe(const Kills& kills) {
  return {{"kills", kills.unacked.size()},
          {"unacked_at_kill", Smallest(kills.unacked)},
          {"kill_to_first_ack_ms", Describe(kills.first_ack_ms)}};
}

Tally::Kills Tally::AllOfHub() const {
  Kills all;
  for (const auto& [phase, kills] : hub_kills_) {
    all.unacked.insert(all.unacked.end(), kills.unacked.begin(), kills.unacked.end());
    all.first_ack_ms.insert(all.first_ack_ms.end(), kills.first_ack_ms.begin(),
                            kills.first_ack_ms.end());
  }
  return all;
}

void Tally::Say(const Report& report) const {
  const auto ms = [](const std::vector<double>& values) {
    return OneDecimal(Percentile(values, 50)) + " ms (median), " +
           OneDecimal(Percentile(values, 99)) + " (99 %), " + OneDecimal(Percentile(values, 100)) +
           " at most";
  };
  for (const auto& [phase, kills] : hub_kills_) {
    report.Say("hub killed, " + phase + ": " + std::to_string(kills.unacked.size()) +
               " times, with at least " + std::to_string(Smallest(kills.unacked)) +
               " unacked commits each; to the first ack " + ms(kills.first_ack_ms));
  }
  const Kills all = AllOfHub();
  report.Say("hub killed, all: " + std::to_string(all.unacked.size()) +
             " times; to the first ack " + ms(all.first_ack_ms));
  report.Say(
      "nodes killed: " + std::to_string(node_kills_.unacked.size()) + " times, with at least " +
      std::to_string(Smallest(node_kills_.unacked)) +
      " unacked commits over all nodes each; stops: " + std::to_string(hub_stops_.unacked.size()) +
      " of the hub, " + std::to_string(node_stops_) +
      " of nodes; kills that do not count: " + std::to_string(too_few_));
}

void Tally::Write(Report* report) const {
  const Kills all = AllOfHub();
  report->Set("hub_kills", all.unacked.size());
  report->Set("node_kills", node_kills_.unacked.size());
  report->Set("hub_stops", hub_stops_.unacked.size());
  report->Set("node_stops", node_stops_);
  report->Set("unacked_at_hub_kill", Smallest(all.unacked));
  report->Set("unacked_at_node_kill", Smallest(node_kills_.unacked));
  report->Set("kills_with_too_few_unacked", too_few_);
  report->Set("kill_to_first_ack_ms", Describe(all.first_ack_ms));
  report->Set("continue_to_first_ack_ms", Describe(hub_stops_.first_ack_ms));
  nlohmann::ordered_json phases = nlohmann::ordered_json::object();
  for (const auto& [phase, kills] : hub_kills_) phases[phase] = Describe(kills);
  report->Set("phases", phases);
  report->Set("kills_at_fail_points", at_points_);
}

}  // namespace sessionhub::bench
