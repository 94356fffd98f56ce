// Limits: `sessionhub-bench limits`. What the figures of a hub stand beside, measured in one run on
// one machine: what gRPC, the disk and RocksDB can do at most, and Redis. No hub runs here, but for
// the shard whose turns stand beside raw RocksDB.
#ifndef BENCH_LIMITS_LIMITS_H_
#define BENCH_LIMITS_LIMITS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/limits/limit_rows.h"
#include "bench/overload/findings.h"

namespace sessionhub::bench {

struct LimitsOptions {
  std::vector<std::string> only;  // names of measures; empty: all
  double seconds = 3;             // of each measurement
  size_t streams = 1'000;         // of `fan_out`
  size_t append_bytes = 128;      // of one write of `append`
  std::vector<size_t> subscribers = {1, 16};
  std::string folder;     // on the disk under test; empty: where temporary files are
  std::string json_path;  // empty: no figures are written
  std::string command;    // for the file: what was called
  std::string commit;     // for the file: what was built
};

// The names of all measures, in the order in which they are run.
std::vector<std::string> LimitMeasures();

// Runs the measures, each in a folder of its own below `folder`, which exists, prints each figure
// when it is there, and tells `findings` of it under the measure's name and of what could not be
// measured. A table of all is in `rows`.
void MeasureLimits(const LimitsOptions& options, const std::string& folder, Findings* findings,
                   LimitRows* rows);

// Runs the measures, each in a temporary folder below the one of the options, prints each figure
// when it is there and a table of all at the end. What needs Redis is skipped where it is not
// installed. False if a measure could not be made; its folder is kept and named then. An error is
// one of the run itself. To be called by the main thread.
absl::StatusOr<bool> RunLimits(const LimitsOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_LIMITS_H_
