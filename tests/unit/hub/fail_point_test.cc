#include "hub/fail_point.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "tests/support/status_matchers.h"

#ifndef SESSIONHUB_FAIL_POINTS
#error tests need SESSIONHUB_FAIL_POINTS
#endif

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::KilledBySignal;

void PassTwoPlaces() {
  FAIL_POINT("sync.before");
  FAIL_POINT("sync.after");
}

// How many pairs of passes are survived, told by what is printed.
void PassFiveTimes() {
  for (int i = 0; i < 5; ++i) {
    PassTwoPlaces();
    std::fprintf(stderr, "survived %d.", i + 1);
  }
  std::exit(0);
}

void DieAt(const char* setting) {
  if (!ChooseFailPoint(setting).ok()) std::exit(1);
  ArmFailPoint();
  PassFiveTimes();
}

TEST(FailPointDeathTest, TheLastPassEndsTheProcessAndSaysWhere) {
  EXPECT_EXIT(
      DieAt("sync.after:3"), KilledBySignal(SIGKILL),
      "^survived 1.survived 2.event=fail_point name=sync.after pid=[0-9]+ time_us=[0-9]+\n$");
  EXPECT_EXIT(DieAt("sync.before:1"), KilledBySignal(SIGKILL),
              "^event=fail_point name=sync.before");
}

TEST(FailPointDeathTest, OthersAreOnlyPassed) {
  EXPECT_EXIT(DieAt("release.wake:1"), ::testing::ExitedWithCode(0), "survived 5.$");
  EXPECT_EXIT(DieAt("sync.after:6"), ::testing::ExitedWithCode(0), "survived 5.$");
}

TEST(FailPointDeathTest, UntilItIsArmedNothingCounts) {
  EXPECT_EXIT(
      {
        if (!ChooseFailPoint("sync.before:1").ok()) std::exit(1);
        PassFiveTimes();
      },
      ::testing::ExitedWithCode(0), "survived 5.$");
}

TEST(FailPointDeathTest, TheEnvironmentChoosesAndASignalArms) {
  EXPECT_EXIT(
      {
        setenv("SESSIONHUB_FAIL_POINT", "sync.before:2", 1);
        if (!TakeFailPointFromEnvironment().ok()) std::exit(1);
        PassTwoPlaces();
        raise(SIGUSR1);
        PassFiveTimes();
      },
      KilledBySignal(SIGKILL),
      "^event=fail_point_armed.survived 1.event=fail_point name=sync.before");
}

TEST(FailPoint, WithoutTheVariableNothingIsChosen) {
  unsetenv("SESSIONHUB_FAIL_POINT");
  EXPECT_OK(TakeFailPointFromEnvironment());
}

TEST(FailPoint, WhatIsNoneIsRefusedWithAllNames) {
  for (const char* setting :
       {"", ":", "sync.before", "sync.before:", "sync.before:0", "sync.before:-1", "sync.before:1x",
        "sync.before:1:2", "sync:1", "sync.before :1", "sync.before:99999999999999999999"}) {
    EXPECT_THAT(
        ChooseFailPoint(setting),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 AllOf(HasSubstr(std::string("=") + setting + " is no fail point"),
                       HasSubstr("sync.before, sync.torn, "), HasSubstr(", catch_up.last"))))
        << setting;
  }
}

TEST(FailPoint, EachNameHasItsNumber) {
  int number = 0;
  for (const std::string_view name : kFailPoints) EXPECT_EQ(FailPointNumber(name), number++);
  EXPECT_EQ(FailPointNumber("sync"), -1);
  EXPECT_EQ(FailPointNumber(""), -1);
}

}  // namespace
}  // namespace sessionhub::hub
