#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/demo/figures.h"
#include "bench/report/crowd_nodes.h"
#include "bench/report/data_folder.h"
#include "bench/report/report_rows.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr char kLargePrefix[] = "large-";
// Near to what a session, a value and a delta may have: 16 MiB, 1 MiB, and 2 MiB.
constexpr size_t kLargeFields = 16;
constexpr size_t kLargeValueBytes = 1'000'000;
constexpr size_t kHotNodes = 4;
constexpr size_t kHotSessions = 25;  // of each node
constexpr size_t kHotFields = 20;
constexpr size_t kHotBytes = 4'096;
constexpr double kHotPerS = 800;  // of all of them: a fifth of what the hub can do
constexpr size_t kHotInFlight = 64;
constexpr double kHotWarmUpS = 1;
constexpr double kSlackS = 2;  // the large ones are opened for so much longer
constexpr double kColdRatioMax = 1.5;
constexpr char kOtherFolder[] = "/other";

class ColdLargeRow {
 public:
  ColdLargeRow(ReportScene* report, const std::string& folder)
      : report_(*report),
        folder_(folder),
        count_(report->options().large_sessions),
        scene_(report->HubScene(folder)),
        other_(report->HubScene(folder + kOtherFolder)) {}

  absl::Status Run() {
    RETURN_IF_ERROR(Prepare(&scene_, folder_));
    RETURN_IF_ERROR(Prepare(&other_, folder_ + kOtherFolder));
    ASSIGN_OR_RETURN(Workers hot, StartHot());
    RETURN_IF_ERROR(AwaitQuiet(scene_.hub().pid()));
    ASSIGN_OR_RETURN(const Served without, Commit(hot));
    ASSIGN_OR_RETURN(const Beside elsewhere, CommitBeside(other_, hot));
    ASSIGN_OR_RETURN(const Beside here, CommitBeside(scene_, hot));
    Tell(without, elsewhere, here);
    RETURN_IF_ERROR(StopAll(&hot));
    RETURN_IF_ERROR(scene_.StopHub());
    return other_.StopHub();
  }

 private:
  struct Beside {
    Served hot;
    Served opened;
  };

  // Started again on its data, a hub has nothing of them in its caches, nor has the kernel.
  absl::Status Prepare(Scene* scene, const std::string& folder) {
    RETURN_IF_ERROR(scene->StartHub());
    RETURN_IF_ERROR(MakeLarge(*scene));
    RETURN_IF_ERROR(scene->StopHub());
    RETURN_IF_ERROR(ForgetPages(folder + "/hub"));
    return scene->hub().Start();
  }

  absl::Status MakeLarge(const Scene& scene) {
    ASSIGN_OR_RETURN(Workers maker, StartGenerators(scene, "maker", 1));
    const json fill = {{"do", "populate"},       {"prefix", kLargePrefix},
                       {"fields", kLargeFields}, {"value_bytes", kLargeValueBytes},
                       {"fields_of_commit", 1},  {"at_once", 1}};
    RETURN_IF_ERROR(SendShares(maker, fill, 0, count_));
    RETURN_IF_ERROR(AwaitAll(maker, kAskMax).status());
    return StopAll(&maker);
  }

  // While another node opens large sessions at the hub of `scene`.
  absl::StatusOr<Beside> CommitBeside(const Scene& scene, const Workers& hot) {
    Beside beside;
    ASSIGN_OR_RETURN(Workers opener, StartGenerators(scene, "opener", 1));
    RETURN_IF_ERROR(SendShares(opener, OpenInTurn(), 0, count_));
    ASSIGN_OR_RETURN(beside.hot, Commit(hot));
    ASSIGN_OR_RETURN(const auto answers, AwaitAll(opener, LoopMax(OpenerSeconds())));
    ASSIGN_OR_RETURN(beside.opened, SumServed(answers, OpenerSeconds()));
    RETURN_IF_ERROR(StopAll(&opener));
    return beside;
  }

  absl::StatusOr<Workers> StartHot() {
    ASSIGN_OR_RETURN(Workers hot, StartGenerators(scene_, "hot", kHotNodes));
    for (size_t node = 0; node < hot.size(); ++node) {
      std::vector<std::string> ids;
      for (size_t i = 0; i < kHotSessions; ++i) {
        ids.push_back("hot-" + std::to_string(node) + "-" + std::to_string(i));
      }
      RETURN_IF_ERROR(hot[node]->Ask({{"do", "open"}, {"written", ids}}, kAskMax).status());
    }
    const json fill = {{"do", "fill"}, {"fields", kHotFields}, {"bytes", kHotBytes}};
    RETURN_IF_ERROR(AskAll(hot, fill, kAskMax).status());
    return hot;
  }

  double Seconds() const { return report_.options().seconds; }
  double OpenerSeconds() const { return kHotWarmUpS + Seconds() + kSlackS; }

  json OpenInTurn() const {
    return {{"do", "serve"},   {"prefix", kLargePrefix}, {"fields", kLargeFields},
            {"in_turn", true}, {"change", false},        {"seconds", OpenerSeconds()}};
  }

  absl::StatusOr<Served> Commit(const Workers& hot) {
    json run = {{"do", "run"},
                {"per_s", kHotPerS / static_cast<double>(kHotNodes)},
                {"in_flight_max", kHotInFlight},
                {"session_fields", kHotFields},
                {"value_bytes", kReportValueBytes},
                {"warm_up_s", kHotWarmUpS},
                {"seconds", Seconds()}};
    for (size_t node = 0; node < hot.size(); ++node) {
      // Each has its turn within the time between two commits of a node.
      run["delay_s"] = static_cast<double>(node) / kHotPerS;
      RETURN_IF_ERROR(hot[node]->Send(run));
    }
    ASSIGN_OR_RETURN(const auto answers, AwaitAll(hot, LoopMax(Seconds() + kHotWarmUpS)));
    return SumServed(answers, Seconds());
  }

  void Tell(const Served& without, const Beside& elsewhere, const Beside& here) {
    Findings& findings = report_.findings();
    findings.Figure("hot_us", DescribeUs(without.latency));
    findings.Figure("hot_us_beside_large", DescribeUs(here.hot.latency));
    findings.Figure("opens_us", DescribeUs(here.opened.latency));
    findings.Figure("hot_us_beside_large_elsewhere", DescribeUs(elsewhere.hot.latency));
    findings.Figure("opens_us_elsewhere", DescribeUs(elsewhere.opened.latency));
    const auto p99_us = [](const Served& hot) {
      return static_cast<double>(hot.latency.PercentileUs(99));
    };
    report_.AtMost(
        {.name = "p99 us of hot commits while large cold sessions are opened, beside without",
         .figure = {p99_us(here.hot), kHubSurvives},
         .beside = {p99_us(without), kHubSurvives},
         .bound = kColdRatioMax});
    findings.Tell({.name = "the same while they are opened at another hub of this machine, p99 us",
                   .goal = "",
                   .figure = OneDecimal(p99_us(elsewhere.hot)),
                   .survives = kHubSurvives});
    findings.Known(
        "large sessions opened meanwhile, here and there, and the p50 of one here, ms",
        std::to_string(here.opened.latency.count()) + " and " +
            std::to_string(elsewhere.opened.latency.count()) + " of " +
            InMebibytes(static_cast<double>(kLargeFields * kLargeValueBytes)) + ", " +
            OneDecimal(static_cast<double>(here.opened.latency.PercentileUs(50)) / 1'000));
  }

  ReportScene& report_;
  const std::string folder_;
  const size_t count_;
  Scene scene_;
  Scene other_;  // for comparison: nothing of it is the hub's that is measured
};

}  // namespace

void TellColdLarge(ReportScene* scene) {
  scene->Measure("cold_large", [scene](const std::string& own_folder) {
    return ColdLargeRow(scene, own_folder).Run();
  });
}

}  // namespace sessionhub::bench
