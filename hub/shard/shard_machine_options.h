// What a shard machine is told when it is made. Plain data.
#ifndef HUB_SHARD_SHARD_MACHINE_OPTIONS_H_
#define HUB_SHARD_SHARD_MACHINE_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hub/record/turn_record.h"
#include "hub/shard/served_time.h"
#include "proto/session/limits.h"

namespace sessionhub::hub {

// Requests that wait for locks.
struct LocksOptions {
  size_t waiters_max = 10'000;  // of a shard
  size_t waiters_of_session_max = 64;
};

struct ShardMachineOptions {
  uint32_t shard = 0;  // this one owns the slots s with s % shards == shard
  uint32_t shards = 1;
  Limits limits;
  ServedTime served;
  uint64_t resend_horizon_us = 24ull * 3600 * 1'000'000;
  uint32_t handles_per_node_max = 1'000'000;
  uint32_t catch_ups_per_turn_max = 64;
  // Stored paths and values that are read at once to decide deltas; one input may need more.
  uint64_t turn_load_bytes_max = 64 << 20;
  // What is kept of the changes in a session while a reader makes a catch-up of it.
  size_t read_changes_bytes_max = 1 << 20;
  // Pairs of a delta and a node that has not applied it, of commits that wait for delivery.
  size_t delivery_waits_max = 100'000;
  // How long a delta's delivery is waited for at most.
  uint64_t delivery_wait_max_us = 600'000'000;
  LocksOptions locks;
  // What was stored when the machine is made; those of other shards are left alone.
  std::vector<AppSlotCount> app_sessions;
  // Hub time before which there may be nodes in a lease that this hub process does not know of.
  uint64_t nodes_known_at_us = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_SHARD_MACHINE_OPTIONS_H_
