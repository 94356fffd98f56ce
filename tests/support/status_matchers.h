// GoogleTest matchers for absl::Status and absl::StatusOr.
#ifndef TESTS_SUPPORT_STATUS_MATCHERS_H_
#define TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::testing {

inline const absl::Status& GetStatus(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& value) {
  return value.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << "which is " << GetStatus(arg).ToString();
  return GetStatus(arg).ok();
}

// What bad input gets.
inline constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// StatusIs(absl::StatusCode::kNotFound, HasSubstr("id"))
MATCHER_P2(StatusIs, code, message_matcher, "") {
  const absl::Status& status = GetStatus(arg);
  *result_listener << "which is " << status.ToString();
  return status.code() == code &&
         ::testing::Matches(message_matcher)(std::string(status.message()));
}

}  // namespace sessionhub::testing

#define ASSERT_OK(expression) ASSERT_THAT(expression, ::sessionhub::testing::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::sessionhub::testing::IsOk())

#endif  // TESTS_SUPPORT_STATUS_MATCHERS_H_
