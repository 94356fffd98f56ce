#include "hub/hub_clock.h"

#include <gtest/gtest.h>

namespace sessionhub::hub {
namespace {

constexpr uint64_t kOneHourUs = 3'600'000'000;

TEST(HubClockTest, StartsAtTheWallClock) {
  const uint64_t before_us = WallTimeUs();
  const HubClock clock(0);
  EXPECT_GE(clock.StartUs(), before_us);
  EXPECT_LE(clock.StartUs(), WallTimeUs());
}

TEST(HubClockTest, StartsLaterThanTheTimeThatIsStored) {
  const uint64_t stored_us = WallTimeUs() + 3'600'000'000;
  const HubClock clock(stored_us);
  EXPECT_EQ(clock.StartUs(), stored_us + 1);
  EXPECT_GE(clock.NowUs(), stored_us + 1);
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

// Clocks that stand until the test moves them.
class SteppedClockTest : public ::testing::Test {
 protected:
  void Pass(uint64_t us) {
    wall_us_ += us;
    boot_us_ += us;
  }

  uint64_t wall_us_ = 50 * kOneHourUs;
  uint64_t boot_us_ = 7;
  HubClock clock_{0, {[this] { return wall_us_; }, [this] { return boot_us_; }}};
};

TEST_F(SteppedClockTest, NoStepOfTheWallClockMovesIt) {
  EXPECT_EQ(clock_.StartUs(), 50 * kOneHourUs);
  Pass(1'000'000);
  wall_us_ += 3 * kOneHourUs;
  EXPECT_EQ(clock_.NowUs(), 50 * kOneHourUs + 1'000'000);
  EXPECT_EQ(clock_.LookForStep(), static_cast<int64_t>(3 * kOneHourUs));
  EXPECT_EQ(clock_.NowUs(), 50 * kOneHourUs + 1'000'000);
  Pass(1'000'000);
  wall_us_ -= 9 * kOneHourUs;
  EXPECT_EQ(clock_.NowUs(), 50 * kOneHourUs + 2'000'000);
  EXPECT_EQ(clock_.LookForStep(), -static_cast<int64_t>(9 * kOneHourUs));
  EXPECT_EQ(clock_.NowUs(), 50 * kOneHourUs + 2'000'000);
  EXPECT_EQ(clock_.wall_clock_steps(), 2u);
}

TEST_F(SteppedClockTest, AStepIsMoreThanASecondBetweenTwoLooks) {
  Pass(100 * kOneHourUs);
  EXPECT_EQ(clock_.LookForStep(), 0) << "a machine that slept: both clocks have gone on";
  for (int look = 0; look < 10; ++look) {
    wall_us_ += 1'000'000;
    EXPECT_EQ(clock_.LookForStep(), 0);
  }
  wall_us_ -= 1'000'000;
  EXPECT_EQ(clock_.LookForStep(), 0);
  EXPECT_EQ(clock_.wall_clock_steps(), 0u);
  wall_us_ += 1'000'001;
  EXPECT_EQ(clock_.LookForStep(), 1'000'001);
  EXPECT_EQ(clock_.LookForStep(), 0) << "it is counted once";
  wall_us_ -= 1'000'001;
  EXPECT_EQ(clock_.LookForStep(), -1'000'001);
  EXPECT_EQ(clock_.wall_clock_steps(), 2u);
}

TEST(HubClockTest, AProcessThatIsStoppedWhileItLooksSeesNoStep) {
  uint64_t boot_us = 0;
  uint64_t stopped_us = 0;
  HubClock clock(0, {[&] {
                       boot_us += stopped_us;
                       return kOneHourUs + boot_us;
                     },
                     [&] { return boot_us; }});
  stopped_us = kOneHourUs;
  EXPECT_EQ(clock.LookForStep(), 0);
  stopped_us = 0;
  EXPECT_EQ(clock.LookForStep(), 0);
  EXPECT_EQ(clock.wall_clock_steps(), 0u);
}

}  // namespace
}  // namespace sessionhub::hub
