#include <algorithm>
#include <string>
#include <utility>

#include "bench/demo/figures.h"
#include "bench/overload/fairness.h"
#include "bench/overload/heard.h"
#include "bench/overload/measures.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

const char* const kSession = "hot";
constexpr size_t kHotOfWorkerMax = 25;
constexpr size_t kHotInFlight = 2;
constexpr double kJainMin = 0.95;
constexpr double kMaxOverMinMax = 2;

// Every version from the first on, once and in order, at every node; and every ack of its own.
absl::Status CheckOrder(const Workers& workers, uint64_t last, Findings* findings) {
  // Creation is version 1.
  const json ask = {{"do", "heard"}, {"first", 1}, {"last", last}};
  ASSIGN_OR_RETURN(const std::vector<json> answers, AskAll(workers, ask, kAskMax));
  std::vector<uint64_t> acked;
  uint64_t steps = 0;
  for (const json& answer : answers) {
    findings->DemandNone(answer["out_of_order"].get<uint64_t>(), "versions out of order at nodes");
    findings->DemandNone(answer["twice"].get<uint64_t>(),
                         "versions acked to a node that were another's change");
    findings->DemandNone(answer["missing"].get<uint64_t>(), "versions that nodes did not hear of");
    steps += answer["steps_over_several"].get<uint64_t>();
    for (const json& node : answer["acked"]) {
      for (const json& version : node) acked.push_back(version.get<uint64_t>());
    }
  }
  findings->Figure("steps_over_several_versions", steps);
  findings->DemandNone(CountUntiled(std::move(acked), 1, last),
                       "versions that are acked to nobody, or to two");
  return absl::OkStatus();
}

void TellFairness(const std::vector<json>& answers, Findings* findings) {
  std::vector<uint64_t> shares;
  for (const json& answer : answers) {
    for (const json& share : answer["acked"]) shares.push_back(share.get<uint64_t>());
  }
  const double jain = JainIndex(shares);
  const double ratio = MaxOverMin(shares);
  const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
  findings->Figure("commits_of_slowest_node", *least);
  findings->Figure("commits_of_fastest_node", *most);
  findings->Figure("max_over_min", ratio);
  findings->Figure("jain_index", jain);
  findings->Goal(
      "fairness, fastest node over slowest", "<= " + TwoDecimals(kMaxOverMinMax),
      TwoDecimals(ratio) + " (" + std::to_string(*most) + ", " + std::to_string(*least) + ")",
      ratio <= kMaxOverMinMax);
  findings->Goal("fairness, Jain's index", ">= " + TwoDecimals(kJainMin), TwoDecimals(jain),
                 jain >= kJainMin);
}

}  // namespace

absl::Status MeasureHotSession(Scene* scene) {
  Findings& findings = scene->findings();
  const double seconds = scene->options().load_s;
  RETURN_IF_ERROR(scene->StartHub());
  ASSIGN_OR_RETURN(Workers workers,
                   scene->StartNodes("hot", scene->options().hot_nodes, kHotOfWorkerMax));
  const json open = {{"do", "open"}, {"ids", {kSession}}};
  RETURN_IF_ERROR(AskAll(workers, open, kAskMax).status());
  RETURN_IF_ERROR(AskAll(workers, {{"do", "watch"}}, kAskMax).status());
  const json write = {{"do", "write"}, {"seconds", seconds}, {"in_flight", kHotInFlight}};
  ASSIGN_OR_RETURN(const std::vector<json> answers, AskAll(workers, write, LoopMax(seconds)));
  const uint64_t acked = SumAcked(answers, &findings);
  const std::vector<double> latency_ms = LatenciesMs(answers);
  findings.Figure("nodes", scene->options().hot_nodes);
  findings.Figure("commits_per_s", static_cast<double>(acked) / seconds);
  findings.Figure("commit_ms", DescribeMs(latency_ms));
  findings.Say("  " + OneDecimal(static_cast<double>(acked) / seconds) +
               " commits a second, each forwarded to all other nodes; " +
               OneDecimal(Percentile(latency_ms, 50)) + " ms (median), " +
               OneDecimal(Percentile(latency_ms, 99)) + " (99 %)");
  TellFairness(answers, &findings);
  RETURN_IF_ERROR(CheckOrder(workers, acked + 1, &findings));
  RETURN_IF_ERROR(scene->CheckTotals(workers));
  RETURN_IF_ERROR(StopAll(&workers));
  return scene->StopHub();
}

}  // namespace sessionhub::bench
