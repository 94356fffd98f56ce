#include "hub/gateway/app_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

constexpr uint64_t kSecondUs = 1'000'000;
constexpr uint64_t kNowUs = 1'000 * kSecondUs;

TEST(AppLimitsTest, SoManyStreamsAndNoMore) {
  AppLimits limits({2, 0, 0});
  EXPECT_OK(limits.Enter("shop"));
  EXPECT_OK(limits.Enter("shop"));
  EXPECT_THAT(limits.Enter("shop"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("--app-streams-max")));
  EXPECT_OK(limits.Enter("bank"));
  limits.Leave("shop");
  EXPECT_OK(limits.Enter("shop"));
}

TEST(AppLimitsTest, ASecondsWorthIsFreeAndThenItIsPaidFor) {
  AppLimits limits({0, 100, 0});
  ASSERT_OK(limits.Enter("shop"));
  limits.Charge("shop", 100, 0, kNowUs);
  EXPECT_TRUE(limits.MayRead("shop", kNowUs));
  EXPECT_FALSE(limits.TakeWaited());
  limits.Charge("shop", 1, 0, kNowUs);
  EXPECT_FALSE(limits.MayRead("shop", kNowUs));
  EXPECT_FALSE(limits.MayRead("shop", kNowUs + kSecondUs / 100 - 1));
  EXPECT_TRUE(limits.MayRead("shop", kNowUs + kSecondUs / 100));
  EXPECT_TRUE(limits.TakeWaited());
  EXPECT_FALSE(limits.TakeWaited());
}

TEST(AppLimitsTest, WhatIsNotUsedIsKeptForASecond) {
  AppLimits limits({0, 0, 1'000});
  ASSERT_OK(limits.Enter("shop"));
  limits.Charge("shop", 0, 1'000, kNowUs);
  limits.Charge("shop", 0, 1'001, kNowUs + 60 * kSecondUs);
  EXPECT_FALSE(limits.MayRead("shop", kNowUs + 60 * kSecondUs));
}

TEST(AppLimitsTest, SoManySessionsAndNoMoreAndTheBoundMayMove) {
  AppLimits limits({0, 0, 0, 2});
  EXPECT_OK(limits.CheckSessions("shop", 1));
  const absl::Status full = limits.CheckSessions("shop", 2);
  EXPECT_TRUE(absl::IsResourceExhausted(full));
  for (const char* word :
       {"app shop", "has 2 sessions", "app_sessions_max = 2", "--app-sessions-max"}) {
    EXPECT_THAT(std::string(full.message()), ::testing::HasSubstr(word));
  }
  limits.SetSessionsMax(3);
  EXPECT_OK(limits.CheckSessions("shop", 2));
  limits.SetSessionsMax(0);
  EXPECT_OK(limits.CheckSessions("shop", UINT64_MAX));
}

TEST(AppLimitsTest, OneAppDoesNotSlowAnother) {
  AppLimits limits({0, 1, 1});
  ASSERT_OK(limits.Enter("shop"));
  ASSERT_OK(limits.Enter("bank"));
  limits.Charge("shop", 100, 100, kNowUs);
  EXPECT_FALSE(limits.MayRead("shop", kNowUs));
  EXPECT_TRUE(limits.MayRead("bank", kNowUs));
}

TEST(AppLimitsTest, WithoutLimitsNothingWaits) {
  AppLimits limits({});
  ASSERT_OK(limits.Enter("shop"));
  limits.Charge("shop", UINT32_MAX, UINT32_MAX, kNowUs);
  EXPECT_TRUE(limits.MayRead("shop", kNowUs));
  limits.Leave("shop");
  limits.Leave("shop");
}

}  // namespace
}  // namespace sessionhub::hub
