#include "bench/report/report.h"

#include <signal.h>

#include <algorithm>
#include <string>

#include "bench/limits/limits.h"
#include "bench/overload/gauge.h"
#include "bench/overload/run_folder.h"
#include "bench/report/report_rows.h"
#include "bench/report/results_files.h"
#include "hub/process_limits.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

struct ReportRow {
  const char* name;
  std::vector<std::string> limits;  // that it stands beside
  void (*tell)(ReportScene*);       // nullptr: the limits tell all there is
};

const std::vector<ReportRow>& AllRows() {
  static const std::vector<ReportRow> rows = {
      {"turns", {"turns"}, nullptr},
      {"fan_out", {"fan_out"}, TellFanOut},
      {"near_cache", {}, TellNearCache},
      {"interest_pair", {}, TellInterestPair},
      {"micro", {}, TellMicro},
      {"redis_everysec", {"redis_everysec"}, nullptr},
      {"one", {"echo", "append", "redis_always"}, TellOneInFlight},
      {"processes", {"echo", "redis_always"}, TellProcesses},
      {"half_load_beside", {}, TellHalfLoadBeside},
      {"publish", {}, TellPublish},
      {"more_nodes", {}, TellMoreNodes},
      {"more_writers", {}, TellMoreWriters},
      {"cold_large", {}, TellColdLarge},
      {"million", {}, TellMillion},
      {"half_load", {}, TellHalfLoad},
  };
  return rows;
}

std::vector<ReportRow> WantedRows(const ReportOptions& options) {
  std::vector<ReportRow> wanted;
  for (const ReportRow& row : AllRows()) {
    if (options.only.empty() ||
        std::find(options.only.begin(), options.only.end(), row.name) != options.only.end()) {
      wanted.push_back(row);
    }
  }
  return wanted;
}

// All limits before all else: a load has a network of its own, which the connections of this
// process do not reach. Returns their table.
std::string MeasureLimitsOf(const std::vector<ReportRow>& rows, const ReportScene& scene) {
  LimitsOptions limits;
  limits.seconds = scene.options().seconds;
  limits.streams = scene.options().streams;
  for (const ReportRow& row : rows) {
    limits.only.insert(limits.only.end(), row.limits.begin(), row.limits.end());
  }
  if (limits.only.empty()) return "";
  LimitRows table;
  MeasureLimits(limits, scene.folder(), &scene.findings(), &table);
  scene.findings().Say("\n" + table.Table() + "\n");
  return table.Table();
}

}  // namespace

std::vector<std::string> ReportRows() {
  std::vector<std::string> names;
  for (const ReportRow& row : AllRows()) names.emplace_back(row.name);
  return names;
}

absl::StatusOr<bool> RunReport(const ReportOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // a process that has ended is found out by what write() answers
  hub::RaiseDescriptorsMax();
  ASSIGN_OR_RETURN(const std::string folder, MakeRunFolder("report", options.folder));
  Findings findings;
  ReportScene scene(options, folder, &findings);
  findings.Say("sessionhub report: " + DescribeMachine() + "; everything is in " + folder +
               ", which is removed at the end if all is well");
  const std::vector<ReportRow> rows = WantedRows(options);
  const std::string limits_table = MeasureLimitsOf(rows, scene);
  for (const ReportRow& row : rows) {
    if (row.tell != nullptr) row.tell(&scene);
  }
  findings.Say("");
  findings.SayGoals();
  if (!options.results_folder.empty()) {
    RETURN_IF_ERROR(WriteResults({.folder = options.results_folder,
                                  .date = Today(),
                                  .command = options.command,
                                  .commit = options.commit,
                                  .limits_table = limits_table,
                                  .micro_json = scene.micro_json},
                                 findings));
  }
  return EndRun(findings, folder, {options.json_path, options.command, options.commit},
                "all was measured, and no promise was broken");
}

}  // namespace sessionhub::bench
