#include "bench/limits/pace.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;

MeterTime AtMs(int ms) {
  return MeterTime(milliseconds(ms));
}

TEST(Pace, WithARateEachIsDueAtATimeThatWasFixedBefore) {
  Pace pace(AtMs(100), AtMs(130), 100);
  EXPECT_TRUE(pace.open_loop());
  EXPECT_FALSE(pace.Due(AtMs(99)));
  EXPECT_TRUE(pace.Due(AtMs(100)));
  EXPECT_EQ(pace.Take(AtMs(103)), AtMs(100)) << "it was meant to begin then";
  EXPECT_FALSE(pace.Due(AtMs(109)));
  EXPECT_EQ(pace.next(AtMs(103)), AtMs(110));
}

TEST(Pace, WhatIsLateIsMadeUpForAndCountsFromWhenItWasMeant) {
  Pace pace(AtMs(100), AtMs(200), 100);
  EXPECT_EQ(pace.Take(AtMs(125)), AtMs(100));
  ASSERT_TRUE(pace.Due(AtMs(125)));
  EXPECT_EQ(pace.Take(AtMs(125)), AtMs(110));
  ASSERT_TRUE(pace.Due(AtMs(125)));
  EXPECT_EQ(pace.Take(AtMs(125)), AtMs(120));
  EXPECT_FALSE(pace.Due(AtMs(125)));
}

TEST(Pace, NoneIsMeantToBeginAtTheEndOrLater) {
  Pace pace(AtMs(100), AtMs(120), 100);
  pace.Take(AtMs(100));
  EXPECT_FALSE(pace.Over(AtMs(150))) << "one more was meant to begin before the end";
  pace.Take(AtMs(150));
  EXPECT_TRUE(pace.Over(AtMs(150)));
  EXPECT_FALSE(pace.Due(AtMs(150)));
}

TEST(Pace, InAClosedLoopEachBeginsAtOnceUntilTheEnd) {
  Pace pace(AtMs(100), AtMs(120), 0);
  EXPECT_FALSE(pace.open_loop());
  EXPECT_TRUE(pace.Due(AtMs(105)));
  EXPECT_EQ(pace.Take(AtMs(105)), AtMs(105));
  EXPECT_TRUE(pace.Due(AtMs(105)));
  EXPECT_TRUE(pace.Over(AtMs(120)));
  EXPECT_FALSE(pace.Due(AtMs(120)));
}

}  // namespace
}  // namespace sessionhub::bench
