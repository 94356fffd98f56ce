// What a frame of 16 deltas takes by itself: the least that the bytes of batches can come to.
#include <nlohmann/json.hpp>
#include <string>

#include "bench/demo/figures.h"
#include "bench/report/report_rows.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr size_t kFrameDeltas = 16;
// None falls into the measurement: the longest that the hub allows.
constexpr char kFrameHeartbeatMs[] = "600000";

// On the wire for each delta, by the kernel's counters at the node's end.
absl::StatusOr<double> MeasureFrameBytes(ReportScene* report, const std::string& folder) {
  Scene scene = report->HubScene(folder);
  RETURN_IF_ERROR(scene.StartHub({"--heartbeat-ms", kFrameHeartbeatMs}));
  ASSIGN_OR_RETURN(const auto node, scene.StartHelper("fan-out-nodes", "frames"));
  RETURN_IF_ERROR(node->Ask({{"do", "attach"}, {"nodes", 0}}, kAskMax).status());
  const double seconds = report->options().seconds;
  ASSIGN_OR_RETURN(const json answer,
                   node->Ask({{"do", "rounds"}, {"seconds", seconds}, {"deltas", kFrameDeltas}},
                             LoopMax(seconds)));
  RETURN_IF_ERROR(node->Stop());
  RETURN_IF_ERROR(scene.StopHub());
  const double deltas = answer["rounds"].get<double>() * kFrameDeltas;
  if (deltas == 0) return absl::InternalError("no frame was answered");
  report->findings().Figure("frames", answer["rounds"]);
  report->findings().Figure("p50_us", answer["p50_us"]);
  return answer["wire_bytes"].get<double>() / deltas;
}

absl::Status MeasureFrame(ReportScene* report, const std::string& folder,
                          const std::optional<LoadFigures>& batched) {
  ASSIGN_OR_RETURN(const double bytes, MeasureFrameBytes(report, folder));
  const Measured frame = {bytes, kHubSurvives};
  report->findings().Figure("wire_bytes_per_change", bytes);
  report->findings().Tell(
      {.name =
           "bytes on the wire beside the value, a frame of 16 changes alone: the least for batches",
       .goal = "",
       .figure = OneDecimal(bytes - kReportValueBytes),
       .survives = frame.survives});
  if (batched && batched->wire_bytes > 0) {
    report->KnownRatio({.name = "bytes on the wire of a change, in batches, beside such a frame",
                        .figure = {batched->wire_bytes, kHubSurvives},
                        .beside = frame});
  }
  const auto echo_bytes = report->Limit("echo", "frames_one_in_flight", "wire_bytes");
  if (echo_bytes) {
    report->KnownRatio(
        {.name = "bytes on the wire of a change in such a frame, beside an echo of 16",
         .figure = frame,
         .beside = *echo_bytes,
         .comparison = Comparison::kUnlike});
  }
  const auto echo_per_s = report->Limit("echo", "frames_sixteen_streams", "per_s");
  if (echo_per_s && batched) {
    report->KnownRatio({.name = "durable commits/s, 16 processes with 16 in flight, beside an echo "
                                "of a frame of 16 on 16 streams",
                        .figure = {batched->commits_per_s, kHubSurvives},
                        .beside = *echo_per_s,
                        .comparison = Comparison::kUnlike});
  }
  return absl::OkStatus();
}

}  // namespace

void TellFrameOfSixteen(ReportScene* scene, const std::optional<LoadFigures>& batched) {
  scene->Measure("frame_of_sixteen", [&](const std::string& own_folder) {
    return MeasureFrame(scene, own_folder, batched);
  });
}

}  // namespace sessionhub::bench
