// Inputs about the locks of sessions. Plain data.
#ifndef HUB_SHARD_LOCK_INPUT_H_
#define HUB_SHARD_LOCK_INPUT_H_

#include <cstdint>

#include "hub/shard/origin.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

// A node asks for a session's lock, or to prolong the one that is held with `token`.
struct LockInput {
  Origin origin;
  uint32_t request = 0;
  Handle handle = 0;  // or
  SessionNumber number = 0;
  uint64_t lease_us = 0;
  uint64_t wait_us = 0;
  uint64_t token = 0;  // 0: a new one
};

// The lock is not needed any more. Never answered.
struct UnlockInput {
  Origin origin;
  Handle handle = 0;  // or
  SessionNumber number = 0;
  uint64_t token = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_LOCK_INPUT_H_
