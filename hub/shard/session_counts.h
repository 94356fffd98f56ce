// SessionCounts: how many sessions of each app live in the slots of one shard. Pure. Belongs to one
// shard machine and is used by its thread only. Bounded by the apps of the hub and the slots.
#ifndef HUB_SHARD_SESSION_COUNTS_H_
#define HUB_SHARD_SESSION_COUNTS_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "hub/record/turn_record.h"

namespace sessionhub::hub {

class SessionCounts {
 public:
  // Of `stored`, what is of the slots that are `shard`'s among `shards`.
  SessionCounts(const std::vector<AppSlotCount>& stored, uint32_t shard, uint32_t shards) {
    for (const AppSlotCount& count : stored) {
      if (count.key.slot % shards == shard) counts_[count.key] = count.sessions;
    }
  }

  // Takes in what a turn has changed, and gives what is to be stored of it.
  std::vector<Write<AppSlot, uint64_t>> Take(const std::map<AppSlot, int64_t>& changes) {
    std::vector<Write<AppSlot, uint64_t>> writes;
    for (const auto& [key, change] : changes) {
      if (change == 0) continue;
      const auto before = static_cast<int64_t>(counts_[key]);
      const auto after = static_cast<uint64_t>(std::max<int64_t>(0, before + change));
      writes.push_back({key, after == 0 ? std::nullopt : std::optional<uint64_t>(after)});
      if (after == 0) {
        counts_.erase(key);
      } else {
        counts_[key] = after;
      }
    }
    return writes;
  }

 private:
  std::map<AppSlot, uint64_t> counts_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_SESSION_COUNTS_H_
