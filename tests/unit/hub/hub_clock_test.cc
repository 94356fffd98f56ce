#include "hub/hub_clock.h"

#include <gtest/gtest.h>

namespace sessionhub::hub {
namespace {

TEST(HubClockTest, StartsAtTheWallClock) {
  const uint64_t before_us = WallTimeUs();
  const HubClock clock(0);
  EXPECT_GE(clock.StartUs(), before_us);
  EXPECT_LE(clock.StartUs(), WallTimeUs());
}

TEST(HubClockTest, NeverStartsBeforeTheTimeThatIsStored) {
  const uint64_t stored_us = WallTimeUs() + 3'600'000'000;
  const HubClock clock(stored_us);
  EXPECT_EQ(clock.StartUs(), stored_us);
  EXPECT_GE(clock.NowUs(), stored_us);
}

TEST(HubClockTest, FollowsTheBootClock) {
  const HubClock clock(0);
  uint64_t last_us = clock.NowUs();
  const uint64_t boot_us = BootTimeUs();
  while (BootTimeUs() < boot_us + 100) {
    const uint64_t now_us = clock.NowUs();
    EXPECT_GE(now_us, last_us);
    last_us = now_us;
  }
  EXPECT_GE(clock.NowUs(), clock.StartUs() + 100);
}

}  // namespace
}  // namespace sessionhub::hub
