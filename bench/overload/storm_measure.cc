#include <algorithm>
#include <string>
#include <utility>

#include "bench/demo/figures.h"
#include "bench/overload/measures.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr double kGoalMs = 5'000;
constexpr size_t kWorkers = 4;
constexpr size_t kFiller = 8;
constexpr size_t kFillerInFlight = 64;

struct Back {
  std::vector<double> ms;  // of each node, since the hub was ready
  double start_ms = 0;     // of the hub, until it was ready
  double hub_cpu_s = 0;    // that the hub took since then
  double nodes_cpu_s = 0;  // and all of the nodes
};

absl::StatusOr<double> CpuSeconds(const Workers& workers) {
  double sum = 0;
  for (const auto& worker : workers) {
    ASSIGN_OR_RETURN(const Gauge gauge, ReadGauge(worker->pid()));
    sum += gauge.cpu_s;
  }
  return sum;
}

// The hub was killed before.
absl::StatusOr<Back> StartAndAwaitNodes(Scene* scene, const Workers& workers) {
  for (const auto& worker : workers) RETURN_IF_ERROR(worker->Send({{"do", "resumed"}}));
  Back back;
  const int64_t started_us = MonotonicMicros();
  RETURN_IF_ERROR(scene->hub().Start());
  const int64_t ready_us = MonotonicMicros();
  back.start_ms = static_cast<double>(ready_us - started_us) / 1000.0;
  ASSIGN_OR_RETURN(const Gauge ready, scene->HubGauge());
  ASSIGN_OR_RETURN(const double nodes_cpu_s, CpuSeconds(workers));
  for (const auto& worker : workers) {
    ASSIGN_OR_RETURN(const json answer, worker->Await(kAskMax));
    for (const json& at_us : answer["at_us"]) {
      back.ms.push_back(static_cast<double>(at_us.get<int64_t>() - ready_us) / 1000.0);
    }
  }
  ASSIGN_OR_RETURN(const Gauge over, scene->HubGauge());
  back.hub_cpu_s = over.cpu_s - ready.cpu_s;
  ASSIGN_OR_RETURN(back.nodes_cpu_s, CpuSeconds(workers));
  back.nodes_cpu_s -= nodes_cpu_s;
  return back;
}

absl::Status KillUntilStale(Scene* scene, const Workers& workers) {
  scene->hub().Kill();
  return AskAll(workers, {{"do", "stale"}}, kAskMax).status();
}

void TellReturn(const std::string& name, const Back& back, Findings* findings) {
  const double p99 = Percentile(back.ms, 99);
  nlohmann::ordered_json figure = DescribeMs(back.ms);
  figure["hub_start"] = back.start_ms;
  figure["hub_cpu"] = back.hub_cpu_s * 1000;
  figure["nodes_cpu"] = back.nodes_cpu_s * 1000;
  findings->Figure(name + "_ms", figure);
  findings->Say("  " + name + ": nodes had all sessions again " +
                OneDecimal(Percentile(back.ms, 50)) + " ms (median), " + OneDecimal(p99) +
                " (99 %), " + OneDecimal(Percentile(back.ms, 100)) +
                " at most after the hub was ready, which took " + OneDecimal(back.start_ms) +
                "; of processor time the hub took " + OneDecimal(back.hub_cpu_s) +
                " s, the nodes " + OneDecimal(back.nodes_cpu_s));
  findings->Goal(name + ", p99", "<= " + OneDecimal(kGoalMs) + " ms", OneDecimal(p99) + " ms",
                 p99 <= kGoalMs);
}

// Each session gets one commit more, while its node hears nothing: by other nodes, at a hub on
// another port.
absl::Status ChangeAll(Scene* scene, const std::vector<std::string>& ids, Workers* fillers) {
  HubProcess hub = scene->AnotherHub();
  RETURN_IF_ERROR(hub.Start());
  for (size_t i = 0; i < kFiller; ++i) {
    ASSIGN_OR_RETURN(fillers->emplace_back(),
                     scene->StartWorker("filler" + std::to_string(i + 1), 1, {}, hub.endpoint()));
  }
  RETURN_IF_ERROR(AskAll(*fillers, {{"do", "attach"}}, kAskMax).status());
  const size_t share = (ids.size() + kFiller - 1) / kFiller;
  std::vector<json> writes;
  for (size_t i = 0; i < kFiller; ++i) {
    const auto begin = ids.begin() + static_cast<ptrdiff_t>(std::min(ids.size(), i * share));
    const auto end = ids.begin() + static_cast<ptrdiff_t>(std::min(ids.size(), (i + 1) * share));
    const std::vector<std::string> some(begin, end);
    RETURN_IF_ERROR((*fillers)[i]->Send({{"do", "open"}, {"ids", some}, {"create", false}}));
    writes.push_back({{"do", "write"}, {"in_flight", kFillerInFlight}, {"commits", some.size()}});
  }
  for (const auto& filler : *fillers) RETURN_IF_ERROR(filler->Await(kAskMax).status());
  std::vector<json> answers;
  for (size_t i = 0; i < kFiller; ++i) RETURN_IF_ERROR((*fillers)[i]->Send(writes[i]));
  for (const auto& filler : *fillers) {
    ASSIGN_OR_RETURN(answers.emplace_back(), filler->Await(kAskMax));
  }
  SumAcked(answers, &scene->findings());
  return hub.Stop();
}

std::vector<std::string> AllIds(const std::vector<json>& copies) {
  std::vector<std::string> ids;
  for (const json& worker : copies) {
    for (const json& node : worker["copies"]) {
      for (const auto& [id, copy] : node.items()) ids.push_back(id);
    }
  }
  return ids;
}

// Every copy is version 1 + one commit of its node, and one of a filler.
absl::Status CheckCopies(const Workers& workers, uint64_t version, Findings* findings) {
  ASSIGN_OR_RETURN(const std::vector<json> copies, AskAll(workers, {{"do", "copies"}}, kAskMax));
  uint64_t wrong = 0;
  for (const json& worker : copies) {
    for (const json& node : worker["copies"]) {
      for (const auto& [id, copy] : node.items()) {
        if (copy["version"].get<uint64_t>() != version) ++wrong;
      }
    }
  }
  findings->DemandNone(wrong, "copies that are not at version " + std::to_string(version) +
                                  " after they were resumed");
  return absl::OkStatus();
}

}  // namespace

// A node that has heard nothing for as long as the hub is to be away reads nothing from its copies,
// which is how it is seen that they are back. By then its pauses between tries have become long.
absl::Status MeasureStorm(Scene* scene) {
  Findings& findings = scene->findings();
  const auto away_ms = static_cast<uint64_t>(scene->options().away_s * 1000);
  const size_t nodes = scene->options().storm_nodes;
  const size_t sessions = scene->options().storm_sessions;
  RETURN_IF_ERROR(scene->StartHub());
  ASSIGN_OR_RETURN(Workers workers,
                   scene->StartNodes("storm", nodes, (nodes + kWorkers - 1) / kWorkers,
                                     {"--stale-max-ms", std::to_string(away_ms)}));
  RETURN_IF_ERROR(AskAll(workers, {{"do", "open"}, {"own", sessions}}, kAskMax).status());
  const json once = {{"do", "write"}, {"in_flight", 4}, {"commits", sessions}};
  ASSIGN_OR_RETURN(const std::vector<json> written, AskAll(workers, once, kAskMax));
  const uint64_t acked = SumAcked(written, &findings);
  findings.Figure("nodes", nodes);
  findings.Figure("sessions", acked);
  findings.DemandNone(nodes * sessions - std::min(nodes * sessions, acked), "commits not acked");

  RETURN_IF_ERROR(KillUntilStale(scene, workers));
  ASSIGN_OR_RETURN(const Back current, StartAndAwaitNodes(scene, workers));
  TellReturn("current", current, &findings);
  RETURN_IF_ERROR(CheckCopies(workers, 2, &findings));

  RETURN_IF_ERROR(KillUntilStale(scene, workers));
  ASSIGN_OR_RETURN(const std::vector<json> copies, AskAll(workers, {{"do", "copies"}}, kAskMax));
  Workers fillers;
  RETURN_IF_ERROR(ChangeAll(scene, AllIds(copies), &fillers));
  ASSIGN_OR_RETURN(const Back behind, StartAndAwaitNodes(scene, workers));
  TellReturn("behind", behind, &findings);
  RETURN_IF_ERROR(CheckCopies(workers, 3, &findings));

  ASSIGN_OR_RETURN(const Gauge gauge, scene->HubGauge());
  findings.Figure("hub_rss_peak_bytes", gauge.rss_peak_bytes);
  for (auto& filler : fillers) workers.push_back(std::move(filler));
  RETURN_IF_ERROR(scene->CheckTotals(workers));
  // The hub that the fillers know is no more, so they have nobody to take leave of.
  RETURN_IF_ERROR(StopAll(&workers));
  return scene->StopHub();
}

}  // namespace sessionhub::bench
