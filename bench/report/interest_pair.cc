#include <string>

#include "bench/demo/figures.h"
#include "bench/report/micro_run.h"
#include "bench/report/micro_times.h"
#include "bench/report/report_rows.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr double kPairBytesMax = 64;
constexpr double kOnceS = 0.001;  // each turn fills an index
constexpr char kPairMicro[] = "BM_FillIndex";

absl::Status MeasureInterestPair(ReportScene* report, const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string text, RunMicro({kPairMicro}, kOnceS, folder));
  ASSIGN_OR_RETURN(const double bytes, FindMicroCounter(text, kPairMicro, "bytes_of_pair"));
  report->findings().Figure("bytes_of_interest_pair", bytes);
  report->findings().Tell({.name = "an interest pair in the index, bytes",
                           .goal = "<= " + OneDecimal(kPairBytesMax),
                           .figure = OneDecimal(bytes),
                           .reached = bytes <= kPairBytesMax,
                           .source = GoalSource::kDesign});
  return absl::OkStatus();
}

}  // namespace

void TellInterestPair(ReportScene* scene) {
  scene->Measure("interest_pair", [scene](const std::string& own_folder) {
    return MeasureInterestPair(scene, own_folder);
  });
}

}  // namespace sessionhub::bench
