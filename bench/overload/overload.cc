#include "bench/overload/overload.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "bench/overload/findings.h"
#include "bench/overload/measures.h"
#include "bench/overload/run_folder.h"
#include "bench/overload/scene.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

struct MeasureRow {
  const char* name;
  absl::Status (*run)(Scene*);
};

constexpr MeasureRow kMeasures[] = {
    {"nodes", MeasureNodes},
    {"storm", MeasureStorm},
    {"slow_reader", MeasureSlowReader},
    {"stopped_reader", MeasureStoppedReader},
    {"hot_session", MeasureHotSession},
    {"mailbox", MeasureMailbox},
};

bool IsWanted(const OverloadOptions& options, const char* name) {
  return options.only.empty() ||
         std::find(options.only.begin(), options.only.end(), name) != options.only.end();
}

}  // namespace

std::vector<std::string> OverloadMeasures() {
  std::vector<std::string> names;
  for (const MeasureRow& measure : kMeasures) names.emplace_back(measure.name);
  return names;
}

absl::StatusOr<bool> RunOverload(const OverloadOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // a worker that has ended is found out by what write() answers
  ASSIGN_OR_RETURN(const std::string folder, MakeRunFolder("overload"));
  Findings findings;
  findings.Say("sessionhub overload: " + DescribeMachine() + "; everything is in " + folder +
               ", which is removed at the end if all is well");
  for (const MeasureRow& measure : kMeasures) {
    if (!IsWanted(options, measure.name)) continue;
    RunMeasure(measure.name, folder, &findings, [&](const std::string& own_folder) {
      Scene scene(options, own_folder, &findings);
      return measure.run(&scene);
    });
  }
  return EndRun(findings, folder, {options.json_path, options.command, options.commit},
                "no promise was broken");
}

}  // namespace sessionhub::bench
