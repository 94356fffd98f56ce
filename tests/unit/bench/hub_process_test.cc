#include "bench/demo/hub_process.h"

#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

constexpr char kLog[] =
    "I1 event=ready\n"
    "event=fail_point name=sync.before pid=12 time_us=34\n"
    "I1 event=ready\n"
    "event=fail_point name=release.wake pid=56 time_us=789\n"
    "I1 event=ready\n";

TEST(FindFailPointDeath, ReadsTheLastOne) {
  const auto death = FindFailPointDeath(kLog, 56);
  ASSERT_TRUE(death.has_value());
  EXPECT_EQ(death->name, "release.wake");
  EXPECT_EQ(death->time_us, 789);
}

TEST(FindFailPointDeath, ThatOfAnotherProcessIsNone) {
  EXPECT_FALSE(FindFailPointDeath(kLog, 12).has_value());
  EXPECT_FALSE(FindFailPointDeath(kLog, 5).has_value());
}

TEST(FindFailPointDeath, WithoutSuchALineThereIsNone) {
  EXPECT_FALSE(FindFailPointDeath("I1 event=ready\n", 1).has_value());
  EXPECT_FALSE(FindFailPointDeath("event=fail_point name=a", 1).has_value());
  EXPECT_FALSE(FindFailPointDeath("event=fail_point name=a pid=1 time_us=", 1).has_value());
}

}  // namespace
}  // namespace sessionhub::bench
