// What processes of the comparison take, as the kernel tells it.
//
// For any thread.
#ifndef BENCH_COMPARE_PROCESS_USAGE_H_
#define BENCH_COMPARE_PROCESS_USAGE_H_

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

// Of several processes together.
struct ProcessUsage {
  // Processor time of theirs, and of their children that have ended: what a helper has taken is in
  // it while it runs, and afterwards as its parent's.
  double cpu_s = 0;
  uint64_t memory_bytes = 0;  // resident
};

// Each is a process of its own, and has its memory to itself. Unavailable if one of them has ended.
absl::StatusOr<ProcessUsage> UsageOfNodes(const std::vector<pid_t>& pids);

// The first is a server's own process, the others its helpers, which share memory with it: that is
// counted once. Helpers may have ended since they were listed: Redis has one while it rewrites its
// file. Unavailable if the server has ended.
absl::StatusOr<ProcessUsage> UsageOfServer(const std::vector<pid_t>& pids);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_PROCESS_USAGE_H_
