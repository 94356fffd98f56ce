#include "hub/gateway/app_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

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
  limits.Leave("shop", kNowUs);
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
  limits.Leave("shop", kNowUs);
  limits.Leave("shop", kNowUs);
}

TEST(AppLimitsTest, WhoAttachesAnewStillOwesWhatHeOwed) {
  AppLimits limits({0, 100, 1'000});
  ASSERT_OK(limits.Enter("shop"));
  limits.Charge("shop", 0, 3'000, kNowUs);
  limits.Leave("shop", kNowUs);
  ASSERT_OK(limits.Enter("shop"));
  EXPECT_FALSE(limits.MayRead("shop", kNowUs + 2 * kSecondUs - 1));
  EXPECT_TRUE(limits.MayRead("shop", kNowUs + 2 * kSecondUs));
}

// As long as it has not all of a second's worth again: attaching anew gives nobody another second.
TEST(AppLimitsTest, WhatWasUsedIsKeptUntilItMakesNoDifference) {
  AppLimits limits({0, 0, 1'000});
  ASSERT_OK(limits.Enter("shop"));
  limits.Charge("shop", 0, 1'000, kNowUs);
  limits.Leave("shop", kNowUs + kSecondUs / 2);
  ASSERT_OK(limits.Enter("shop"));
  limits.Charge("shop", 0, 501, kNowUs + kSecondUs / 2);
  EXPECT_FALSE(limits.MayRead("shop", kNowUs + kSecondUs / 2));
}

TEST(AppLimitsTest, OfSoManyAppsThatHaveLeftWhatTheyOweIsKept) {
  AppLimits limits({0, 0, 1'000});
  const auto owe = [&limits](const std::string& app, uint64_t bytes) {
    EXPECT_OK(limits.Enter(app));
    limits.Charge(app, 0, bytes, kNowUs);
    limits.Leave(app, kNowUs);
  };
  const auto owes = [&limits](const std::string& app) {
    EXPECT_OK(limits.Enter(app));
    const bool may_read = limits.MayRead(app, kNowUs);
    limits.Leave(app, kNowUs);
    return !may_read;
  };
  owe("least", 2'000);
  for (size_t i = 1; i < AppLimits::kDebtorsMax; ++i) owe(std::to_string(i), 3'000);
  EXPECT_TRUE(owes("least"));
  owe("one more", 4'000);
  EXPECT_FALSE(owes("least")) << "it is the one that has paid first";
  EXPECT_TRUE(owes("1"));
  EXPECT_TRUE(owes("one more"));
}

// One that is attached is never forgotten, however many others owe something.
TEST(AppLimitsTest, WhoIsAttachedIsNoneOfThoseThatAreForgotten) {
  AppLimits limits({1, 0, 1'000});
  ASSERT_OK(limits.Enter("shop"));
  for (size_t i = 0; i <= AppLimits::kDebtorsMax; ++i) {
    ASSERT_OK(limits.Enter(std::to_string(i)));
    limits.Charge(std::to_string(i), 0, 5'000, kNowUs);
    limits.Leave(std::to_string(i), kNowUs);
  }
  EXPECT_THAT(limits.Enter("shop"), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("")));
}

TEST(AppLimitsTest, AtAHighRateSmallFramesArePaidForToo) {
  constexpr uint64_t kRate = 3'000'000'000;
  AppLimits limits({0, 0, kRate});
  ASSERT_OK(limits.Enter("shop"));
  limits.Charge("shop", 0, kRate, kNowUs);
  for (int i = 0; i < 2; ++i) limits.Charge("shop", 0, 1'000, kNowUs);
  EXPECT_TRUE(limits.MayRead("shop", kNowUs)) << "two thirds of a microsecond";
  limits.Charge("shop", 0, 1'000, kNowUs);
  EXPECT_FALSE(limits.MayRead("shop", kNowUs));
  EXPECT_TRUE(limits.MayRead("shop", kNowUs + 1));
}

}  // namespace
}  // namespace sessionhub::hub
