// HubClock: the hub's time, in microseconds since the Unix epoch. It starts at the wall clock, or
// just after the newest stored hub time if that is later, and then follows the boot clock: it never
// goes back and no step of the wall clock moves it. Steps are counted.
#ifndef HUB_HUB_CLOCK_H_
#define HUB_HUB_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

namespace sessionhub::hub {

// CLOCK_BOOTTIME in microseconds: goes on while the machine sleeps, never jumps.
uint64_t BootTimeUs();
uint64_t WallTimeUs();

// The machine's clocks, in microseconds, or what a test puts in their place. Any thread calls them.
struct Clocks {
  std::function<uint64_t()> wall_us = WallTimeUs;
  std::function<uint64_t()> boot_us = BootTimeUs;
};

// A wall clock that moves by more than this against the boot clock between two looks was set:
// nothing that only disciplines a clock moves it so far in a second.
inline constexpr int64_t kWallStepUsMin = 1'000'000;

class HubClock {
 public:
  explicit HubClock(uint64_t last_stored_us, Clocks clocks = {});

  // Any thread.
  uint64_t NowUs() const;
  uint64_t StartUs() const { return start_us_; }

  // By how much the wall clock was set on (below 0: back) since the last look, and counts it; 0 if
  // it was not, or by kWallStepUsMin at most. One thread calls it, about once a second.
  int64_t LookForStep();
  // How many were seen. Any thread.
  uint64_t wall_clock_steps() const { return steps_; }

 private:
  const Clocks clocks_;
  const uint64_t start_us_;
  const uint64_t boot_start_us_;
  std::optional<int64_t> wall_ahead_us_;  // of the boot clock, at the last look
  std::atomic<uint64_t> steps_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_HUB_CLOCK_H_
