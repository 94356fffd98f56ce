#include "bench/overload/heard.h"

#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

// Versions 2 to 7: 3 and 6 are the node's own.
Heard Whole() {
  return {{3, 6}, {{1, 2}, {3, 4}, {4, 5}, {6, 7}}};
}

TEST(CheckHeard, EveryVersionOnceAndInOrderIsClean) {
  EXPECT_TRUE(CheckHeard(Whole(), 1, 7).clean());
}

TEST(CheckHeard, AStepOverSeveralBringsThemAll) {
  EXPECT_TRUE(CheckHeard({{3, 6}, {{1, 2}, {2, 7}}}, 1, 7).clean());
}

TEST(CheckHeard, AVersionThatNothingBroughtIsMissing) {
  Heard heard = Whole();
  heard.changed.erase(heard.changed.begin() + 1);
  EXPECT_EQ(CheckHeard(heard, 1, 7).missing, 1u);
  EXPECT_EQ(CheckHeard(Whole(), 1, 9).missing, 2u);
  EXPECT_EQ(CheckHeard({}, 1, 7).missing, 6u);
}

TEST(CheckHeard, ChangesOutOfOrderAreFound) {
  Heard heard = Whole();
  std::swap(heard.changed[1], heard.changed[2]);
  EXPECT_EQ(CheckHeard(heard, 1, 7).out_of_order, 1u);
  heard = Whole();
  heard.changed.push_back({6, 7});
  EXPECT_EQ(CheckHeard(heard, 1, 7).out_of_order, 1u);
}

TEST(CheckHeard, AcksOutOfOrderAreFound) {
  Heard heard = Whole();
  heard.acked = {6, 3};
  EXPECT_EQ(CheckHeard(heard, 1, 7).out_of_order, 1u);
  heard.acked = {3, 3, 6};
  EXPECT_EQ(CheckHeard(heard, 1, 7).out_of_order, 1u);
}

TEST(CheckHeard, AnEchoOfAnOwnCommitIsFound) {
  Heard heard = Whole();
  heard.changed.insert(heard.changed.begin() + 1, {2, 3});
  EXPECT_EQ(CheckHeard(heard, 1, 7).twice, 1u);
}

TEST(CountUntiled, NoneIfEachIsThereOnce) {
  EXPECT_EQ(CountUntiled({4, 2, 3}, 1, 4), 0u);
  EXPECT_EQ(CountUntiled({}, 5, 5), 0u);
}

TEST(CountUntiled, CountsWhatIsMissingTwiceOrOutside) {
  EXPECT_EQ(CountUntiled({2, 4}, 1, 4), 1u);
  EXPECT_EQ(CountUntiled({2, 3}, 1, 4), 1u);
  EXPECT_EQ(CountUntiled({3, 4}, 1, 4), 1u);
  EXPECT_EQ(CountUntiled({2, 3, 3, 4}, 1, 4), 1u);
  EXPECT_EQ(CountUntiled({1, 2, 3, 4, 5}, 1, 4), 2u);
}

}  // namespace
}  // namespace sessionhub::bench
