#include <string>
#include <utility>

#include "bench/demo/figures.h"
#include "bench/overload/measures.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr size_t kCommitters = 10;
constexpr size_t kSessionsOfEach = 5;
constexpr size_t kCrowdOfWorkerMax = 500;

// One commit in flight at each of the writers.
absl::StatusOr<std::vector<double>> MeasureCommits(Scene* scene, const Workers& writers) {
  const double seconds = scene->options().load_s / 4;
  ASSIGN_OR_RETURN(const std::vector<json> answers,
                   AskAll(writers, {{"do", "write"}, {"seconds", seconds}}, LoopMax(seconds)));
  SumAcked(answers, &scene->findings());
  return LatenciesMs(answers);
}

void TellCosts(Findings* findings, size_t others, const Gauge& few, const Gauge& many) {
  const auto per_node = [others](uint64_t from, uint64_t to) {
    return (static_cast<double>(to) - static_cast<double>(from)) / static_cast<double>(others);
  };
  const double bytes = per_node(few.rss_bytes, many.rss_bytes);
  findings->Figure("hub_rss_bytes", many.rss_bytes);
  findings->Figure("hub_rss_bytes_per_node", bytes);
  findings->Figure("hub_threads", many.threads);
  findings->Figure("hub_threads_with_10_nodes", few.threads);
  findings->Figure("hub_descriptors", many.descriptors);
  findings->Figure("hub_descriptors_per_node", per_node(few.descriptors, many.descriptors));
  findings->Say("  the hub has " + InMebibytes(static_cast<double>(many.rss_bytes)) + ", " +
                OneDecimal(bytes / 1024) + " KiB more for each further node; " +
                std::to_string(many.descriptors) + " descriptors; " + std::to_string(many.threads) +
                " threads, " + std::to_string(few.threads) + " with " +
                std::to_string(kCommitters) + " nodes");
}

}  // namespace

absl::Status MeasureNodes(Scene* scene) {
  Findings& findings = scene->findings();
  const size_t others = scene->options().nodes - kCommitters;
  RETURN_IF_ERROR(scene->StartHub());
  ASSIGN_OR_RETURN(Workers writers, scene->StartNodes("writer", kCommitters, kCommitters));
  const json open = {{"do", "open"}, {"own", kSessionsOfEach}};
  RETURN_IF_ERROR(AskAll(writers, open, kAskMax).status());
  ASSIGN_OR_RETURN(const std::vector<double> few_ms, MeasureCommits(scene, writers));
  ASSIGN_OR_RETURN(const Gauge few, scene->HubGauge());

  const int64_t begun_us = MonotonicMicros();
  ASSIGN_OR_RETURN(Workers crowd, scene->StartNodes("node", others, kCrowdOfWorkerMax));
  RETURN_IF_ERROR(AskAll(crowd, open, kAskMax).status());
  const double seconds = static_cast<double>(MonotonicMicros() - begun_us) / 1e6;
  ASSIGN_OR_RETURN(const Gauge many, scene->HubGauge());
  ASSIGN_OR_RETURN(const std::vector<double> many_ms, MeasureCommits(scene, writers));
  ASSIGN_OR_RETURN(const json status, writers[0]->Ask({{"do", "status"}}, kAskMax));

  const auto attached = status["nodes"].get<uint64_t>();
  const auto interests = status["interests"].get<uint64_t>();
  findings.Figure("nodes", scene->options().nodes);
  findings.Figure("attached", attached);
  findings.Figure("interests", interests);
  findings.Figure("seconds_to_attach_and_open", seconds);
  findings.Figure("commit_ms", DescribeMs(many_ms));
  findings.Figure("commit_ms_with_10_nodes", DescribeMs(few_ms));
  TellCosts(&findings, others, few, many);
  findings.Say("  commits of 10 nodes: " + OneDecimal(Percentile(many_ms, 50)) + " ms (median), " +
               OneDecimal(Percentile(many_ms, 99)) + " (99 %); with them alone " +
               OneDecimal(Percentile(few_ms, 50)) + " and " + OneDecimal(Percentile(few_ms, 99)));
  const size_t nodes = scene->options().nodes;
  findings.Goal("attached nodes", std::to_string(nodes), std::to_string(attached),
                attached == nodes);
  findings.DemandNone(nodes - std::min<size_t>(nodes, attached), "nodes that are not attached");
  findings.DemandNone(nodes * kSessionsOfEach - std::min(nodes * kSessionsOfEach, interests),
                      "sessions of nodes in which the hub knows of no interest");
  RETURN_IF_ERROR(scene->CheckTotals(writers));
  RETURN_IF_ERROR(StopAll(&crowd));
  RETURN_IF_ERROR(StopAll(&writers));
  return scene->StopHub();
}

}  // namespace sessionhub::bench
