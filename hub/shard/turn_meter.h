// TurnMeter: what the turns of one shard take: into the walk's histograms, and into the log if one
// takes too long. Belongs to one shard's thread, but for slow_commits.
#ifndef HUB_SHARD_TURN_METER_H_
#define HUB_SHARD_TURN_METER_H_

#include <atomic>
#include <cstdint>

#include "hub/shard/shard.h"
#include "hub/walk_times.h"

namespace sessionhub::hub {

struct TurnMeterOptions {
  uint32_t shard = 0;               // for the log
  uint64_t slow_commit_ms = 0;      // 0: none is slow
  WalkTimes* walk_times = nullptr;  // not owned; nullptr: nobody wants to know
};

class TurnMeter {
 public:
  explicit TurnMeter(const TurnMeterOptions& options) : options_(options) {}

  // Turns that only look at the time are left out. `since_ns`: when about the first input of the
  // turn came into the mailbox, by NowNs; 0: there was none.
  void Note(const TurnTimes& turn, uint64_t since_ns);

  // Turns that took slow_commit_ms or more, since the start. Any thread.
  uint64_t slow_commits() const { return slow_commits_.load(std::memory_order_relaxed); }

 private:
  void TellSlow(const TurnTimes& turn, uint64_t mailbox_ns);

  const TurnMeterOptions options_;
  std::atomic<uint64_t> slow_commits_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_TURN_METER_H_
