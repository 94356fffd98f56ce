// Sweep: which cells the comparison measures, on which clusters.
//
// Pure.
#ifndef BENCH_COMPARE_SWEEP_H_
#define BENCH_COMPARE_SWEEP_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/compare/workload.h"

namespace sessionhub::bench {

// What the command line asks for. Where a list has something, the sweep goes through all that the
// lists have together, and takes what is usual for the empty ones.
struct SweepOptions {
  bool quick = false;
  std::vector<size_t> nodes;
  std::vector<std::string> routing;  // "sticky", "round-robin"
  std::vector<size_t> session_bytes;
  std::vector<size_t> fields_changed;
  std::vector<size_t> read_percent;
  std::vector<size_t> connections;
  size_t fields = 20;
  size_t requests = 0;  // of a cell; 0: as many as are usual
};

// Cells that are measured on one cluster, one after the other: of both routings, since that is a
// matter of the requests.
struct ClusterPlan {
  size_t nodes = 0;
  std::vector<Cell> cells;
};

// In the order in which they are measured: what would be missed most comes first. InvalidArgument
// for cells that cannot be.
absl::StatusOr<std::vector<ClusterPlan>> PlanSweep(const SweepOptions& options);

// The options of `sessionhub-bench compare` that measure this cell alone.
std::string CommandOf(const Cell& cell);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_SWEEP_H_
