#include "bench/limits/limits.h"

#include <linux/magic.h>
#include <signal.h>
#include <sys/vfs.h>

#include <algorithm>
#include <utility>

#include "bench/limits/limit_measures.h"
#include "bench/limits/limit_rows.h"
#include "bench/overload/findings.h"
#include "bench/overload/gauge.h"
#include "bench/overload/run_folder.h"
#include "hub/process_limits.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

struct LimitMeasure {
  const char* name;
  absl::Status (*run)(const LimitScene&);
};

constexpr LimitMeasure kLimitMeasures[] = {
    {"echo", MeasureEcho},
    {"fan_out", MeasureFanOut},
    {"append", MeasureAppend},
    {"turns", MeasureTurns},
    {"redis_always", MeasureRedisAlways},
    {"redis_everysec", MeasureRedisEverysec},
};

bool IsInMemory(const std::string& folder) {
  struct statfs file_system = {};
  return statfs(folder.c_str(), &file_system) == 0 && file_system.f_type == TMPFS_MAGIC;
}

bool IsWantedLimit(const LimitsOptions& options, const char* name) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), name) != options.only.end();
}

}  // namespace

void LimitScene::Progress(const std::string& what) const {
  findings_.Say("  " + what + " …");
}

void LimitScene::Tell(const std::string& key, const LimitRow& row) const {
  rows_.Add(row);
  findings_.Figure(key, DescribeRow(row));
  findings_.Say("    " + RowLine(row));
}

std::vector<std::string> LimitMeasures() {
  std::vector<std::string> names;
  for (const LimitMeasure& measure : kLimitMeasures) names.emplace_back(measure.name);
  return names;
}

void MeasureLimits(const LimitsOptions& options, const std::string& folder, Findings* findings,
                   LimitRows* rows) {
  for (const LimitMeasure& measure : kLimitMeasures) {
    if (!IsWantedLimit(options, measure.name)) continue;
    RunMeasure(measure.name, folder, findings, [&](const std::string& own_folder) {
      return measure.run(LimitScene(options, own_folder, findings, rows));
    });
  }
}

absl::StatusOr<bool> RunLimits(const LimitsOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // a server that has ended is found out by what write() answers
  hub::RaiseDescriptorsMax();
  ASSIGN_OR_RETURN(const std::string folder, MakeRunFolder("limits", options.folder));
  Findings findings;
  LimitRows rows;
  findings.Say("sessionhub limits: " + DescribeMachine() + "; everything is in " + folder +
               ", which is removed at the end if all is well");
#ifndef __OPTIMIZE__
  findings.Say("this build is not optimised: its figures are of no use; take the preset release");
#endif
  if (IsInMemory(folder)) {
    findings.Say(
        "this folder is in memory: nothing survives a power cut, whatever the rows say; "
        "name one on the disk under test by --folder");
  }
  MeasureLimits(options, folder, &findings, &rows);
  findings.Say("\n" + rows.Table());
  return EndRun(findings, folder, {options.json_path, options.command, options.commit},
                "all was measured");
}

}  // namespace sessionhub::bench
