#include "client/ctl/savings.h"

#include <gtest/gtest.h>

namespace sessionhub::ctl {
namespace {

v1::Counters Sent(uint64_t forward, uint64_t catch_up, uint64_t broadcast) {
  v1::Counters counters;
  counters.set_forward_bytes(forward);
  counters.set_catch_up_bytes(catch_up);
  counters.set_broadcast_bytes(broadcast);
  return counters;
}

TEST(SavingsTest, IsTheShareThatWasNotSent) {
  EXPECT_EQ(SavedPercent(Sent(20, 7, 1000)), 97.3);
  EXPECT_EQ(SavedPercentText(Sent(20, 7, 1000)), "97.3");
  EXPECT_EQ(SavedPercentText(Sent(0, 0, 1)), "100.0");
}

TEST(SavingsTest, IsBelowZeroIfMoreWasSent) {
  EXPECT_EQ(SavedPercentText(Sent(1000, 500, 1000)), "-50.0");
}

TEST(SavingsTest, IsNothingWhereNothingWouldHaveBeenBroadcast) {
  EXPECT_EQ(SavedPercent(Sent(5, 5, 0)), std::nullopt);
  EXPECT_EQ(SavedPercentText(Sent(5, 5, 0)), "-");
}

}  // namespace
}  // namespace sessionhub::ctl
