#include "hub/hub_clock.h"

#include <algorithm>
#include <ctime>

namespace sessionhub::hub {
namespace {

uint64_t ReadClockUs(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<uint64_t>(time.tv_nsec) / 1000;
}

}  // namespace

uint64_t BootTimeUs() {
  return ReadClockUs(CLOCK_BOOTTIME);
}
uint64_t WallTimeUs() {
  return ReadClockUs(CLOCK_REALTIME);
}

HubClock::HubClock(uint64_t last_stored_us)
    : start_us_(std::max(WallTimeUs(), last_stored_us)), boot_start_us_(BootTimeUs()) {}

uint64_t HubClock::NowUs() const {
  return start_us_ + (BootTimeUs() - boot_start_us_);
}

}  // namespace sessionhub::hub
