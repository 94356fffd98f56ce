#include "bench/report/report.h"

#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "bench/demo/figures.h"
#include "bench/limits/limits.h"
#include "bench/load/load.h"
#include "bench/overload/findings.h"
#include "bench/overload/gauge.h"
#include "bench/overload/run_folder.h"
#include "hub/process_limits.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr size_t kProcesses = 16;
constexpr size_t kValueBytes = 16;
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

class Report {
 public:
  Report(const ReportOptions& options, std::string folder)
      : options_(options), folder_(std::move(folder)) {}

  Findings& findings() { return findings_; }

  void Run() {
    RunLimits();
    OneInFlight();
    AgainstRedis("sixteen", 1, "hset_16x1", kRedisRatioMin);
    AgainstRedis("pipelined", 16, "hset_16x16", kRedisPipelinedRatioMin);
    MoreNodes();
    MoreWriters();
    HalfLoad();
  }

 private:
  void RunLimits() {
    LimitsOptions limits;
    limits.seconds = options_.seconds;
    limits.only = {"echo", "append", "turns", "redis_always"};
    LimitRows rows;
    MeasureLimits(limits, folder_, &findings_, &rows);
    findings_.Say("\n" + rows.Table() + "\n");
  }

  // A load under its own name; nothing, and a violation, if it could not be measured.
  std::optional<LoadFigures> Load(const std::string& name, LoadOptions load,
                                  std::optional<double> seconds = std::nullopt) {
    load.seconds = seconds.value_or(options_.seconds);
    load.value_bytes = kValueBytes;
    load.hub_program = options_.hub_program;
    findings_.Begin("load_" + name);
    findings_.Say("load_" + name + ": " + std::to_string(load.nodes) + " nodes, " +
                  std::to_string(load.in_flight_max) + " in flight each" +
                  (load.per_s > 0 ? ", " + OneDecimal(load.per_s) + " commits/s" : ""));
    const std::string folder = folder_ + "/" + name;
    const absl::StatusOr<LoadFigures> figures = MeasureLoad(load, folder, &findings_);
    if (!figures.ok()) {
      findings_.Violation("could not be measured: " + figures.status().ToString());
      return std::nullopt;
    }
    TellLoad(load, *figures, &findings_);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return *figures;
  }

  // Of a limit. Nothing where the peer is not installed, which has been said; else a figure that is
  // not there is a mistake, as its goal would be left out in silence.
  std::optional<double> Limit(const std::string& measure, const std::string& row,
                              const std::string& key) {
    const nlohmann::ordered_json figures =
        findings_.figures().value(measure, nlohmann::ordered_json());
    if (figures.contains("skipped")) return std::nullopt;
    if (figures.contains(row) && figures[row].contains(key)) return figures[row][key].get<double>();
    findings_.Violation("no figure of " + measure + ", " + row + ", " + key);
    return std::nullopt;
  }

  void AtMost(const std::string& name, double figure, double limit, double ratio_max) {
    findings_.Goal(
        name, "<= " + Ratio(ratio_max),
        Ratio(figure / limit) + " (" + OneDecimal(figure) + " beside " + OneDecimal(limit) + ")",
        figure <= ratio_max * limit);
  }

  static std::string Ratio(double ratio) { return TwoDecimals(ratio) + " x"; }
  static std::string TwoDecimals(double number) {
    std::string text = std::to_string(number);
    return text.substr(0, text.find('.') + 3);
  }

  void OneInFlight() {
    const auto figures = Load("one", {.nodes = 1, .sessions = 100});
    if (!figures) return;
    const auto echo_us = Limit("echo", "one_in_flight", "p50_us");
    const auto sync_us = Limit("append", "fdatasync", "p50_us");
    if (echo_us && sync_us) {
      AtMost("commit latency, one in flight, p50 us, beside echo and fdatasync",
             static_cast<double>(figures->latency.PercentileUs(50)), *echo_us + *sync_us,
             kLatencyRatioMax);
    }
    const auto echo_bytes = Limit("echo", "one_in_flight", "wire_bytes");
    if (echo_bytes && figures->wire_bytes > 0) {
      AtMost("bytes on the wire, one in flight, beside echo", figures->wire_bytes, *echo_bytes,
             kWireRatioMax);
    }
  }

  void AgainstRedis(const std::string& name, size_t in_flight, const std::string& redis_row,
                    double ratio_min) {
    const auto figures =
        Load(name, {.nodes = kProcesses, .sessions = 1'600, .in_flight_max = in_flight});
    if (!figures) return;
    if (in_flight == 1) {
      can_do_per_s_ = figures->commits_per_s;
      CpuBesideRedis(*figures, redis_row);
    }
    const auto redis_per_s = Limit("redis_always", redis_row, "per_s");
    if (redis_per_s) {
      findings_.Goal("durable commits/s, 16 processes with " + std::to_string(in_flight) +
                         " in flight, beside Redis always",
                     ">= " + Ratio(ratio_min),
                     Ratio(figures->commits_per_s / *redis_per_s) + " (" +
                         OneDecimal(figures->commits_per_s) + " beside " +
                         OneDecimal(*redis_per_s) + ")",
                     figures->commits_per_s >= ratio_min * *redis_per_s);
    }
    if (in_flight > 1 && figures->wire_bytes > 0) {
      findings_.Goal("bytes on the wire beside the value, in batches",
                     "<= " + OneDecimal(kBatchedBytesMax),
                     OneDecimal(figures->wire_bytes - kValueBytes),
                     figures->wire_bytes - kValueBytes <= kBatchedBytesMax);
    }
  }

  // The same commits of the same two nodes, and ever more others that have no interest in them.
  void MoreNodes() {
    const auto measure = [this](const std::string& name, size_t nodes) {
      LoadOptions load{.nodes = nodes, .sessions = kFewNodes, .per_s = 400, .in_flight_max = 16};
      load.fan_out = kFewNodes;
      load.idle_nodes = nodes - kFewNodes;
      return Load(name, load);
    };
    const auto few = measure("few_nodes", kFewNodes);
    const auto many = measure("many_nodes", kManyNodes);
    if (!few || !many || few->wire_bytes <= 0) return;
    AtMost("bytes on the wire of a change, 64 nodes beside 2", many->wire_bytes, few->wire_bytes,
           kGrowthMax);
  }

  void CpuBesideRedis(const LoadFigures& figures, const std::string& redis_row) {
    findings_.Known("processor us a commit, hub and node, 16 processes",
                    OneDecimal(figures.hub_cpu_us) + " and " + OneDecimal(figures.nodes_cpu_us));
    const auto redis_s = Limit("redis_always", redis_row, "cpu_s_per_10k");
    if (redis_s) findings_.Known("the same, Redis always, its server", OneDecimal(*redis_s * 100));
  }

  // A balancer that knows of no sessions, and ever more nodes behind it.
  void MoreWriters() {
    std::optional<double> one_us;
    for (size_t nodes = 1; nodes <= kWritersMax; nodes *= 2) {
      const auto figures = Load("round_robin_" + std::to_string(nodes), {.nodes = nodes,
                                                                         .round_robin = true,
                                                                         .sessions = 40,
                                                                         .per_s = kWritersPerS,
                                                                         .in_flight_max = 16});
      if (!figures) return;
      const auto p50_us = static_cast<double>(figures->latency.PercentileUs(50));
      if (!one_us) one_us = p50_us;
      if (nodes == 1) continue;
      AtMost("round-robin commit latency, p50 us, " + std::to_string(nodes) + " nodes beside 1",
             p50_us, *one_us, kWritersRatioMax);
    }
  }

  // Long enough for flushes and compactions, which must not show as cliffs.
  void HalfLoad() {
    if (can_do_per_s_ <= 0) return;
    const auto figures = Load(
        "half",
        {.nodes = kProcesses, .sessions = 1'600, .per_s = can_do_per_s_ / 2, .in_flight_max = 16},
        options_.half_load_s);
    if (!figures) return;
    const auto us = [&](double percent) {
      return static_cast<double>(figures->latency.PercentileUs(percent));
    };
    findings_.Known("at half load for " + OneDecimal(options_.half_load_s) + " s, p50 and p99 us",
                    OneDecimal(us(50)) + " and " + OneDecimal(us(99)));
    AtMost("at half load, p99.9 us beside p99", us(99.9), us(99), kCliffMax);
    findings_.Known("at half load, bytes to disk for each changed byte",
                    OneDecimal(figures->disk_bytes / kValueBytes));
  }

  const ReportOptions& options_;
  const std::string folder_;
  double can_do_per_s_ = 0;  // 16 processes with one commit in flight
  Findings findings_;
};

}  // namespace

absl::StatusOr<bool> RunReport(const ReportOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // a process that has ended is found out by what write() answers
  hub::RaiseDescriptorsMax();
  ASSIGN_OR_RETURN(const std::string folder, MakeRunFolder("report", options.folder));
  Report report(options, folder);
  Findings& findings = report.findings();
  findings.Say("sessionhub report: " + DescribeMachine() + "; everything is in " + folder +
               ", which is removed at the end if all is well");
  report.Run();
  findings.Say("");
  findings.SayGoals();
  return EndRun(findings, folder, {options.json_path, options.command, options.commit},
                "all was measured, and no promise was broken");
}

}  // namespace sessionhub::bench
