#include "proto/session/refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

TEST(RefusalTest, EachCodeOfACheckHasItsReason) {
  const std::pair<absl::Status, v1::RefusalReason> rows[] = {
      {absl::InvalidArgumentError("m"), v1::INVALID_ARGUMENT},
      {absl::ResourceExhaustedError("m"), v1::LIMIT_EXCEEDED},
      {absl::FailedPreconditionError("m"), v1::WRONG_TYPE},
      {absl::OutOfRangeError("m"), v1::OUT_OF_RANGE},
      {absl::UnimplementedError("m"), v1::UNSUPPORTED},
  };
  for (const auto& [status, reason] : rows) {
    EXPECT_EQ(RefusalOf(status).reason, reason) << status;
    EXPECT_EQ(RefusalOf(status).message, "m");
    EXPECT_EQ(StatusOf(RefusalOf(status)), status);
  }
}

TEST(RefusalTest, AReasonTravelsWithItsStatus) {
  const absl::Status status = RefusalStatus(v1::PREVIOUS_REFUSED, "why");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, HasSubstr("why")));
  EXPECT_EQ(RefusalOf(status).reason, v1::PREVIOUS_REFUSED);
  EXPECT_EQ(RefusalOf(status).message, "why");
  EXPECT_EQ(RefusalOf(RefusalStatus(v1::BASE_CHANGED, "")).reason, v1::BASE_CHANGED);
}

TEST(RefusalTest, EveryReasonOfTheSchemaHasACodeAndAnOwnSentence) {
  std::set<std::string> sentences;
  const auto* descriptor = v1::RefusalReason_descriptor();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto reason = static_cast<v1::RefusalReason>(descriptor->value(i)->number());
    if (reason == v1::REFUSAL_UNSPECIFIED) continue;
    EXPECT_TRUE(sentences.insert(ReasonText(reason)).second) << descriptor->value(i)->name();
    EXPECT_NE(StatusOf({reason, "why"}).code(), absl::StatusCode::kUnknown)
        << descriptor->value(i)->name();
    EXPECT_THAT(StatusOf({reason, "why"}).message(), "why");
    EXPECT_EQ(StatusOf({reason, ""}).message(), ReasonText(reason));
  }
}

TEST(RefusalTest, AReasonOfALaterVersionIsStillAnError) {
  const Refusal refusal{static_cast<v1::RefusalReason>(99), "why"};
  EXPECT_THAT(StatusOf(refusal), StatusIs(absl::StatusCode::kUnknown, HasSubstr("why")));
  EXPECT_STREQ(ReasonText(refusal.reason), "refused");
}

}  // namespace
}  // namespace sessionhub
