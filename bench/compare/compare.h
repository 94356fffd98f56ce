// Compare: `sessionhub-bench compare`: the same requests through each way of sharing sessions, on
// real servers, on hosts of a test bed, and what each of them sends and costs.
#ifndef BENCH_COMPARE_COMPARE_H_
#define BENCH_COMPARE_COMPARE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/compare/sweep.h"

namespace sessionhub::bench {

// So that all of it takes less than 40 minutes, or less than 5.
inline constexpr double kCompareMaxS = 2'200;
inline constexpr double kQuickCompareMaxS = 270;

struct CompareOptions {
  SweepOptions sweep;
  std::vector<std::string> only;  // names of strategies; empty: all
  bool cells = true;              // measure the sweep's cells
  // And what is risked. Nothing: unless particular cells are asked for.
  std::optional<bool> risks;
  size_t risk_trials = 0;     // 0: as many as are usual
  double time_max_s = 0;      // after which no further cluster is started; 0: what is usual
  std::string json_path;      // gets the results; empty: nothing does
  std::string report_folder;  // gets the report; empty: there is none
  std::string command;        // what was called
  std::string commit;         // what was built
};

// Measures, and says what it does line by line. A strategy whose server is not installed is skipped
// and named. False if one could not be measured for another reason, such as too many requests that
// were answered with errors (IsSound); logs of those are kept in a temporary folder, which is
// named. Fewer errors are told with the figures of their cell. Cancelled after Ctrl-C, with nothing
// left behind but such logs, and in json_path what was measured until then; InvalidArgument, before
// anything is measured, if there is nothing to measure, or if json_path or report_folder cannot be
// written; errors of TestBed::Make.
absl::StatusOr<bool> RunCompare(const CompareOptions& options);

// For the command line.
std::vector<std::string> ComparedStrategyNames();

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_COMPARE_H_
