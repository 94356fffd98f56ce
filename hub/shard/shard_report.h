// ShardReport: what a shard tells of itself to whoever watches the hub. Plain data.
#ifndef HUB_SHARD_SHARD_REPORT_H_
#define HUB_SHARD_SHARD_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "hub/shard/app_ledger.h"
#include "hub/shard/shard_counters.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

struct ShardReport {
  uint64_t at_ns = 0;  // by NowNs
  ShardCounters counters;
  uint64_t turns = 0;
  uint64_t syncs = 0;
  uint64_t copies_ahead = 0;
  size_t interests = 0;       // (node, session) pairs
  size_t behind = 0;          // of them wait for a catch-up
  size_t lock_waits = 0;      // requests that wait for a lock
  size_t delivery_waits = 0;  // pairs of a delta and a node that has not applied it
  std::vector<std::pair<AppNumber, AppCounters>> apps;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_SHARD_REPORT_H_
