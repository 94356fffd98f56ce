// A network of this run's own: a loopback interface that nobody else uses, whose counters therefore
// hold every frame between hub and nodes, with headers, acknowledgements and heartbeats.
#ifndef BENCH_LOAD_PRIVATE_NETWORK_H_
#define BENCH_LOAD_PRIVATE_NETWORK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::bench {

// What went over the loopback interface of the calling thread's network, each frame once: payload,
// TCP and IP headers, and 14 bytes for an Ethernet's. Frames may be larger than on an Ethernet.
struct WireCounters {
  uint64_t bytes = 0;
  uint64_t packets = 0;
};

WireCounters operator-(const WireCounters& after, const WireCounters& before);

// From now on the calling thread, and the processes that it starts, have a network namespace of
// their own with loopback only. PermissionDenied where that is not allowed; nothing has changed
// then.
absl::Status EnterPrivateNetwork();

// Unavailable if the kernel does not tell.
absl::StatusOr<WireCounters> ReadLoopback();

}  // namespace sessionhub::bench

#endif  // BENCH_LOAD_PRIVATE_NETWORK_H_
