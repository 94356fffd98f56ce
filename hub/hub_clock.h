// HubClock: the hub's time, in microseconds since the Unix epoch. It starts at the wall clock, or
// at the newest stored hub time if that is later, and then follows the boot clock: it never goes
// back and no step of the wall clock moves it.
#ifndef HUB_HUB_CLOCK_H_
#define HUB_HUB_CLOCK_H_

#include <cstdint>

namespace sessionhub::hub {

class HubClock {
 public:
  explicit HubClock(uint64_t last_stored_us);

  uint64_t NowUs() const;
  uint64_t StartUs() const { return start_us_; }

 private:
  uint64_t start_us_;
  uint64_t boot_start_us_;
};

// CLOCK_BOOTTIME in microseconds: goes on while the machine sleeps, never jumps.
uint64_t BootTimeUs();
uint64_t WallTimeUs();

}  // namespace sessionhub::hub

#endif  // HUB_HUB_CLOCK_H_
