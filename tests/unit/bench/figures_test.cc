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

TEST(TwoDecimals, Rounds) {
  EXPECT_EQ(TwoDecimals(1.406), "1.41");
  EXPECT_EQ(TwoDecimals(0), "0.00");
}

TEST(AlignedRight, FillsUpToTheWidthAndCutsNothing) {
  EXPECT_EQ(AlignedRight("12.3", 6), "  12.3");
  EXPECT_EQ(AlignedRight("12.3", 4), "12.3");
  EXPECT_EQ(AlignedRight("12.3", 2), "12.3");
}

TEST(Percentile, IsTheNearestRank) {
  EXPECT_EQ(Percentile({}, 50), 0);
  EXPECT_EQ(Percentile({7}, 99), 7);
  EXPECT_EQ(Percentile({4, 1, 3, 2}, 50), 2);
  EXPECT_EQ(Percentile({4, 1, 3, 2}, 99), 4);
  std::vector<double> hundred;
  for (int i = 1; i <= 100; ++i) hundred.push_back(i);
  EXPECT_EQ(Percentile(hundred, 99), 99);
  EXPECT_EQ(Percentile(hundred, 100), 100);
}

}  // namespace
}  // namespace sessionhub::bench
