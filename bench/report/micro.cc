#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/demo/figures.h"
#include "bench/report/micro_run.h"
#include "bench/report/micro_times.h"
#include "bench/report/report_rows.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// Of the seconds of a measurement, for each of some 25 parts; and no more than takes a minute.
constexpr double kPartShare = 0.1;
constexpr double kPartSecondsMax = 0.5;

absl::Status MeasureMicro(ReportScene* report, const std::string& folder) {
  const double seconds = std::min(kPartSecondsMax, kPartShare * report->options().seconds);
  ASSIGN_OR_RETURN(report->micro_json, RunMicro({".*"}, seconds, folder));
  ASSIGN_OR_RETURN(const auto times_ns, AllMicroNs(report->micro_json));
  nlohmann::ordered_json cpu_ns = nlohmann::ordered_json::object();
  for (const auto& [name, ns] : times_ns) {
    cpu_ns[name] = ns;
    report->findings().Say("    " + name + ": " + OneDecimal(ns) + " ns");
  }
  report->findings().Figure("cpu_ns", std::move(cpu_ns));
  return absl::OkStatus();
}

}  // namespace

void TellMicro(ReportScene* scene) {
  scene->Measure(
      "micro", [scene](const std::string& own_folder) { return MeasureMicro(scene, own_folder); });
}

}  // namespace sessionhub::bench
