#include "interest/leases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sessionhub::interest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LeasesTest, ALeaseEndsExactlyAtItsTime) {
  Leases leases(30);
  leases.Start(7, 100);
  EXPECT_TRUE(leases.Running(7));
  EXPECT_THAT(leases.TakeEnded(129), IsEmpty());
  EXPECT_THAT(leases.TakeEnded(130), ElementsAre(7));
  EXPECT_FALSE(leases.Running(7));
}

TEST(LeasesTest, AnEndIsToldOnce) {
  Leases leases(30);
  leases.Start(7, 100);
  EXPECT_THAT(leases.TakeEnded(200), ElementsAre(7));
  EXPECT_THAT(leases.TakeEnded(200), IsEmpty());
  EXPECT_FALSE(leases.Cancel(7));
}

TEST(LeasesTest, ANodeThatComesBackKeepsItsInterest) {
  Leases leases(30);
  leases.Start(7, 100);
  EXPECT_TRUE(leases.Cancel(7));
  EXPECT_FALSE(leases.Cancel(7));
  EXPECT_THAT(leases.TakeEnded(1000), IsEmpty());
  EXPECT_EQ(leases.size(), 0u);
}

TEST(LeasesTest, StartingAgainDoesNotProlong) {
  Leases leases(30);
  leases.Start(7, 100);
  leases.Start(7, 120);
  EXPECT_THAT(leases.TakeEnded(130), ElementsAre(7));
}

TEST(LeasesTest, AfterComingBackANewLeaseRunsInFull) {
  Leases leases(30);
  leases.Start(7, 100);
  leases.Cancel(7);
  leases.Start(7, 120);
  EXPECT_THAT(leases.TakeEnded(149), IsEmpty());
  EXPECT_THAT(leases.TakeEnded(150), ElementsAre(7));
}

TEST(LeasesTest, NodesThatEndTogetherComeInTheOrderOfTheirNumbers) {
  Leases leases(30);
  for (NodeNumber node : {5, 3, 9, 1}) leases.Start(node, 100);
  leases.Start(2, 101);
  EXPECT_THAT(leases.TakeEnded(130), ElementsAre(1, 3, 5, 9));
  EXPECT_EQ(leases.size(), 1u);
}

}  // namespace
}  // namespace sessionhub::interest
