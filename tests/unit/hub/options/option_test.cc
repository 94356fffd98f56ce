#include "hub/options/option.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "hub/options/given.h"
#include "hub/options/option_table.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::testing::ElementsAre;

// Has a list, which no option of the hub needs to be one.
struct ConfigWithList : Config {
  std::vector<std::string> items;
};

Option ListOfItems() {
  return List("items", static_cast<std::vector<std::string> Config::*>(&ConfigWithList::items), "");
}

TEST(OptionTest, ANumberIsTakenInDecimalAndWithinItsRange) {
  const Option option = Number("lease-ms", &Config::lease_ms, 100, 3'600'000, "");
  EXPECT_EQ(option.allowed, "100 to 3600000 ms");
  Config config;
  for (const char* legal : {"100", "3600000", "0000200"}) {
    EXPECT_OK(option.set({legal}, &config));
  }
  EXPECT_EQ(config.lease_ms, 200u);
  EXPECT_THAT(option.get(config), ElementsAre("200"));
  for (const char* outside : {"99", "3600001", "18446744073709551615", "99999999999999999999999"}) {
    EXPECT_THAT(option.set({outside}, &config),
                StatusIs(kInvalid, "is out of its range: 100 to 3600000 ms"));
  }
  for (const char* none : {"", "-100", "+100", "1e3", "0x100", "100ms", "100 ", "soon"}) {
    EXPECT_THAT(option.set({none}, &config),
                StatusIs(kInvalid, "is no whole number: give 100 to 3600000 ms"));
  }
  EXPECT_EQ(config.lease_ms, 200u) << "what is refused changes nothing";
}

TEST(OptionTest, TheNameTellsTheUnit) {
  EXPECT_EQ(Number("block-cache-bytes", &Config::block_cache_bytes, 1, 2, "").allowed,
            "1 to 2 bytes");
  EXPECT_EQ(Number("delta-bytes-max", &Limits::delta_bytes_max, 1, 2, "").allowed, "1 to 2 bytes");
  EXPECT_EQ(Number("rooms-max", &Config::nodes_max, 1, 2, "").allowed, "1 to 2");
}

TEST(OptionTest, AFlagIsTrueOrFalse) {
  const Option option = Flag("insecure-listen", &Config::insecure_listen, "");
  Config config;
  for (const char* yes : {"true", "yes", "on", "1"}) {
    config.insecure_listen = false;
    EXPECT_OK(option.set({yes}, &config));
    EXPECT_TRUE(config.insecure_listen) << yes;
  }
  EXPECT_THAT(option.get(config), ElementsAre("true"));
  for (const char* no : {"false", "no", "off", "0"}) {
    config.insecure_listen = true;
    EXPECT_OK(option.set({no}, &config));
    EXPECT_FALSE(config.insecure_listen) << no;
  }
  EXPECT_THAT(option.get(config), ElementsAre("false"));
  EXPECT_THAT(option.set({"maybe"}, &config), StatusIs(kInvalid, "is neither true nor false"));
}

TEST(OptionTest, ATextIsBoundedAndOnOneLine) {
  const Option option = Text("port-file", &Config::port_file, "");
  Config config;
  const std::string longest(kTextBytesMax, 'x');
  EXPECT_OK(option.set({longest}, &config));
  EXPECT_EQ(config.port_file, longest);
  EXPECT_THAT(option.set({longest + "x"}, &config),
              StatusIs(kInvalid, "has 4097 bytes, more than 4096: shorten it"));
  EXPECT_THAT(option.set({"a\nb"}, &config),
              StatusIs(kInvalid, "holds a control character: leave it out"));
  EXPECT_EQ(config.port_file, longest);
  EXPECT_OK(option.set({""}, &config));
  EXPECT_EQ(config.port_file, "");
}

TEST(OptionTest, AChoiceIsOneOfItsWords) {
  const Option option = Choice("log-level", &Config::log_level, {"info", "warning", "error"}, "");
  EXPECT_EQ(option.allowed, "info, warning or error");
  Config config;
  EXPECT_OK(option.set({"error"}, &config));
  EXPECT_EQ(config.log_level, "error");
  EXPECT_THAT(option.set({"debug"}, &config),
              StatusIs(kInvalid, "is none of its values: info, warning or error"));
  EXPECT_EQ(config.log_level, "error");
}

TEST(OptionTest, AListIsBoundedAndSoAreItsItems) {
  const Option option = ListOfItems();
  ConfigWithList config;
  EXPECT_OK(option.set({"a", ""}, &config));
  EXPECT_THAT(option.get(config), ElementsAre("a", ""));
  EXPECT_OK(option.set(std::vector<std::string>(kItemsMax, "x"), &config));
  EXPECT_EQ(config.items.size(), kItemsMax);
  EXPECT_THAT(option.set(std::vector<std::string>(kItemsMax + 1, "x"), &config),
              StatusIs(kInvalid, "has 1001 items, more than 1000"));
  EXPECT_FALSE(option.set({"a", std::string(kTextBytesMax + 1, 'x')}, &config).ok());
  EXPECT_EQ(config.items.size(), kItemsMax);
}

TEST(OptionTest, HasAFlagAndAVariable) {
  const Option option = Number("lease-ms", &Config::lease_ms, 1, 2, "");
  EXPECT_EQ(option.flag(), "--lease-ms");
  EXPECT_EQ(option.variable(), "SESSIONHUB_LEASE_MS");
}

// ---- the table ----

TEST(OptionTableTest, EachRowIsWholeAndItsNameItsOwn) {
  std::set<std::string> names;
  for (const Option& option : OptionTable()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name << " is there twice";
    EXPECT_EQ(option.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos)
        << option.name;
    EXPECT_FALSE(option.help.empty()) << option.name;
    EXPECT_EQ(option.help.find_first_of("|\n"), std::string::npos) << option.name;
    EXPECT_FALSE(option.section.empty()) << option.name;
    EXPECT_TRUE(option.set && option.get) << option.name;
  }
}

TEST(OptionTableTest, EachDefaultIsAllowed) {
  for (const Option& option : OptionTable()) {
    Config config;
    EXPECT_OK(option.set(option.get(Config()), &config)) << option.name;
    EXPECT_EQ(option.get(config), option.get(Config())) << option.name;
  }
}

TEST(OptionTableTest, EachRowHasAMemberOfItsOwn) {
  const std::vector<Option> table = OptionTable();
  for (const Option& written : table) {
    Config config;
    // One of these is in every range, and none is a default.
    bool is_set = false;
    for (const char* other : {"64", "600000", "2000000", "error", "true"}) {
      is_set = is_set || written.set({other}, &config).ok();
    }
    EXPECT_TRUE(is_set) << written.name;
    for (const Option& read : table) {
      EXPECT_EQ(read.get(config) != read.get(Config()), read.name == written.name)
          << written.name << " and " << read.name;
    }
  }
}

// What a hub may take over under way, and nothing else: nodes were told the others.
TEST(OptionTableTest, TheseAreReloadable) {
  std::set<std::string> reloadable;
  for (const Option& option : OptionTable()) {
    if (option.reloadable) reloadable.insert(option.name);
  }
  EXPECT_THAT(reloadable, ElementsAre("app-sessions-max", "disk-free-bytes-min", "drain-ms",
                                      "log-level", "nodes-max"));
}

class LimitOptionTest : public ::testing::TestWithParam<
                            std::tuple<const char*, uint64_t Limits::*, uint64_t, uint64_t>> {};

TEST_P(LimitOptionTest, IsTakenFromLowToHighAndNoFurther) {
  const auto& [name, limit, low, high] = GetParam();
  const std::vector<Option> table = OptionTable();
  const Option* const option = FindOption(table, name);
  ASSERT_NE(option, nullptr);
  Config config;
  for (const uint64_t legal : {low, high}) {
    EXPECT_OK(option->set({std::to_string(legal)}, &config));
    EXPECT_EQ(config.limits.*limit, legal);
  }
  EXPECT_FALSE(option->set({std::to_string(low - 1)}, &config).ok());
  EXPECT_FALSE(option->set({std::to_string(high + 1)}, &config).ok());
}

INSTANTIATE_TEST_SUITE_P(
    All, LimitOptionTest,
    ::testing::Values(
        std::tuple{"path-bytes-max", &Limits::path_bytes_max, 16, 65'536},
        std::tuple{"path-segments-max", &Limits::path_segments_max, 1, 1'024},
        std::tuple{"value-bytes-max", &Limits::value_bytes_max, 16, 33'554'432},
        std::tuple{"delta-ops-max", &Limits::delta_ops_max, 1, 1'048'576},
        std::tuple{"delta-bytes-max", &Limits::delta_bytes_max, 64, 33'554'432},
        std::tuple{"session-bytes-max", &Limits::session_bytes_max, 64, 1'073'741'824},
        std::tuple{"frame-bytes-max", &Limits::frame_bytes_max, 65'536, 33'554'432},
        std::tuple{"in-flight-deltas-max", &Limits::in_flight_deltas_max, 1, 1'048'576},
        std::tuple{"path-definitions-max", &Limits::path_definitions_max, 1, 1'048'576}),
    [](const auto& tried) {
      std::string name;
      for (const char* c = std::get<0>(tried.param); *c != '\0'; ++c) {
        if (*c != '-') name += *c;
      }
      return name;
    });

}  // namespace
}  // namespace sessionhub::hub
