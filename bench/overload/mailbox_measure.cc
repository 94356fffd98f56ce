#include <algorithm>
#include <string>
#include <utility>

#include "bench/demo/figures.h"
#include "bench/overload/measures.h"
#include "proto/session/status_macros.h"
#include "proto/session/windows.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr size_t kFlooders = 16;
constexpr size_t kFloodersOfWorkerMax = 4;
constexpr size_t kSessionsOfFlooder = 32;
constexpr size_t kPendingBytesMax = 64 << 20;

// What the hub is started with: small, so that what grows with the load shows beside it.
constexpr uint64_t kValueBytesMax = 256 << 10;
constexpr uint64_t kDeltaBytesMax = 512 << 10;
constexpr uint64_t kFrameBytesMax = 1 << 20;
constexpr uint64_t kMailboxBytesMax = 4 << 20;
constexpr uint64_t kBlockCacheBytes = 16 << 20;
// Of RocksDB: two write buffers of 64 MiB each for the fields and for the meta records.
constexpr uint64_t kWriteBufferBytes = 4 * (64 << 20);

struct Load {
  const char* name;
  size_t share;  // one in so many of the commits at once
  size_t value_bytes;
  size_t operations;
};
constexpr Load kFewLargeValues = {"a_quarter_of_large_values", 4, 128 << 10, 0};
constexpr Load kLargeValues = {"large_values", 1, 128 << 10, 0};
constexpr Load kManyOperations = {"many_operations", 1, 0, 900};
// What four times as many commits at once may add to the peak of the hub's memory.
constexpr double kGrowthMax = 1.25;

// What the hub may take beside what it has when it is idle: the mailbox, the turn that was taken
// out of it, the record that the turn writes and RocksDB's batch of it; of each node what waits
// before it is read, the frame that is being read and the inputs of the one before; RocksDB's
// buffers and cache.
constexpr uint64_t kBoundBytes = 4 * kMailboxBytesMax +
                                 kFlooders * (2 * kFrameBytesMax + kWindowBytes) +
                                 kWriteBufferBytes + kBlockCacheBytes;

// The peak of the hub's memory.
absl::StatusOr<double> RunLoad(Scene* scene, const Load& load, uint64_t idle_bytes,
                               const Workers& workers) {
  Findings& findings = scene->findings();
  const double seconds = scene->options().load_s;
  const size_t in_flight = std::max<size_t>(1, scene->options().flood / load.share);
  RETURN_IF_ERROR(ResetPeak(scene->hub().pid()));
  const json write = {{"do", "write"},
                      {"seconds", seconds},
                      {"in_flight", in_flight},
                      {"value_bytes", load.value_bytes},
                      {"operations", load.operations}};
  const int64_t begun_us = MonotonicMicros();
  ASSIGN_OR_RETURN(const std::vector<json> answers, AskAll(workers, write, LoopMax(seconds)));
  const double took_s = static_cast<double>(MonotonicMicros() - begun_us) / 1e6;
  const uint64_t acked = SumAcked(answers, &findings);
  ASSIGN_OR_RETURN(const Gauge gauge, scene->HubGauge());
  const uint64_t bound = idle_bytes + kBoundBytes;
  const std::vector<double> ms = LatenciesMs(answers);
  findings.Figure(load.name,
                  nlohmann::ordered_json{{"commits_at_once", kFlooders * in_flight},
                                         {"commits_per_s", static_cast<double>(acked) / took_s},
                                         {"commit_ms", DescribeMs(ms)},
                                         {"hub_rss_idle_bytes", idle_bytes},
                                         {"hub_rss_peak_bytes", gauge.rss_peak_bytes},
                                         {"hub_rss_bound_bytes", bound}});
  findings.Say("  " + std::string(load.name) + ": " + std::to_string(kFlooders * in_flight) +
               " commits at once, " + OneDecimal(static_cast<double>(acked) / took_s) +
               " a second, " + OneDecimal(Percentile(ms, 50)) + " ms (median), " +
               OneDecimal(Percentile(ms, 99)) + " (99 %)");
  findings.Goal(std::string(load.name) + ", peak of the hub's memory",
                "<= " + InMebibytes(static_cast<double>(bound)),
                InMebibytes(static_cast<double>(gauge.rss_peak_bytes)),
                gauge.rss_peak_bytes <= bound);
  return static_cast<double>(gauge.rss_peak_bytes);
}

}  // namespace

absl::Status MeasureMailbox(Scene* scene) {
  RETURN_IF_ERROR(scene->StartHub({"--value-bytes-max", std::to_string(kValueBytesMax),
                                   "--delta-bytes-max", std::to_string(kDeltaBytesMax),
                                   "--frame-bytes-max", std::to_string(kFrameBytesMax),
                                   "--mailbox-bytes-max", std::to_string(kMailboxBytesMax),
                                   "--block-cache-bytes", std::to_string(kBlockCacheBytes)}));
  ASSIGN_OR_RETURN(Workers workers,
                   scene->StartNodes("flood", kFlooders, kFloodersOfWorkerMax,
                                     {"--pending-bytes-max", std::to_string(kPendingBytesMax)}));
  RETURN_IF_ERROR(AskAll(workers, {{"do", "open"}, {"own", kSessionsOfFlooder}}, kAskMax).status());
  ASSIGN_OR_RETURN(const Gauge idle, scene->HubGauge());
  ASSIGN_OR_RETURN(const double few, RunLoad(scene, kFewLargeValues, idle.rss_bytes, workers));
  ASSIGN_OR_RETURN(const double all, RunLoad(scene, kLargeValues, idle.rss_bytes, workers));
  RETURN_IF_ERROR(RunLoad(scene, kManyOperations, idle.rss_bytes, workers).status());
  scene->findings().Figure("growth_with_four_times_the_commits", all / few);
  scene->findings().Goal("peak with four times as many commits at once",
                         "<= " + OneDecimal(100 * kGrowthMax) + " %",
                         OneDecimal(100 * all / few) + " %", all <= kGrowthMax * few);
  RETURN_IF_ERROR(scene->CheckTotals(workers));
  RETURN_IF_ERROR(StopAll(&workers));
  return scene->StopHub();
}

}  // namespace sessionhub::bench
