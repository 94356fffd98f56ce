#include "hub/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <tuple>

#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr uint64_t kFrameSlack = 32'768;

// ---- limits that must fit each other ----

TEST(ConfigTest, TheDefaultsFit) {
  EXPECT_OK(CheckConfig(Config()));
}

TEST(ConfigTest, OnlyAnAddressOfThisMachineIsLoopback) {
  for (const char* listen : {"127.0.0.1:7070", "127.8.9.10:0", "localhost:7070", "[::1]:7070",
                             "unix:/run/sessionhub.sock"}) {
    EXPECT_TRUE(IsLoopback(listen)) << listen;
  }
  for (const char* listen : {"127.example.com:7070", "127.0.0.1.example.com:7070", "0.0.0.0:7070",
                             "[::]:7070", "10.0.0.1:7070"}) {
    EXPECT_FALSE(IsLoopback(listen)) << listen;
  }
}

TEST(ConfigTest, ADeltaHoldsAValueAndAPathOfTheMaximum) {
  Config config;
  config.limits.delta_bytes_max = config.limits.value_bytes_max + config.limits.path_bytes_max;
  EXPECT_OK(CheckConfig(config));
  --config.limits.delta_bytes_max;
  EXPECT_THAT(CheckConfig(config),
              StatusIs(kInvalid,
                       "--delta-bytes-max = 1049599 is below --value-bytes-max + "
                       "--path-bytes-max = 1049600: raise it"));
}

TEST(ConfigTest, AFrameHoldsADeltaOfTheMaximumAndALittleMore) {
  Config config;
  config.limits.frame_bytes_max = config.limits.delta_bytes_max + kFrameSlack;
  EXPECT_OK(CheckConfig(config));
  --config.limits.frame_bytes_max;
  EXPECT_THAT(CheckConfig(config),
              StatusIs(kInvalid,
                       "--frame-bytes-max = 2129919 is below --delta-bytes-max + 32768 = "
                       "2129920: raise it"));
}

TEST(ConfigTest, ASessionHoldsADeltaOfTheMaximum) {
  Config config;
  config.limits.session_bytes_max = config.limits.delta_bytes_max;
  EXPECT_OK(CheckConfig(config));
  --config.limits.session_bytes_max;
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid,
                                            "--session-bytes-max = 2097151 is below "
                                            "--delta-bytes-max = 2097152: raise it"));
}

// ---- the range of each ----

class LimitOptionTest : public ::testing::TestWithParam<
                            std::tuple<const char*, uint64_t Limits::*, uint64_t, uint64_t>> {
 protected:
  // What the command line gives; what is wrong with it otherwise.
  static absl::StatusOr<uint64_t> Parse(uint64_t value) {
    const auto& [option, limit, low, high] = GetParam();
    CLI::App app;
    Config config;
    DeclareOptions(&app, &config);
    const std::string given = std::string(option) + "=" + std::to_string(value);
    const char* const arguments[] = {"sessionhubd", "--data-dir=here", given.c_str()};
    try {
      app.parse(3, arguments);
    } catch (const CLI::ParseError& error) {
      return absl::InvalidArgumentError(error.what());
    }
    return config.limits.*limit;
  }
};

TEST_P(LimitOptionTest, IsTakenFromLowToHighAndNoFurther) {
  const auto& [option, limit, low, high] = GetParam();
  for (const uint64_t legal : {low, high}) {
    const auto taken = Parse(legal);
    ASSERT_OK(taken);
    EXPECT_EQ(*taken, legal);
  }
  const auto names_it =
      AllOf(HasSubstr(option), HasSubstr(std::to_string(low)), HasSubstr(std::to_string(high)));
  EXPECT_THAT(Parse(low - 1), StatusIs(kInvalid, names_it));
  EXPECT_THAT(Parse(high + 1), StatusIs(kInvalid, names_it));
}

INSTANTIATE_TEST_SUITE_P(
    All, LimitOptionTest,
    ::testing::Values(
        std::tuple{"--path-bytes-max", &Limits::path_bytes_max, 16, 65'536},
        std::tuple{"--path-segments-max", &Limits::path_segments_max, 1, 1'024},
        std::tuple{"--value-bytes-max", &Limits::value_bytes_max, 16, 33'554'432},
        std::tuple{"--delta-ops-max", &Limits::delta_ops_max, 1, 1'048'576},
        std::tuple{"--delta-bytes-max", &Limits::delta_bytes_max, 64, 33'554'432},
        std::tuple{"--session-bytes-max", &Limits::session_bytes_max, 64, 1'073'741'824},
        std::tuple{"--frame-bytes-max", &Limits::frame_bytes_max, 65'536, 33'554'432},
        std::tuple{"--in-flight-deltas-max", &Limits::in_flight_deltas_max, 1, 1'048'576},
        std::tuple{"--path-definitions-max", &Limits::path_definitions_max, 1, 1'048'576}),
    [](const auto& tried) {
      std::string name;
      for (const char* c = std::get<0>(tried.param); *c != '\0'; ++c) {
        if (*c != '-') name += *c;
      }
      return name;
    });

}  // namespace
}  // namespace sessionhub::hub
