#include <nlohmann/json.hpp>
#include <string>

#include "bench/demo/figures.h"
#include "bench/report/report_rows.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr double kCopyRatioMax = 1.2;
constexpr double kSharedCopyUsMax = 5;
constexpr size_t kSharingMin = 8;  // deltas in a frame for that
// In one frame of the writer. The hub may cut them into several turns, so there are more than are
// to share a frame.
constexpr size_t kBurst = 32;
// None falls into the measurement, as the bare streams have none: the longest that the hub allows.
constexpr char kHeartbeatMs[] = "600000";

struct FanOutFigures {
  double copy_us = 0;  // of the hub's processor time
  double deltas_of_frame = 0;
};

absl::StatusOr<FanOutFigures> RunRounds(const ReportScene& report, const Scene& scene,
                                        Worker* nodes, size_t deltas) {
  const double seconds = report.options().seconds;
  ASSIGN_OR_RETURN(const Gauge before, scene.HubGauge());
  ASSIGN_OR_RETURN(
      const json answer,
      nodes->Ask({{"do", "rounds"}, {"seconds", seconds}, {"deltas", deltas}}, LoopMax(seconds)));
  ASSIGN_OR_RETURN(const Gauge after, scene.HubGauge());
  const double copies =
      answer["rounds"].get<double>() * static_cast<double>(report.options().streams * deltas);
  const double frames = answer["frames"].get<double>();
  if (copies == 0 || frames == 0) return absl::InternalError("no delta was forwarded");
  return FanOutFigures{(after.cpu_s - before.cpu_s) * 1e6 / copies, copies / frames};
}

absl::Status MeasureHubFanOut(ReportScene* report, const std::string& folder) {
  Scene scene = report->HubScene(folder);
  RETURN_IF_ERROR(scene.StartHub({"--heartbeat-ms", kHeartbeatMs}));
  ASSIGN_OR_RETURN(const auto nodes, scene.StartHelper("fan-out-nodes", "fan-out"));
  const json attach = {{"do", "attach"}, {"nodes", report->options().streams}};
  RETURN_IF_ERROR(nodes->Ask(attach, kAskMax).status());
  ASSIGN_OR_RETURN(const FanOutFigures one, RunRounds(*report, scene, nodes.get(), 1));
  ASSIGN_OR_RETURN(const FanOutFigures burst, RunRounds(*report, scene, nodes.get(), kBurst));
  RETURN_IF_ERROR(nodes->Stop());
  RETURN_IF_ERROR(scene.StopHub());

  Findings& findings = report->findings();
  findings.Figure("copy_us", one.copy_us);
  findings.Figure("shared_copy_us", burst.copy_us);
  findings.Figure("deltas_of_frame", burst.deltas_of_frame);
  const std::string streams = std::to_string(report->options().streams);
  const auto bare_s = report->Limit("fan_out", "copies", "cpu_s_per_10k");
  if (bare_s) {
    report->AtMost({.name = "processor us of a forwarded copy, one delta to " + streams +
                            " nodes, beside a bare write",
                    .figure = {one.copy_us, kHubSurvives},
                    .beside = {bare_s->value * 100, bare_s->survives},
                    .bound = kCopyRatioMax,
                    .comparison = Comparison::kUnlike});
  }
  findings.Tell(
      {.name = "processor us of a forwarded copy where " + std::to_string(kSharingMin) +
               " deltas or more share a frame",
       .goal = "<= " + OneDecimal(kSharedCopyUsMax),
       .figure =
           TwoDecimals(burst.copy_us) + " (" + OneDecimal(burst.deltas_of_frame) + " a frame)",
       .reached = burst.copy_us <= kSharedCopyUsMax && burst.deltas_of_frame >= kSharingMin,
       .source = GoalSource::kDesign,
       .survives = kHubSurvives});
  return absl::OkStatus();
}

}  // namespace

void TellFanOut(ReportScene* scene) {
  scene->Measure("hub_fan_out", [scene](const std::string& own_folder) {
    return MeasureHubFanOut(scene, own_folder);
  });
}

}  // namespace sessionhub::bench
