#include "bench/demo/kills.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sessionhub::bench {
namespace {

TEST(PlanKills, SpreadsThemOverTheTraffic) {
  std::mt19937_64 random(1);
  const std::vector<uint64_t> due = PlanKills(20, 10'000, &random);
  ASSERT_EQ(due.size(), 20u);
  EXPECT_TRUE(std::is_sorted(due.begin(), due.end()));
  EXPECT_GE(due.front(), 500u);
  EXPECT_LE(due.back(), 9'000u);
}

TEST(PlanKills, TheSeedDecides) {
  std::mt19937_64 first(1), again(1), other(2);
  const std::vector<uint64_t> due = PlanKills(20, 10'000, &first);
  EXPECT_EQ(due, PlanKills(20, 10'000, &again));
  EXPECT_NE(due, PlanKills(20, 10'000, &other));
}

}  // namespace
}  // namespace sessionhub::bench
