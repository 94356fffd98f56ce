// ServedTime: the time in which hubs have served this data folder: hub time that stands still in an
// outage. Idle timeouts and the resend horizon are counted in it, so that nobody is the older for
// time in which no node could have done anything. Pure; immutable for the life of a hub.
#ifndef HUB_SHARD_SERVED_TIME_H_
#define HUB_SHARD_SERVED_TIME_H_

#include <algorithm>
#include <cstdint>

#include "hub/record/turn_record.h"

namespace sessionhub::hub {

class ServedTime {
 public:
  // A hub that has always served.
  ServedTime() = default;

  // A hub that starts at `start_us` of hub time. `stored_hub_us` and `stored_served_us` are the
  // newest hub time and served time that an earlier life has stored, 0 if there was none: what lies
  // between them and the start is an outage. Nodes get `lease_us` to come back.
  ServedTime(uint64_t stored_hub_us, uint64_t stored_served_us, uint64_t start_us,
             uint64_t lease_us)
      : start_us_(start_us),
        served_at_start_us_(std::max<uint64_t>(1, stored_served_us)),  // 0 stands for "never"
        outage_us_(stored_hub_us == 0 || stored_hub_us >= start_us ? 0 : start_us - stored_hub_us),
        lease_us_(lease_us) {}

  // The served time at a hub time of this life, or of the one before it.
  uint64_t At(uint64_t hub_time_us) const {
    if (hub_time_us >= start_us_) return served_at_start_us_ + (hub_time_us - start_us_);
    const uint64_t ago_us = start_us_ - hub_time_us;
    return served_at_start_us_ -
           std::min(served_at_start_us_, ago_us - std::min(ago_us, outage_us_));
  }
  // The hub time of this life at which so much is served; for less than has been served at the
  // start, as if there had been no outage.
  uint64_t HubTimeAt(uint64_t served_us) const {
    if (served_us >= served_at_start_us_) return start_us_ + (served_us - served_at_start_us_);
    return start_us_ - std::min(start_us_, served_at_start_us_ - served_us);
  }

  // Both times are stored together: the start of the next life compares them.
  void Store(uint64_t now_us, TurnRecord* record) const {
    record->hub_time = now_us;
    record->served_time = At(now_us);
  }

  uint64_t start_us() const { return start_us_; }
  uint64_t lease_us() const { return lease_us_; }

 private:
  uint64_t start_us_ = 0;
  uint64_t served_at_start_us_ = 0;
  uint64_t outage_us_ = 0;  // before the start
  uint64_t lease_us_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_SERVED_TIME_H_
