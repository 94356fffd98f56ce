#include "hub/gateway/failed_tries.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace sessionhub::hub {
namespace {

void Fail(FailedTries* tries, int count, uint64_t now_us) {
  for (int i = 0; i < count; ++i) tries->Failed("ipv4:10.0.0.1", "a", now_us);
}

TEST(FailedTriesTest, SoManyAreFreeAndNoMore) {
  FailedTries tries;
  Fail(&tries, FailedTries::kFreeTriesMax - 1, 5);
  EXPECT_TRUE(tries.MayTry("ipv4:10.0.0.1", "a", 5));
  Fail(&tries, 1, 5);
  EXPECT_FALSE(tries.MayTry("ipv4:10.0.0.1", "a", 5));
}

TEST(FailedTriesTest, OneIsLookedAtAfterEachPause) {
  FailedTries tries;
  Fail(&tries, FailedTries::kFreeTriesMax, 0);
  EXPECT_FALSE(tries.MayTry("ipv4:10.0.0.1", "a", FailedTries::kPauseUs - 1));
  EXPECT_TRUE(tries.MayTry("ipv4:10.0.0.1", "a", FailedTries::kPauseUs));
  Fail(&tries, 1, FailedTries::kPauseUs);
  EXPECT_FALSE(tries.MayTry("ipv4:10.0.0.1", "a", 2 * FailedTries::kPauseUs - 1));
}

TEST(FailedTriesTest, OthersAreNotHeldUp) {
  FailedTries tries;
  Fail(&tries, FailedTries::kFreeTriesMax, 0);
  EXPECT_TRUE(tries.MayTry("ipv4:10.0.0.1", "b", 0));
  EXPECT_TRUE(tries.MayTry("ipv4:10.0.0.2", "a", 0));
}

TEST(FailedTriesTest, ARightOneForgetsThoseBefore) {
  FailedTries tries;
  Fail(&tries, FailedTries::kFreeTriesMax, 0);
  tries.Succeeded("ipv4:10.0.0.1", "a");
  EXPECT_TRUE(tries.MayTry("ipv4:10.0.0.1", "a", 0));
  EXPECT_EQ(tries.pairs(), 0u);
}

TEST(FailedTriesTest, RemembersSoManyPairsAndTheNewestOnes) {
  FailedTries tries;
  Fail(&tries, FailedTries::kFreeTriesMax, 1);
  for (size_t i = 1; i < FailedTries::kPairsMax; ++i) tries.Failed("x", std::to_string(i), 2);
  EXPECT_EQ(tries.pairs(), FailedTries::kPairsMax);
  EXPECT_FALSE(tries.MayTry("ipv4:10.0.0.1", "a", 3));
  tries.Failed("x", "one more", 3);
  EXPECT_EQ(tries.pairs(), FailedTries::kPairsMax);
  EXPECT_TRUE(tries.MayTry("ipv4:10.0.0.1", "a", 3));
}

TEST(PacedLinesTest, SoManyASecondAndTheOthersAreCounted) {
  PacedLines lines;
  for (uint64_t i = 0; i < PacedLines::kPerSecond; ++i) EXPECT_EQ(lines.Take(5'999'999), 0u);
  EXPECT_EQ(lines.Take(5'999'999), std::nullopt);
  EXPECT_EQ(lines.Take(5'999'999), std::nullopt);
  EXPECT_EQ(lines.Take(6'000'000), 2u);
  EXPECT_EQ(lines.Take(6'000'000), 0u);
}

TEST(FailedTriesTest, APortIsNoPartOfAnAddress) {
  EXPECT_EQ(AddressOf("ipv4:10.0.0.1:4711"), "ipv4:10.0.0.1");
  EXPECT_EQ(AddressOf("ipv6:%5B::1%5D:4711"), "ipv6:%5B::1%5D");
  EXPECT_EQ(AddressOf("unix:"), "unix:");
}

}  // namespace
}  // namespace sessionhub::hub
