// ForkGuard: tells whether the process that made a client has forked. Cheap enough for every call.
#ifndef CLIENT_CPP_SRC_FORK_GUARD_H_
#define CLIENT_CPP_SRC_FORK_GUARD_H_

#include <cstdint>

#include "absl/status/status.h"

namespace sessionhub::client {

// A child of fork has none of its parent's threads, and locks that nobody will release. So whatever
// belongs to the parent's client must not even be locked there. Safe from any thread.
class ForkGuard {
 public:
  ForkGuard();

  // True in a child forked after this guard was made.
  bool forked() const;
  // FailedPrecondition if forked.
  absl::Status Check() const;

  // FailedPrecondition in a process that was forked, at whatever distance, after a guard was made
  // in its parent. gRPC's threads are gone there and its state is not: it would wait for them for
  // ever, or abort.
  static absl::Status CheckProcess();

 private:
  uint32_t generation_;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_FORK_GUARD_H_
