#include "hub/options/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hub/options/option_table.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CommandLineTest : public ::testing::Test {
 protected:
  CommandLineTest() {
    Option list;
    list.name = "items";
    list.kind = OptionKind::kList;
    list.section = "Further ones";
    list.get = [](const Config&) { return std::vector<std::string>(); };
    options_.push_back(list);
  }

  CommandLine Read(std::vector<const char*> arguments) {
    problems_ = Problems();
    arguments.insert(arguments.begin(), "sessionhubd");
    return ReadCommandLine(static_cast<int>(arguments.size()), arguments.data(), options_, "1.2.3",
                           &problems_);
  }
  std::string ProblemOf(const std::vector<const char*>& arguments) {
    Read(arguments);
    return std::string(problems_.ToStatus().message());
  }

  std::vector<Option> options_ = OptionTable();
  Problems problems_;
};

TEST_F(CommandLineTest, FlagsGiveOptions) {
  const CommandLine line =
      Read({"--lease-ms", "1000", "--listen=a,b", "--insecure-listen", "--config", "hub.conf"});
  EXPECT_OK(problems_.ToStatus());
  ASSERT_EQ(line.given.size(), 3u);
  for (const Given& given : line.given) {
    EXPECT_EQ(given.place, "--" + given.name);
    EXPECT_EQ(given.subject, given.place);
    const std::string expected = given.name == "lease-ms" ? "1000"
                                 : given.name == "listen" ? "a,b"
                                                          : "true";
    EXPECT_THAT(given.texts, ElementsAre(expected)) << given.name;
  }
  EXPECT_EQ(line.config_file, "hub.conf");
  EXPECT_FALSE(line.print_config || line.check_config || line.answer);
}

TEST_F(CommandLineTest, AFlagWithoutAValueMayBeGivenOne) {
  EXPECT_THAT(Read({"--insecure-listen=false"}).given.at(0).texts, ElementsAre("false"));
  EXPECT_THAT(Read({"--insecure-listen=maybe"}).given.at(0).texts, ElementsAre("maybe"));
}

TEST_F(CommandLineTest, ListsMayBeGivenSeveralTimes) {
  EXPECT_THAT(Read({"--items", "a, \"b, c\"", "--items=[d]"}).given.at(0).texts,
              ElementsAre("a", "b, c", "d"));
  EXPECT_THAT(Read({"--items", "[]"}).given.at(0).texts, IsEmpty());
  EXPECT_EQ(ProblemOf({"--items=\"a"}), "--items = \"a begins with a quote that has no end");
}

TEST_F(CommandLineTest, WhatIsWrongIsTold) {
  EXPECT_EQ(ProblemOf({"--leese-ms", "5"}), "--leese-ms is no option: do you mean --lease-ms?");
  EXPECT_EQ(ProblemOf({"--leese-ms=5"}), "--leese-ms is no option: do you mean --lease-ms?");
  EXPECT_EQ(ProblemOf({"--print-confg"}),
            "--print-confg is no option: do you mean --print-config?");
  EXPECT_EQ(ProblemOf({"lease-ms"}),
            "lease-ms is no option: sessionhubd --help lists those there are");
  EXPECT_EQ(ProblemOf({"--lease-ms", "200", "--lease-ms", "200"}),
            "--lease-ms is given twice: leave one out");
  EXPECT_EQ(ProblemOf({"--config=a", "--config=b"}), "--config is given twice: leave one out");
  EXPECT_THAT(ProblemOf({"--lease-ms"}), HasSubstr("--lease-ms"));
  ProblemOf({"--one=1", "--two", "2", "three"});
  EXPECT_EQ(problems_.count(), 3u) << problems_.ToStatus();
}

TEST_F(CommandLineTest, SaysWhatElseItIsTo) {
  EXPECT_TRUE(Read({"--print-config"}).print_config);
  EXPECT_TRUE(Read({"--check-config"}).check_config);
  EXPECT_EQ(Read({"--version"}).answer.value_or(""), "1.2.3\n");
  EXPECT_OK(problems_.ToStatus());
}

TEST_F(CommandLineTest, HelpNamesEachOptionWithItsRangeAndDefault) {
  const std::string help = Read({"--help"}).answer.value_or("");
  for (const Option& option : options_) {
    EXPECT_THAT(help, HasSubstr(option.flag()));
    if (option.kind == OptionKind::kNumber) {
      EXPECT_THAT(help, HasSubstr(option.allowed));
    }
  }
  EXPECT_THAT(help, HasSubstr("--lease-ms NUMBER=30000"));
  EXPECT_THAT(help, HasSubstr("Exit codes:"));
}

}  // namespace
}  // namespace sessionhub::hub
