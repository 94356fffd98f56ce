// A random test that fails says how to repeat it, whichever way it ends.
#include "tests/support/seed.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace sessionhub::testing {
namespace {

TEST(SeedTest, AFailureNamesTheCommandThatRepeatsIt) {
  static const std::string* const kCommand =
      new std::string("to repeat: SESSIONHUB_SEED=" + std::to_string(Seed()) + ":");
  EXPECT_NONFATAL_FAILURE(ForEachCase(1, [](Random&) { ADD_FAILURE(); }), *kCommand);
  EXPECT_NONFATAL_FAILURE(ForEachCase(1, [](Random&) { ADD_FAILURE(); }),
                          "seed_test --gtest_filter=SeedTest.AFailureNamesTheCommandThatRepeatsIt");
}

TEST(SeedDeathTest, SoDoesACheckThatEndsTheProcess) {
  EXPECT_DEATH(ForEachCase(1, [](Random&) { std::abort(); }),
               "to repeat: SESSIONHUB_SEED=[0-9]+:0 .*seed_test --gtest_filter=SeedDeathTest.So");
}

}  // namespace
}  // namespace sessionhub::testing
