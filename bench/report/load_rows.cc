#include <optional>
#include <string>

#include "bench/demo/figures.h"
#include "bench/report/report_rows.h"

namespace sessionhub::bench {
namespace {

constexpr double kLatencyRatioMax = 1.4;
constexpr double kRedisRatioMin = 1;
constexpr double kRedisPipelinedRatioMin = 2;
constexpr double kWireRatioMax = 1.1;
constexpr double kBatchedBytesMax = 45;
constexpr double kGrowthMax = 1.05;
constexpr size_t kFewNodes = 2;
constexpr size_t kManyNodes = 64;
constexpr size_t kWritersMax = 8;
constexpr double kWritersPerS = 400;       // of all of them: far from what the hub can do
constexpr double kWritersRatioMax = 1.25;  // of the latency with one
constexpr double kCliffMax = 5;            // p99.9 beside p99

std::optional<LoadFigures> LoadByProcesses(ReportScene* scene, const std::string& name,
                                           size_t in_flight) {
  const auto figures =
      scene->Load(name, {.nodes = kReportProcesses, .sessions = 1'600, .in_flight_max = in_flight});
  if (figures && in_flight == 1) scene->can_do_per_s = figures->commits_per_s;
  return figures;
}

void TellCpuBesideRedis(ReportScene* scene, const LoadFigures& figures,
                        const std::string& redis_row) {
  scene->findings().Tell(
      {.name = "processor us a commit, hub and node, 16 processes",
       .goal = "",
       .figure = OneDecimal(figures.hub_cpu_us) + " and " + OneDecimal(figures.nodes_cpu_us),
       .survives = kHubSurvives});
  const auto redis_s = scene->Limit("redis_always", redis_row, "cpu_s_per_10k");
  if (!redis_s) return;
  scene->findings().Tell({.name = "the same, Redis always, its server",
                          .goal = "",
                          .figure = OneDecimal(redis_s->value * 100),
                          .survives = redis_s->survives});
}

std::optional<LoadFigures> TellAgainstRedis(ReportScene* scene, const std::string& name,
                                            size_t in_flight, const std::string& redis_row,
                                            double ratio_min) {
  const auto figures = LoadByProcesses(scene, name, in_flight);
  if (!figures) return figures;
  if (in_flight == 1) TellCpuBesideRedis(scene, *figures, redis_row);
  const auto redis_per_s = scene->Limit("redis_always", redis_row, "per_s");
  if (redis_per_s) {
    scene->AtLeast({.name = "durable commits/s, 16 processes with " + std::to_string(in_flight) +
                            " in flight, beside Redis always",
                    .figure = {figures->commits_per_s, kHubSurvives},
                    .beside = *redis_per_s,
                    .bound = ratio_min});
  }
  if (in_flight > 1 && figures->wire_bytes > 0) {
    const double beside_value = figures->wire_bytes - kReportValueBytes;
    scene->findings().Tell({.name = "bytes on the wire beside the value, in batches",
                            .goal = "<= " + OneDecimal(kBatchedBytesMax),
                            .figure = OneDecimal(beside_value),
                            .reached = beside_value <= kBatchedBytesMax,
                            .source = GoalSource::kDesign,
                            .survives = kHubSurvives});
  }
  return figures;
}

// p50 in us of the same commits by so many nodes: each on all sessions, or each on its own.
std::optional<Measured> MeasureWriters(ReportScene* scene, const std::string& name, size_t nodes,
                                       bool round_robin) {
  const auto figures = scene->Load(name + "_" + std::to_string(nodes), {.nodes = nodes,
                                                                        .round_robin = round_robin,
                                                                        .sessions = 40,
                                                                        .per_s = kWritersPerS,
                                                                        .in_flight_max = 16});
  if (!figures) return std::nullopt;
  return Measured{static_cast<double>(figures->latency.PercentileUs(50)), kHubSurvives};
}

}  // namespace

void TellOneInFlight(ReportScene* scene) {
  const auto figures = scene->Load("one", {.nodes = 1, .sessions = 100});
  if (!figures) return;
  const auto echo_us = scene->Limit("echo", "one_in_flight", "p50_us");
  const auto sync_us = scene->Limit("append", "fdatasync", "p50_us");
  if (echo_us && sync_us) {
    // Of both together the same survives as of the append.
    scene->AtMost({.name = "commit latency, one in flight, p50 us, beside echo and fdatasync",
                   .figure = {static_cast<double>(figures->latency.PercentileUs(50)), kHubSurvives},
                   .beside = {echo_us->value + sync_us->value, sync_us->survives},
                   .bound = kLatencyRatioMax});
  }
  const auto echo_bytes = scene->Limit("echo", "one_in_flight", "wire_bytes");
  if (echo_bytes && figures->wire_bytes > 0) {
    scene->AtMost({.name = "bytes on the wire, one in flight, beside echo",
                   .figure = {figures->wire_bytes, kHubSurvives},
                   .beside = *echo_bytes,
                   .bound = kWireRatioMax,
                   .comparison = Comparison::kUnlike});
  }
  const auto redis_bytes = scene->Limit("redis_always", "hset_1x1", "wire_bytes");
  if (redis_bytes && figures->wire_bytes > 0) {
    scene->AtMost({.name = "stretch: bytes on the wire, one in flight, beside Redis always, HSET",
                   .figure = {figures->wire_bytes, kHubSurvives},
                   .beside = *redis_bytes});
  }
}

void TellProcesses(ReportScene* scene) {
  TellAgainstRedis(scene, "sixteen", 1, "hset_16x1", kRedisRatioMin);
  const auto batched =
      TellAgainstRedis(scene, "pipelined", 16, "hset_16x16", kRedisPipelinedRatioMin);
  TellFrameOfSixteen(scene, batched);
}

void TellMoreNodes(ReportScene* scene) {
  const auto measure = [scene](const std::string& name, size_t nodes) {
    LoadOptions load{.nodes = nodes, .sessions = kFewNodes, .per_s = 400, .in_flight_max = 16};
    load.fan_out = kFewNodes;
    load.idle_nodes = nodes - kFewNodes;
    return scene->Load(name, load);
  };
  const auto few = measure("few_nodes", kFewNodes);
  const auto many = measure("many_nodes", kManyNodes);
  if (!few || !many || few->wire_bytes <= 0) return;
  scene->AtMost({.name = "bytes on the wire of a change, 64 nodes beside 2",
                 .figure = {many->wire_bytes, kHubSurvives},
                 .beside = {few->wire_bytes, kHubSurvives},
                 .bound = kGrowthMax,
                 .source = GoalSource::kOwn});
}

void TellMoreWriters(ReportScene* scene) {
  const auto one = MeasureWriters(scene, "round_robin", 1, true);
  if (!one) return;
  for (size_t nodes = 2; nodes <= kWritersMax; nodes *= 2) {
    const auto shared = MeasureWriters(scene, "round_robin", nodes, true);
    const auto sticky = MeasureWriters(scene, "sticky", nodes, false);
    if (!shared || !sticky) return;
    const std::string count = std::to_string(nodes) + " nodes";
    scene->AtMost({.name = "round-robin commit latency, p50 us, " + count + " beside 1",
                   .figure = *shared,
                   .beside = *one,
                   .bound = kWritersRatioMax,
                   .source = GoalSource::kOwn});
    scene->KnownRatio({.name = "of it by more processes on this machine: sticky, " + count +
                               " that share nothing, beside 1",
                       .figure = *sticky,
                       .beside = *one});
    scene->KnownRatio({.name = "of it by sharing: round-robin beside sticky, " + count,
                       .figure = *shared,
                       .beside = *sticky});
  }
}

double MeasureCanDo(ReportScene* scene) {
  if (scene->can_do_per_s <= 0) LoadByProcesses(scene, "sixteen", 1);
  return scene->can_do_per_s;
}

void TellHalfLoad(ReportScene* scene) {
  const double can_do_per_s = MeasureCanDo(scene);
  if (can_do_per_s <= 0) return;  // which has been said
  const auto figures = scene->Load("half",
                                   {.nodes = kReportProcesses,
                                    .sessions = 1'600,
                                    .per_s = can_do_per_s / 2,
                                    .in_flight_max = 16},
                                   scene->options().half_load_s);
  if (!figures) return;
  const auto us = [&](double percent) {
    return static_cast<double>(figures->latency.PercentileUs(percent));
  };
  scene->findings().Tell({.name = "at half load for " + OneDecimal(scene->options().half_load_s) +
                                  " s, p50 and p99 us",
                          .goal = "",
                          .figure = OneDecimal(us(50)) + " and " + OneDecimal(us(99)),
                          .survives = kHubSurvives});
  scene->AtMost({.name = "at half load, p99.9 us beside p99",
                 .figure = {us(99.9), kHubSurvives},
                 .beside = {us(99), kHubSurvives},
                 .bound = kCliffMax,
                 .source = GoalSource::kOwn});
  scene->findings().Tell({.name = "at half load, bytes to disk for each changed byte",
                          .goal = "",
                          .figure = OneDecimal(figures->disk_bytes / kReportValueBytes),
                          .survives = kHubSurvives});
}

}  // namespace sessionhub::bench
