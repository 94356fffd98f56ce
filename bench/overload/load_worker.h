// LoadWorker: the process behind a Worker: holds nodes and does what it is told. Links the client
// and the contract.
#ifndef BENCH_OVERLOAD_LOAD_WORKER_H_
#define BENCH_OVERLOAD_LOAD_WORKER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace sessionhub::bench {

struct LoadWorkerOptions {
  std::string endpoint;
  std::string app;
  std::string prefix;  // nodes are PREFIX-1, PREFIX-2, …
  size_t nodes = 0;
  uint64_t stale_max_ms = 15'000;
  uint64_t pending_bytes_max = 16 << 20;
};

// Reads commands from standard input until its end; answers on standard output. In the objects that
// are asked and answered, with bounds on every wait:
//
//   {"do": "attach"}                  all nodes connect and are attached; {"seconds": …}
//   {"do": "open", "ids": [...]}      every node opens these; or
//   {"do": "open", "own": N}          each node makes N of its own, PREFIX-1-1, …; or
//   {"do": "open", "each": N, "prefix": P, "first": F}   the first node opens PF and the next N - 1
//                                     numbers, the second the N after them, …
//   {"do": "watch"}                   every node subscribes to what it has opened
//   {"do": "write", "seconds": S, …}  a loop at each of the first "nodes" nodes; see WriteOrder
//   {"do": "acked"}                   of all loops: {"acked": {ID: {NODE: N}}}
//   {"do": "copies", "fields": B}     {"copies": [{ID: {"version": V, "digest" | "fields": …}}]}
//   {"do": "settle", "versions": {ID: V}}   until every node's copies have these versions
//   {"do": "heard", "first": F, "last": L}  what the watchers heard, judged by CheckHeard
//   {"do": "stale"}                   until no copy may be read any more
//   {"do": "resumed"}                 until all may be read again; when, by MonotonicMicros
//   {"do": "status"}                  what the hub's Admin service tells
//   {"do": "raw", "ids": [...]}       a RawReader opens these; {"do": "pause", "pause": B};
//                                     {"do": "raw_copies"}
absl::Status RunLoadWorker(const LoadWorkerOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_LOAD_WORKER_H_
