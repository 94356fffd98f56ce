// ShardCounters: what a shard's machine tells of its work.
#ifndef HUB_SHARD_SHARD_COUNTERS_H_
#define HUB_SHARD_SHARD_COUNTERS_H_

#include <cstdint>

namespace sessionhub::hub {

// What has happened, counted since the machine was made.
struct ShardCounters {
  uint64_t deltas_applied = 0;
  uint64_t deltas_refused = 0;
  uint64_t deltas_duplicate = 0;
  uint64_t forwards = 0;  // (delta, node) pairs
  uint64_t catch_ups = 0;
  uint64_t large_catch_ups = 0;  // that a reader makes; each is one of catch_ups too
  uint64_t lapses = 0;
  uint64_t sessions_created = 0;
  uint64_t sessions_ended = 0;  // deleted or expired
  uint64_t sessions_expired = 0;
  uint64_t touches = 0;
  uint64_t locks_granted = 0;
  // Past a bound: commits at `delivered` of delivery_waits_max, waits for a lock of waiters_max or
  // waiters_of_session_max.
  uint64_t deliveries_refused = 0;
  uint64_t lock_waits_refused = 0;
  uint64_t sessions_refused = 0;  // not made, since their app has as many as it may
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_SHARD_COUNTERS_H_
