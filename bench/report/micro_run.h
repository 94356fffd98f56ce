// Runs benchmarks of single parts, in a process of their own.
#ifndef BENCH_REPORT_MICRO_RUN_H_
#define BENCH_REPORT_MICRO_RUN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

// Runs these of sessionhub-micro, which stands beside this program, for so many seconds each, and
// returns what it has written: the JSON text that micro_times.h reads. Leaves its output in
// `folder`. Errors of a process that cannot be started, fails, or does not end.
absl::StatusOr<std::string> RunMicro(const std::vector<std::string>& names, double seconds,
                                     const std::string& folder);

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_MICRO_RUN_H_
