#include "bench/demo/figures.h"

#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

TEST(Median, IsTheMiddleOrTheMeanOfTheTwoInTheMiddle) {
  EXPECT_EQ(Median({}), 0);
  EXPECT_EQ(Median({7}), 7);
  EXPECT_EQ(Median({1, 4}), 2.5);
  EXPECT_EQ(Median({1, 4, 100}), 4);
  EXPECT_EQ(Median({1, 4, 6, 100}), 5);
}

TEST(AlignedRight, FillsUpToTheWidthAndCutsNothing) {
  EXPECT_EQ(AlignedRight("12.3", 6), "  12.3");
  EXPECT_EQ(AlignedRight("12.3", 4), "12.3");
  EXPECT_EQ(AlignedRight("12.3", 2), "12.3");
}

}  // namespace
}  // namespace sessionhub::bench
