#include "hub/hub_clock.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace sessionhub::hub {
namespace {

// A look that takes longer, because the process was stopped meanwhile, has read the two clocks too
// far apart to compare them.
constexpr uint64_t kLookUsMax = 100'000;

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

HubClock::HubClock(uint64_t last_stored_us, Clocks clocks)
    : clocks_(std::move(clocks)),
      start_us_(std::max(clocks_.wall_us(), last_stored_us + 1)),
      boot_start_us_(clocks_.boot_us()) {
  LookForStep();
}

uint64_t HubClock::NowUs() const {
  return start_us_ + (clocks_.boot_us() - boot_start_us_);
}

int64_t HubClock::LookForStep() {
  const uint64_t before_us = clocks_.boot_us();
  const uint64_t wall_us = clocks_.wall_us();
  if (clocks_.boot_us() - before_us > kLookUsMax) return 0;
  const int64_t ahead_us = static_cast<int64_t>(wall_us) - static_cast<int64_t>(before_us);
  const int64_t step_us = ahead_us - wall_ahead_us_.value_or(ahead_us);
  wall_ahead_us_ = ahead_us;
  if (std::abs(step_us) <= kWallStepUsMin) return 0;
  ++steps_;
  return step_us;
}

}  // namespace sessionhub::hub
