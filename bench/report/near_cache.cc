#include <string>

#include "bench/demo/figures.h"
#include "bench/report/micro_run.h"
#include "bench/report/micro_times.h"
#include "bench/report/report_rows.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr double kReadNsMax = 100;
constexpr double kMicroShare = 0.2;  // of the seconds of a measurement, for each of three
constexpr char kFieldMicro[] = "BM_NearCacheReadField";
constexpr char kReadMicro[] = "BM_NearCacheRead";
constexpr char kLookUpMicro[] = "BM_HashMapLookUp";

absl::Status MeasureNearCache(ReportScene* report, const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string text,
                   RunMicro({kFieldMicro, kReadMicro, kLookUpMicro},
                            kMicroShare * report->options().seconds, folder));
  ASSIGN_OR_RETURN(const double field_ns, FindMicroNs(text, kFieldMicro));
  ASSIGN_OR_RETURN(const double read_ns, FindMicroNs(text, kReadMicro));
  ASSIGN_OR_RETURN(const double look_up_ns, FindMicroNs(text, kLookUpMicro));
  Findings& findings = report->findings();
  findings.Figure("read_of_a_field_ns", field_ns);
  findings.Figure("read_of_a_session_ns", read_ns);
  findings.Figure("hash_map_look_up_ns", look_up_ns);
  findings.Tell({.name = "near-cache read of a field, ns",
                 .goal = "<= " + OneDecimal(kReadNsMax),
                 .figure = OneDecimal(field_ns) + " (the session's version alone " +
                           OneDecimal(read_ns) + ", a hash map's look-up " +
                           OneDecimal(look_up_ns) + ")",
                 .reached = field_ns <= kReadNsMax,
                 .source = GoalSource::kDesign});
  return absl::OkStatus();
}

}  // namespace

void TellNearCache(ReportScene* scene) {
  scene->Measure("near_cache", [scene](const std::string& own_folder) {
    return MeasureNearCache(scene, own_folder);
  });
}

}  // namespace sessionhub::bench
