#include "bench/overload/survival.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

constexpr Measured kDurable = {30, Survival::kAcked};
constexpr Measured kEverySecond = {60, Survival::kAllButTheLastSecond};

TEST(Survival, EachTextMeansOne) {
  for (const Survival survival :
       {Survival::kAcked, Survival::kAllButTheLastSecond, Survival::kNothing}) {
    EXPECT_EQ(ParseSurvival(SurvivalText(survival)), survival);
  }
  EXPECT_EQ(ParseSurvival("everything"), std::nullopt);
  EXPECT_EQ(ParseSurvival(""), std::nullopt);
}

TEST(RatioOf, OfWhatSurvivesAlikeIsTheQuotient) {
  const absl::StatusOr<double> ratio =
      RatioOf(kDurable, {60, Survival::kAcked}, Comparison::kAlike);
  ASSERT_OK(ratio);
  EXPECT_DOUBLE_EQ(*ratio, 0.5);
}

TEST(RatioOf, OfWhatSurvivesDifferentlyIsRefused) {
  const absl::Status status = RatioOf(kDurable, kEverySecond, Comparison::kAlike).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("acked changes"), std::string::npos);
  EXPECT_NE(status.message().find("all but the last second"), std::string::npos);
  EXPECT_FALSE(RatioOf(kEverySecond, kDurable, Comparison::kAlike).ok());
}

TEST(RatioOf, OfWhatIsMarkedAsUnlikeIsTheQuotient) {
  const absl::StatusOr<double> ratio = RatioOf(kDurable, kEverySecond, Comparison::kUnlike);
  ASSERT_OK(ratio);
  EXPECT_DOUBLE_EQ(*ratio, 0.5);
}

}  // namespace
}  // namespace sessionhub::bench
