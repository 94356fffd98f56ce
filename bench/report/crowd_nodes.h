// What the rows with more sessions than a node holds ask of nodes: processes that fill a range of
// sessions together, serve requests on it, or commit at a rate. Free functions of the
// orchestrator's thread.
#ifndef BENCH_REPORT_CROWD_NODES_H_
#define BENCH_REPORT_CROWD_NODES_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/histogram.h"
#include "bench/overload/scene.h"

namespace sessionhub::bench {

// Processes of one node each, named PREFIX-0, …; all are attached.
absl::StatusOr<Workers> StartGenerators(const Scene& scene, const std::string& prefix,
                                        size_t count);

// `command` to all, to each with its share of the sessions [first, first + count), which `count` is
// divided by their number. Await their answers before the next.
absl::Status SendShares(const Workers& nodes, nlohmann::json command, uint64_t first,
                        uint64_t count);

struct Served {
  LatencyHistogram latency;
  double per_s = 0;
  uint64_t with_warm_up = 0;  // how many there were in all
};

// Of answers with counts that took `seconds`. Internal if there was no commit or request, or one
// failed.
absl::StatusOr<Served> SumServed(const std::vector<nlohmann::json>& answers, double seconds);

// The answers of all, in at most so long.
absl::StatusOr<std::vector<nlohmann::json>> AwaitAll(const Workers& nodes,
                                                     std::chrono::milliseconds timeout);

// Returns once the process does next to nothing: within a second, less than a twentieth of a
// processor. DeadlineExceeded after five minutes.
absl::Status AwaitQuiet(pid_t pid);

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_CROWD_NODES_H_
