#include "hub/options/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "hub/options/option_page.h"
#include "hub/options/option_table.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Given GivenBy(const std::string& place, const std::string& name, const std::string& text) {
  return {name, place, place, {text}};
}

class SettingsTest : public ::testing::Test {
 protected:
  void WriteFile(const std::string& text) {
    sources_.config_file = folder_.path() + "/hub.conf";
    std::ofstream(sources_.config_file) << text;
  }
  absl::StatusOr<Settings> Read() const { return ReadSettings(options_, sources_); }

  const std::vector<Option> options_ = OptionTable();
  const TemporaryFolder folder_;
  Sources sources_;
};

TEST_F(SettingsTest, WithoutSourcesEverythingIsAtItsDefault) {
  const auto settings = Read();
  ASSERT_OK(settings);
  EXPECT_TRUE(settings->set_by.empty());
  for (const Option& option : options_) {
    EXPECT_EQ(option.get(settings->config), option.get(Config())) << option.name;
  }
}

TEST_F(SettingsTest, AFlagGoesBeforeTheEnvironmentAndThatBeforeTheFile) {
  WriteFile("lease-ms = 1001\nheartbeat-ms = 1002\ndrain-ms = 1003\n");
  sources_.environment = {GivenBy("SESSIONHUB_LEASE_MS", "lease-ms", "2001"),
                          GivenBy("SESSIONHUB_HEARTBEAT_MS", "heartbeat-ms", "2002")};
  sources_.flags = {GivenBy("--lease-ms", "lease-ms", "3001")};
  const auto settings = Read();
  ASSERT_OK(settings);
  EXPECT_EQ(settings->config.lease_ms, 3001u);
  EXPECT_EQ(settings->config.heartbeat_ms, 2002u);
  EXPECT_EQ(settings->config.drain_ms, 1003u);
  EXPECT_EQ(settings->config.shards, Config().shards);
  EXPECT_EQ(settings->set_by.at("lease-ms"), "--lease-ms");
  EXPECT_EQ(settings->set_by.at("heartbeat-ms"), "SESSIONHUB_HEARTBEAT_MS");
  EXPECT_EQ(settings->set_by.at("drain-ms"), sources_.config_file + ":3");
  EXPECT_EQ(settings->set_by.count("shards"), 0u);
}

TEST_F(SettingsTest, EverythingThatIsWrongIsToldAtOnceWhereverItStands) {
  WriteFile("lease-ms = 50\nleese-ms = 5\nshards = many\nnodes-max = 0\n");
  sources_.problems.Add("--what is no option");
  sources_.environment = {GivenBy("SESSIONHUB_DRAIN_MS", "drain-ms", "-1")};
  // Goes before the file's, which is wrong all the same.
  sources_.flags = {GivenBy("--lease-ms", "lease-ms", "300"),
                    GivenBy("--log-level", "log-level", "debug")};
  const std::string file = sources_.config_file;
  EXPECT_THAT(Read(),
              StatusIs(kInvalid,
                       "--what is no option\n"
                       "SESSIONHUB_DRAIN_MS = -1 is no whole number: give 0 to 600000 ms\n"
                       "--log-level = debug is none of its values: info, warning or error\n" +
                           file + ":1: lease-ms = 50 is out of its range: 100 to 3600000 ms\n" +
                           file + ":2: leese-ms is no option: do you mean lease-ms?\n" + file +
                           ":3: shards = many is no whole number: give 1 to 64\n" + file +
                           ":4: nodes-max = 0 is out of its range: 1 to 1048576"));
}

TEST_F(SettingsTest, AFileThatIsNotThereIsAProblem) {
  sources_.config_file = folder_.path() + "/none.conf";
  EXPECT_THAT(Read(), StatusIs(kInvalid, HasSubstr("cannot read --config " + folder_.path())));
}

TEST_F(SettingsTest, WhatIsRequiredMustBeThereAndTheRestMustFit) {
  EXPECT_THAT(CheckSettings(options_, *Read()),
              StatusIs(kInvalid, AllOf(HasSubstr("--data-dir is required"),
                                       HasSubstr("SESSIONHUB_DATA_DIR"))));
  sources_.flags = {GivenBy("--data-dir", "data-dir", "/srv")};
  EXPECT_OK(CheckSettings(options_, *Read()));
  sources_.flags.push_back(GivenBy("--delta-bytes-max", "delta-bytes-max", "64"));
  EXPECT_THAT(CheckSettings(options_, *Read()), StatusIs(kInvalid, HasSubstr("raise it")));
}

// ---- reload ----

TEST_F(SettingsTest, AReloadChangesWhatItCanAndNamesTheRest) {
  Config running;
  running.data_dir = "/srv";
  Config next = running;
  EXPECT_TRUE(Compare(options_, running, next).changed.empty());
  next.nodes_max = 5;
  next.log_level = "error";
  next.lease_ms = 200;
  next.limits.value_bytes_max = 100;
  const Difference difference = Compare(options_, running, next);
  EXPECT_THAT(difference.changed, ElementsAre("log-level", "nodes-max"));
  EXPECT_THAT(difference.needs_restart, ElementsAre("lease-ms", "value-bytes-max"));
  EXPECT_EQ(difference.config.nodes_max, 5u);
  EXPECT_EQ(difference.config.log_level, "error");
  EXPECT_EQ(difference.config.lease_ms, running.lease_ms);
  EXPECT_EQ(difference.config.limits.value_bytes_max, running.limits.value_bytes_max);
  EXPECT_EQ(difference.config.data_dir, "/srv");
  // Until the restart, each reload names it.
  const Difference again = Compare(options_, difference.config, next);
  EXPECT_TRUE(again.changed.empty());
  EXPECT_THAT(again.needs_restart, ElementsAre("lease-ms", "value-bytes-max"));
}

// ---- the file that is printed ----

// Texts that each option takes, besides its default.
std::vector<std::string> OthersOf(const Option& option) {
  switch (option.kind) {
    case OptionKind::kNumber:
      return {option.allowed.substr(0, option.allowed.find(' ')),
              option.allowed.substr(option.allowed.find(" to ") + 4)};
    case OptionKind::kFlag:
      return {"true", "false"};
    case OptionKind::kText:
      if (option.allowed != kAnyText) return {"warning"};
      return {"", "plain", " a, \"b\" # 'c' \\ [d] = "};
    case OptionKind::kList:
      return {};
  }
  return {};
}

TEST_F(SettingsTest, TheFileThatIsPrintedGivesTheSameAgain) {
  for (const Option& option : options_) {
    for (const std::string& other : OthersOf(option)) {
      sources_ = Sources();
      const std::string number = other.substr(0, other.find(' '));
      const std::string text = option.kind == OptionKind::kNumber ? number : other;
      sources_.flags = {GivenBy("--" + option.name, option.name, text)};
      const auto settings = Read();
      ASSERT_OK(settings);
      WriteFile(ConfigPage(options_, *settings));
      sources_.flags.clear();
      const auto again = Read();
      ASSERT_OK(again);
      EXPECT_EQ(again->set_by.size(), 1u) << option.name;
      for (const Option& one : options_) {
        EXPECT_EQ(one.get(again->config), one.get(settings->config)) << one.name << " = " << text;
      }
    }
  }
}

TEST_F(SettingsTest, WhatIsCommentedOutInItIsEachDefault) {
  std::string page = ConfigPage(options_, Settings());
  EXPECT_THAT(page, HasSubstr("\n# how long a node's interest outlives its connection\n"
                              "# 100 to 3600000 ms; default 30000; a change takes a restart\n"
                              "#lease-ms = 30000\n"));
  EXPECT_THAT(page,
              HasSubstr("\n# a text; required; a change takes a restart\n#data-dir = \"\"\n"));
  // Without their # the lines give every option.
  for (const Option& option : options_) {
    const size_t at = page.find("\n#" + option.name + " = ");
    ASSERT_NE(at, std::string::npos) << option.name;
    page.erase(at + 1, 1);
  }
  WriteFile(page);
  const auto settings = Read();
  ASSERT_OK(settings);
  EXPECT_EQ(settings->set_by.size(), options_.size());
  for (const Option& option : options_) {
    EXPECT_EQ(option.get(settings->config), option.get(Config())) << option.name;
  }
}

TEST_F(SettingsTest, ItSaysWhereAValueIsFrom) {
  sources_.environment = {GivenBy("SESSIONHUB_NODES_MAX", "nodes-max", "7")};
  EXPECT_THAT(ConfigPage(options_, *Read()),
              HasSubstr("; reloadable\n# set by SESSIONHUB_NODES_MAX\nnodes-max = 7\n"));
}

TEST_F(SettingsTest, ListsAreWrittenInOneLine) {
  std::vector<std::string> items = {"a", "b, c"};
  Option list;
  list.name = "items";
  list.kind = OptionKind::kList;
  list.get = [&items](const Config&) { return items; };
  list.set = [&items](const std::vector<std::string>& texts, Config*) {
    items = texts;
    return absl::OkStatus();
  };
  Settings settings;
  settings.set_by["items"] = "--items";
  const std::string page = ConfigPage({list}, settings);
  EXPECT_THAT(page, HasSubstr("\nitems = [\"a\", \"b, c\"]\n"));
  WriteFile(page);
  items.clear();
  ASSERT_OK(ReadSettings({list}, sources_));
  EXPECT_THAT(items, ElementsAre("a", "b, c"));
}

}  // namespace
}  // namespace sessionhub::hub
