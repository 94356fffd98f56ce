// Report: `sessionhub-bench report`. The figures of a hub beside what gRPC, the disk and RocksDB
// can do at most and beside Redis, measured in one run on one machine, and whether each goal is
// reached.
#ifndef BENCH_REPORT_REPORT_H_
#define BENCH_REPORT_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

struct ReportOptions {
  std::vector<std::string> only;  // names of rows; empty: all
  double seconds = 5;             // of each measurement, but
  double half_load_s = 600;       // of that at half of what the hub can do, for compactions
  uint64_t sessions = 1'000'000;  // of `million`
  size_t streams = 1'000;         // of `fan_out` and `million`
  size_t large_sessions = 24;     // of `cold_large`
  std::string folder;             // on the disk under test; empty: where temporary files are
  std::string json_path;          // empty: no figures are written
  std::string results_folder;     // for files by the day's name; empty: none
  std::string command;            // for the file: what was called
  std::string commit;             // for the file: what was built
  std::string hub_program;
};

// The names of all rows, in the order in which they are measured.
std::vector<std::string> ReportRows();

// Measures, says each figure when it is there, and a line for each goal. A goal that is missed is
// short and no failure. False if something could not be measured or a promise was broken. To be
// called by the main thread.
absl::StatusOr<bool> RunReport(const ReportOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_REPORT_H_
