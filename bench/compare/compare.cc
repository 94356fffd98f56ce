#include "bench/compare/compare.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <utility>

#include "bench/compare/cluster.h"
#include "bench/compare/interrupt.h"
#include "bench/compare/measure.h"
#include "bench/compare/report_page.h"
#include "bench/compare/results.h"
#include "bench/compare/risks.h"
#include "bench/compare/strategies.h"
#include "bench/compare/test_bed.h"
#include "bench/demo/commit_log.h"
#include "bench/demo/figures.h"
#include "bench/overload/run_folder.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// The least time for which a cluster is watched idle.
constexpr double kIdleS = 2;

void Say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

// Whoever asks for a cell, or is in a hurry, wants figures and no minute of faults beside them.
bool MeasuresRisks(const CompareOptions& options) {
  const SweepOptions& sweep = options.sweep;
  const bool asks_for_cells = !sweep.nodes.empty() || !sweep.routing.empty() ||
                              !sweep.session_bytes.empty() || !sweep.fields_changed.empty() ||
                              !sweep.read_percent.empty() || !sweep.connections.empty();
  return options.risks.value_or(!asks_for_cells && !sweep.quick);
}

RiskPlan PlanRisks(const CompareOptions& options) {
  constexpr size_t kTrials = 100;
  constexpr size_t kQuickTrials = 5;
  const size_t usual = options.sweep.quick ? kQuickTrials : kTrials;
  const size_t trials = options.risk_trials > 0 ? options.risk_trials : usual;
  return options.sweep.quick ? QuickRisks(trials) : UsualRisks(trials);
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  gmtime_r(&now, &parts);
  char text[sizeof("2026-11-30T09:00:00Z")] = "";
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// Where time is short what would be missed most comes first: sessionhub; and last virtual machines,
// which take the most of it.
int MissedLeast(const ComparedStrategy* strategy) {
  if (strategy->name.starts_with("sessionhub")) return 0;
  return strategy->requests_before == 0 ? 1 : 2;
}

class ComparisonRun {
 public:
  ComparisonRun(const CompareOptions& options, TestBed* bed, std::string folder)
      : options_(options), bed_(*bed), folder_(std::move(folder)), begin_us_(MonotonicMicros()) {
    results_.command = options.command;
    results_.commit = options.commit;
    results_.quick = options.sweep.quick;
    results_.started_at = UtcNow();
    results_.network = bed->network();
    for (const ComparedStrategy& strategy : AllStrategies()) {
      if (!IsAskedFor(strategy)) continue;
      strategies_.push_back(&strategy);
      results_.strategies.push_back(strategy.name);
    }
    std::ranges::stable_sort(strategies_, {}, MissedLeast);
  }

  absl::Status Run(const std::vector<ClusterPlan>& plans);
  // What is risked with each strategy.
  absl::Status RunRisks();
  bool failed() const { return failed_; }
  // With the time that it has taken until now.
  const CompareResults& results() {
    results_.seconds = seconds();
    return results_;
  }

 private:
  bool IsAskedFor(const ComparedStrategy& strategy) const {
    return options_.only.empty() || std::ranges::count(options_.only, strategy.name) > 0;
  }
  bool IsSkipped(const std::string& strategy) const {
    return std::ranges::count(results_.skipped, strategy, &SkippedStrategy::strategy) > 0;
  }
  bool IsTimeOver() const {
    const double usual = options_.sweep.quick ? kQuickCompareMaxS : kCompareMaxS;
    return seconds() > (options_.time_max_s > 0 ? options_.time_max_s : usual);
  }
  double seconds() const { return static_cast<double>(MonotonicMicros() - begin_us_) / 1e6; }
  // Those of the plan that the strategy can be measured in.
  ClusterPlan PlanFor(const ComparedStrategy& strategy, const ClusterPlan& plan) const;

  absl::Status RunOne(const ComparedStrategy& strategy, const ClusterPlan& plan);
  absl::Status Measure(const ComparedStrategy& strategy, const ClusterPlan& plan,
                       const std::string& folder);
  absl::Status MeasureIdle(const ComparedStrategy& strategy, const ClusterPlan& plan,
                           CellMeasure* measure);
  absl::Status MeasureCells(const ComparedStrategy& strategy, const ClusterPlan& plan,
                            CellMeasure* measure);
  void Skip(const ComparedStrategy& strategy, const std::string& why);

  const CompareOptions& options_;
  TestBed& bed_;
  const std::string folder_;
  const int64_t begin_us_;
  std::vector<const ComparedStrategy*> strategies_;  // in the order in which they are measured
  CompareResults results_;
  bool failed_ = false;
};

absl::Status ComparisonRun::Run(const std::vector<ClusterPlan>& plans) {
  // They come after the cells of the first clusters, which would be missed most.
  const size_t first_nodes = plans.empty() ? 0 : plans.front().nodes;
  bool risks_are_due = MeasuresRisks(options_);
  for (const ClusterPlan& plan : plans) {
    if (risks_are_due && plan.nodes != first_nodes) {
      RETURN_IF_ERROR(RunRisks());
      risks_are_due = false;
    }
    for (const ComparedStrategy* const strategy : strategies_) {
      const ClusterPlan own_plan = PlanFor(*strategy, plan);
      if (own_plan.cells.empty() || IsSkipped(strategy->name)) continue;
      if (IsTimeOver()) {
        Skip(*strategy, "its time was over at " + std::to_string(plan.nodes) +
                            " nodes: --time-max-s gives it more");
        continue;
      }
      RETURN_IF_ERROR(RunOne(*strategy, own_plan));
    }
  }
  return risks_are_due ? RunRisks() : absl::OkStatus();
}

ClusterPlan ComparisonRun::PlanFor(const ComparedStrategy& strategy,
                                   const ClusterPlan& plan) const {
  ClusterPlan own = {.nodes = plan.nodes, .cells = {}};
  if (plan.nodes > strategy.nodes_max) return own;
  // In a hurry one routing has to do: the harder one.
  const bool one_routing = options_.sweep.quick && options_.sweep.routing.empty();
  for (const Cell& cell : plan.cells) {
    const bool sticky = strategy.sticky && !(one_routing && strategy.round_robin);
    if (cell.round_robin ? strategy.round_robin : sticky) own.cells.push_back(cell);
  }
  return own;
}

absl::Status ComparisonRun::RunRisks() {
  for (const ComparedStrategy* const strategy : strategies_) {
    if (IsSkipped(strategy->name)) continue;
    if (IsTimeOver()) {
      Skip(*strategy, "its time was over before its risks: --time-max-s gives it more");
      continue;
    }
    Say(strategy->title + ", risks (" + OneDecimal(seconds()) + " s):");
    const std::string folder = folder_ + "/" + strategy->name + "-risks";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const absl::StatusOr<RiskFigures> figures =
        MeasureRisks(*strategy, PlanRisks(options_), &bed_, folder,
                     [](const std::string& line) { Say("  " + line); });
    if (Interrupted()) return absl::CancelledError("interrupted");
    if (!figures.ok()) {
      failed_ = failed_ || !absl::IsNotFound(figures.status());
      Skip(*strategy, figures.status().ToString());
      continue;
    }
    results_.risks.push_back(RisksJson(*figures));
    if (AnyFailed(*figures)) {
      failed_ = true;
    } else {
      std::filesystem::remove_all(folder, error);
    }
  }
  return absl::OkStatus();
}

void ComparisonRun::Skip(const ComparedStrategy& strategy, const std::string& why) {
  Say("  skipped from here on: " + why);
  results_.skipped.push_back({strategy.name, why});
}

// OK unless nothing more is to be measured.
absl::Status ComparisonRun::RunOne(const ComparedStrategy& strategy, const ClusterPlan& plan) {
  Say(strategy.title + ", " + std::to_string(plan.nodes) + " nodes (" + OneDecimal(seconds()) +
      " s):");
  const std::string folder = folder_ + "/" + strategy.name + "-" + std::to_string(plan.nodes);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const absl::Status status = Measure(strategy, plan, folder);
  if (Interrupted()) return absl::CancelledError("interrupted");
  if (absl::IsNotFound(status)) {
    Skip(strategy, std::string(status.message()));
  } else if (!status.ok()) {
    Skip(strategy, status.ToString());
    failed_ = true;
    return absl::OkStatus();
  }
  std::filesystem::remove_all(folder, error);
  return absl::OkStatus();
}

absl::Status ComparisonRun::Measure(const ComparedStrategy& strategy, const ClusterPlan& plan,
                                    const std::string& folder) {
  const std::unique_ptr<Cluster> cluster = strategy.make(
      &bed_, {.nodes = plan.nodes, .round_robin = strategy.round_robin, .folder = folder});
  RETURN_IF_ERROR(cluster->Start());
  CellMeasure measure(&bed_, cluster.get(), plan.nodes);
  RETURN_IF_ERROR(MeasureIdle(strategy, plan, &measure));
  RETURN_IF_ERROR(MeasureCells(strategy, plan, &measure));
  return cluster->Stop();
}

absl::Status ComparisonRun::MeasureIdle(const ComparedStrategy& strategy, const ClusterPlan& plan,
                                        CellMeasure* measure) {
  const double seconds = std::max(strategy.idle_pause_s, kIdleS);
  const size_t requests_before = strategy.requests_before / (results_.quick ? 4 : 1);
  ASSIGN_OR_RETURN(const IdleRate idle,
                   measure->MeasureIdle(plan.cells.front(), seconds, requests_before));
  results_.idle.push_back({strategy.name, plan.nodes, idle.bytes_per_s});
  Say("  idle: " + OneDecimal(idle.bytes_per_s) + " bytes/s");
  return absl::OkStatus();
}

absl::Status ComparisonRun::MeasureCells(const ComparedStrategy& strategy, const ClusterPlan& plan,
                                         CellMeasure* measure) {
  std::set<std::pair<size_t, bool>> created;  // session sizes and routings whose creation was told
  for (const Cell& cell : plan.cells) {
    ASSIGN_OR_RETURN(const std::vector<CellFigures> all, measure->Run(cell));
    for (const CellFigures& figures : all) {
      const bool is_creation = figures.what == "create";
      if (is_creation && !created.emplace(cell.session_bytes, cell.round_robin).second) continue;
      results_.cells.push_back({strategy.name, figures});
      Say(DescribeCell(results_.cells.back()));
      if (figures.errors == 0) continue;
      const std::string failures = std::to_string(figures.errors) + " of " +
                                   std::to_string(figures.requests) +
                                   " requests failed, the first with: " + figures.first_error;
      if (is_creation || !IsSound(figures)) return absl::InternalError(failures);
      Say("  " + failures);
    }
  }
  return absl::OkStatus();
}

// What would come to light only when all is measured.
absl::Status CheckOutputs(const CompareOptions& options) {
  if (!options.json_path.empty() && !std::ofstream(options.json_path, std::ios::app)) {
    return absl::InvalidArgumentError("cannot write " + options.json_path +
                                      ": give --json a file in a folder that is there");
  }
  if (options.report_folder.empty()) return absl::OkStatus();
  std::error_code error;
  std::filesystem::create_directories(options.report_folder, error);
  if (error || access(options.report_folder.c_str(), W_OK) != 0) {
    return absl::InvalidArgumentError("cannot write into " + options.report_folder +
                                      ": give --report a folder that can be made or written to");
  }
  return CheckReportProgram();
}

// Each as far as it can be, whatever becomes of the other.
absl::Status WriteAll(const CompareOptions& options, const CompareResults& results) {
  absl::Status written;
  if (!options.json_path.empty()) written.Update(WriteResults(results, options.json_path));
  if (options.report_folder.empty()) return written;
  const absl::Status made = MakeReport(results, options.report_folder);
  if (made.ok()) Say("The report: " + options.report_folder + "/index.html");
  written.Update(made);
  return written;
}

// Of a comparison that does not come to its end there is no page.
absl::Status WriteUnfinished(const CompareOptions& options, const CompareResults& results) {
  const std::string cells = std::to_string(results.cells.size()) + " cells were measured";
  if (options.json_path.empty()) {
    Say(cells + " and are not kept: --json FILE would keep them. No page is written");
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(WriteResults(results, options.json_path));
  Say(cells + " and are in " + options.json_path + ". No page is written");
  return absl::OkStatus();
}

std::string RisksWords(size_t strategies) {
  if (strategies == 0) return "no risks";
  return "the risks of " + std::to_string(strategies) + " strategies";
}

}  // namespace

std::vector<std::string> ComparedStrategyNames() {
  std::vector<std::string> names;
  for (const ComparedStrategy& strategy : AllStrategies()) names.push_back(strategy.name);
  return names;
}

absl::StatusOr<bool> RunCompare(const CompareOptions& options) {
  ASSIGN_OR_RETURN(std::vector<ClusterPlan> plans, PlanSweep(options.sweep));
  if (!options.cells) plans.clear();
  if (plans.empty() && !MeasuresRisks(options)) {
    return absl::InvalidArgumentError(
        "--no-cells leaves nothing to measure: --risks has risks measured");
  }
  NoteInterrupts();
  RETURN_IF_ERROR(CheckOutputs(options));
  ASSIGN_OR_RETURN(const std::unique_ptr<TestBed> bed, TestBed::Make(Say));
  ASSIGN_OR_RETURN(const std::string folder, MakeRunFolder("compare"));
  ComparisonRun comparison(options, bed.get(), folder);
  const absl::Status status = comparison.Run(plans);
  std::error_code error;
  if (comparison.failed()) {
    Say("FAILED; logs and data of what has failed are kept in " + folder);
  } else {
    std::filesystem::remove_all(folder, error);
  }
  if (!status.ok()) {
    RETURN_IF_ERROR(WriteUnfinished(options, comparison.results()));
    return status;
  }
  RETURN_IF_ERROR(WriteAll(options, comparison.results()));
  if (comparison.failed()) return false;
  Say("OK: " + std::to_string(comparison.results().cells.size()) + " cells and " +
      RisksWords(comparison.results().risks.size()) + " in " +
      OneDecimal(comparison.results().seconds) + " s");
  return true;
}

}  // namespace sessionhub::bench
