#include "bench/overload/fairness.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sessionhub::bench {
namespace {

TEST(Fairness, EqualSharesAreFair) {
  EXPECT_DOUBLE_EQ(MaxOverMin({7, 7, 7}), 1);
  EXPECT_DOUBLE_EQ(JainIndex({7, 7, 7}), 1);
}

TEST(Fairness, WhoHasEverythingIsNot) {
  EXPECT_TRUE(std::isinf(MaxOverMin({9, 0, 0})));
  EXPECT_DOUBLE_EQ(JainIndex({9, 0, 0}), 1.0 / 3);
}

TEST(Fairness, IsInBetween) {
  EXPECT_DOUBLE_EQ(MaxOverMin({2, 6, 4}), 3);
  EXPECT_DOUBLE_EQ(JainIndex({2, 6, 4}), 144.0 / (3 * 56));
}

TEST(Fairness, NothingToShareIsFair) {
  EXPECT_DOUBLE_EQ(MaxOverMin({}), 1);
  EXPECT_DOUBLE_EQ(MaxOverMin({0, 0}), 1);
  EXPECT_DOUBLE_EQ(JainIndex({0, 0}), 1);
}

}  // namespace
}  // namespace sessionhub::bench
