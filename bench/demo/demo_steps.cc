#include "bench/demo/demo_steps.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/demo/figures.h"
#include "bench/demo/kills.h"
#include "bench/demo/mesh.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

std::string Changes(const StepOutcome& outcome) {
  return std::to_string(outcome.commits.acked) + " changes in " + OneDecimal(outcome.seconds) +
         " s";
}

// By whichever counted more, the hub or the node: a hub that was killed has forgotten its counts.
void JudgeForwards(const StepPlan& plan, const StepOutcome& outcome, Report* report) {
  report->Add("forwarded_to_uninterested", outcome.forwards.stray);
  if (outcome.forwards.stray > 0) {
    report->Fail(plan.name + ": " + std::to_string(outcome.forwards.stray) +
                 " forwards to nodes that had not asked");
  }
}

// Without kills, whatever is lost is lost by nobody's fault but ours, and every forward is
// accounted for.
void AddQuietStep(const StepPlan& plan, const StepOutcome& outcome, Report* report) {
  report->AddStep(plan, outcome, /*nodes_die=*/false);
  report->Add("lost_without_kill", outcome.commits.lost);
  report->Add("gaps_seen", outcome.resyncs);
  JudgeForwards(plan, outcome, report);
  if (outcome.resyncs > 0) {
    report->Fail(plan.name + ": nodes saw " + std::to_string(outcome.resyncs) +
                 " gaps in the versions of their copies");
  }
}

void AddBytes(const std::string& key, const Bytes& bytes, Report* report) {
  report->Set(key, bytes.per_change);
  report->Set(key + "_idle_bytes_per_s", bytes.idle_per_second);
  report->Set(key + "_segments", bytes.counted.segments);
}

void SayBytes(std::string what, const std::string& key, const Report& report) {
  constexpr size_t kWhatWidth = 40;
  constexpr size_t kFigureWidth = 8;
  what.resize(kWhatWidth, ' ');
  report.Say("     " + what + AlignedRight(OneDecimal(report.Figure(key)), kFigureWidth) +
             "  (idle:" +
             AlignedRight(OneDecimal(report.Figure(key + "_idle_bytes_per_s")), kFigureWidth) +
             " bytes a second)");
}

std::string DescribeKills(const std::vector<Kill>& kills, const std::string& of) {
  size_t least = kills.empty() ? 0 : kills.front().unacked;
  for (const Kill& kill : kills) least = std::min(least, kill.unacked);
  return std::to_string(kills.size()) + " kills of " + of + " with at least " +
         std::to_string(least) + " unacked commits in flight each";
}

}  // namespace

absl::Status ShowSticky(Stage* stage, Report* report) {
  const StepPlan plan = {.name = "1-sticky", .routing = Routing::kSticky, .measure_bytes = true};
  ASSIGN_OR_RETURN(const StepOutcome outcome, RunStep(stage, plan, nullptr));
  report->Say("1  sticky traffic on three nodes: " + Changes(outcome) + ", " +
              std::to_string(outcome.forwards.forwarded) + " forwarded");
  AddQuietStep(plan, outcome, report);
  AddBytes("hub_bytes_per_change_sticky", outcome.bytes, report);
  return absl::OkStatus();
}

absl::Status ShowRoundRobin(Stage* stage, Report* report) {
  const StepPlan plan = {.name = "2-round-robin",
                         .routing = Routing::kRoundRobin,
                         .nodes_used = 2,
                         .measure_bytes = true};
  ASSIGN_OR_RETURN(const StepOutcome outcome, RunStep(stage, plan, nullptr));
  const NodeForwards& third = outcome.nodes.back();
  report->Say("2  round-robin over two of three nodes: " + Changes(outcome) + ", " +
              std::to_string(outcome.forwards.forwarded) + " forwarded to the other of the two, " +
              std::to_string(std::max(third.counted_by_hub, third.counted_by_node)) + " to " +
              third.node +
              "; copies that differ from the hub: " + std::to_string(outcome.different_copies) +
              ", gaps in versions: " + std::to_string(outcome.resyncs));
  AddQuietStep(plan, outcome, report);
  AddBytes("hub_bytes_per_change_round_robin_two_nodes", outcome.bytes, report);
  // The first change of each session is made before the other node opens it.
  const uint64_t due = outcome.commits.acked - stage->baskets.size();
  if (outcome.forwards.forwarded != due || due == 0) {
    report->Fail(plan.name + ": " + std::to_string(outcome.forwards.forwarded) + " forwards, not " +
                 std::to_string(due) + ", one for each change after the first of its session");
  }
  return absl::OkStatus();
}

absl::Status ShowNodeKills(Stage* stage, size_t kills, uint64_t seed, Report* report) {
  const StepPlan plan = {.name = "3-node-kills", .routing = Routing::kSticky};
  std::vector<Kill> done;
  ASSIGN_OR_RETURN(const StepOutcome outcome, RunStep(stage, plan, [&](Fleet* fleet) {
                     return std::make_unique<NodeKiller>(kills, CountItems(stage->baskets), seed,
                                                         fleet, &done);
                   }));
  report->Say("3  " + DescribeKills(done, "a node") + ": " + Changes(outcome) + ", " +
              std::to_string(outcome.commits.lost) + " acked changes lost, " +
              std::to_string(outcome.commits.applied_twice) + " applied twice; " +
              std::to_string(outcome.commits.unanswered) + " commits died without an answer");
  report->AddStep(plan, outcome, /*nodes_die=*/true);
  JudgeForwards(plan, outcome, report);
  report->Set("lost_after_node_kill", outcome.commits.lost);
  report->AddKills("node_kills", done, kills);
  return absl::OkStatus();
}

absl::Status ShowHubKills(Stage* stage, size_t kills, uint64_t seed, Report* report) {
  const StepPlan plan = {.name = "4-hub-kills", .routing = Routing::kRoundRobin};
  std::vector<Kill> done;
  ASSIGN_OR_RETURN(const StepOutcome outcome, RunStep(stage, plan, [&](Fleet* fleet) {
                     return std::make_unique<HubKiller>(kills, CountItems(stage->baskets), seed,
                                                        fleet, stage->hub.get(), &done);
                   }));
  std::vector<double> first_ack_ms;
  for (const Kill& kill : done) first_ack_ms.push_back(kill.first_ack_ms);
  std::sort(first_ack_ms.begin(), first_ack_ms.end());
  const double slowest_ms = first_ack_ms.empty() ? 0 : first_ack_ms.back();
  const double median_ms = Median(first_ack_ms);
  report->Say("4  " + DescribeKills(done, "the hub") + ": " + Changes(outcome) + ", " +
              std::to_string(outcome.commits.lost) + " acked changes lost, " +
              std::to_string(outcome.commits.applied_twice) + " applied twice; " +
              std::to_string(outcome.resent) + " resent; from kill to first ack " +
              OneDecimal(median_ms) + " ms (median), at most " + OneDecimal(slowest_ms) + " ms");
  report->AddStep(plan, outcome, /*nodes_die=*/false);
  JudgeForwards(plan, outcome, report);
  report->Set("lost_after_hub_kill", outcome.commits.lost);
  report->AddKills("hub_kills", done, kills);
  // Of at most 99 kills, the 99th percentile (nearest rank) is the slowest.
  report->Set("kill_to_first_ack_ms_p99", slowest_ms);
  report->Set("kill_to_first_ack_ms_p50", median_ms);
  report->Set("kill_to_first_ack_ms", first_ack_ms);
  return absl::OkStatus();
}

absl::Status ShowBytes(Stage* stage, Report* report) {
  const StepPlan plan = {
      .name = "5-round-robin-three", .routing = Routing::kRoundRobin, .measure_bytes = true};
  ASSIGN_OR_RETURN(const StepOutcome outcome, RunStep(stage, plan, nullptr));
  AddQuietStep(plan, outcome, report);
  AddBytes("hub_bytes_per_change_round_robin", outcome.bytes, report);
  struct Row {
    std::string what;
    std::string key;
  };
  std::vector<Row> rows = {
      {"hub, sticky", "hub_bytes_per_change_sticky"},
      {"hub, round-robin over two", "hub_bytes_per_change_round_robin_two_nodes"},
      {"hub, round-robin over three", "hub_bytes_per_change_round_robin"}};
  const std::pair<Broadcast, std::string> broadcasts[] = {
      {Broadcast::kSession, "broadcast_bytes_per_change"},
      {Broadcast::kAttribute, "attribute_broadcast_bytes_per_change"},
      {Broadcast::kField, "field_broadcast_bytes_per_change"}};
  for (const auto& [broadcast, key] : broadcasts) {
    const std::string what = std::string("broadcast of the ") + BroadcastName(broadcast);
    ASSIGN_OR_RETURN(const Bytes sticky, RunMesh(stage, broadcast, Routing::kSticky));
    AddBytes(key, sticky, report);
    rows.push_back({what + ", sticky", key});
    ASSIGN_OR_RETURN(const Bytes round_robin, RunMesh(stage, broadcast, Routing::kRoundRobin));
    AddBytes(key + "_round_robin", round_robin, report);
    rows.push_back({what + ", round-robin", key + "_round_robin"});
  }
  report->Say(
      "5  bytes for each change, all headers, both directions; idle traffic subtracted and apart");
  for (const Row& row : rows) SayBytes(row.what, row.key, *report);
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
