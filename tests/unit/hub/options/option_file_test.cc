#include "hub/options/option_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "hub/options/option_table.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OptionFileTest : public ::testing::Test {
 protected:
  OptionFileTest() {
    Option list;
    list.name = "items";
    list.kind = OptionKind::kList;
    options_.push_back(list);
  }

  std::vector<Given> Parse(const std::string& text) {
    return ParseOptionFile("hub.conf", text, options_, &problems_);
  }
  // The one problem of a text.
  std::string ProblemOf(const std::string& text) {
    problems_ = Problems();
    Parse(text);
    EXPECT_EQ(problems_.count(), 1u) << text;
    return std::string(problems_.ToStatus().message());
  }

  std::vector<Option> options_ = OptionTable();
  Problems problems_;
};

TEST_F(OptionFileTest, EachLineGivesAnOption) {
  const std::vector<Given> given =
      Parse("# a comment\n\n  lease-ms = 1000  # a second\r\nlisten=\"127.0.0.1:0\"\nport-file =");
  EXPECT_OK(problems_.ToStatus());
  ASSERT_EQ(given.size(), 3u);
  EXPECT_EQ(given[0].name, "lease-ms");
  EXPECT_EQ(given[0].place, "hub.conf:3");
  EXPECT_EQ(given[0].subject, "hub.conf:3: lease-ms");
  EXPECT_THAT(given[0].texts, ElementsAre("1000"));
  EXPECT_EQ(given[1].place, "hub.conf:4");
  EXPECT_THAT(given[1].texts, ElementsAre("127.0.0.1:0"));
  EXPECT_THAT(given[2].texts, ElementsAre(""));
}

TEST_F(OptionFileTest, AListMayHaveSeveralLines) {
  const std::vector<Given> given = Parse("items = a, \"b, c\"\nlease-ms = 200\nitems = [d] # e\n");
  EXPECT_OK(problems_.ToStatus());
  ASSERT_EQ(given.size(), 2u);
  EXPECT_THAT(given[0].texts, ElementsAre("a", "b, c", "d"));
  EXPECT_EQ(given[0].place, "hub.conf:1");
}

TEST_F(OptionFileTest, AnUnknownNameIsToldWithTheNearestKnownOne) {
  EXPECT_EQ(ProblemOf("\nleese-ms = 1000"),
            "hub.conf:2: leese-ms is no option: do you mean lease-ms?");
  EXPECT_EQ(ProblemOf("LEASE_MS = 1000"),
            "hub.conf:1: LEASE_MS is no option: do you mean lease-ms?");
  EXPECT_EQ(ProblemOf("--lease-ms = 1000"),
            "hub.conf:1: --lease-ms is no option: do you mean lease-ms?");
  EXPECT_EQ(ProblemOf("something-else = 1"),
            "hub.conf:1: something-else is no option: sessionhubd --help lists those there are");
  EXPECT_EQ(ProblemOf(std::string(100, 'x') + " = 1"),
            "hub.conf:1: " + std::string(64, 'x') +
                "... is no option: sessionhubd --help lists those there are");
  EXPECT_EQ(ProblemOf("config = other.conf").find("hub.conf:1: config is no option"), 0u);
}

TEST_F(OptionFileTest, WhatIsNoLineOfOptionsIsRefused) {
  EXPECT_EQ(ProblemOf("[hub]"), "hub.conf:1: [hub] is no option: leave sections out");
  EXPECT_EQ(ProblemOf("insecure-listen"),
            "hub.conf:1: insecure-listen has no value: write insecure-listen = VALUE");
  EXPECT_EQ(ProblemOf("= 5").find("hub.conf:1:  is no option"), 0u);
  EXPECT_EQ(ProblemOf("listen = \"a"),
            "hub.conf:1: listen = \"a begins with a quote that has no end");
  EXPECT_EQ(ProblemOf("items = [a"), "hub.conf:1: items = [a has no ] at its end");
}

TEST_F(OptionFileTest, AnOptionThatIsGivenTwiceIsRefused) {
  EXPECT_EQ(ProblemOf("lease-ms = 1000\n# and\nlease-ms = 1000\n"),
            "hub.conf:3: lease-ms is given twice, first in line 1: leave one out");
}

TEST_F(OptionFileTest, EverythingThatIsWrongIsToldAtOnce) {
  EXPECT_EQ(Parse("leese-ms = 1\nlease-ms = 1000\n[x]\n").size(), 1u);
  EXPECT_EQ(problems_.ToStatus().message(),
            "hub.conf:1: leese-ms is no option: do you mean lease-ms?\n"
            "hub.conf:3: [x] is no option: leave sections out");
}

TEST_F(OptionFileTest, ProblemsArePastAHundredOnlyCounted) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "?\n";
  Parse(text);
  EXPECT_THAT(std::string(problems_.ToStatus().message()),
              ::testing::EndsWith("hub.conf:100: ? is no option: sessionhubd --help lists those "
                                  "there are"));
  problems_ = Problems();
  Parse(text + "?\n");
  EXPECT_THAT(std::string(problems_.ToStatus().message()),
              ::testing::EndsWith("\nand 1 more of the kind"));
  EXPECT_EQ(problems_.count(), 101u);
}

TEST_F(OptionFileTest, NothingMayComeAsOptions) {
  EXPECT_THAT(Parse(""), IsEmpty());
  EXPECT_THAT(Parse("\n\n#\n"), IsEmpty());
  EXPECT_OK(problems_.ToStatus());
  Parse(std::string("\0\n\xff=\n", 5));
  EXPECT_EQ(problems_.count(), 2u);
}

// ---- the file itself ----

TEST(OptionFileOnDiskTest, IsReadWholeUpToItsLimit) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/hub.conf";
  std::ofstream(path) << std::string(kOptionFileBytesMax, '\n');
  EXPECT_EQ(ReadOptionFile(path)->size(), kOptionFileBytesMax);
  std::ofstream(path, std::ios::app) << "\n";
  EXPECT_THAT(ReadOptionFile(path),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("more than 1048576 bytes")));
}

TEST(OptionFileOnDiskTest, OneThatCannotBeReadSaysSo) {
  const TemporaryFolder folder;
  EXPECT_THAT(ReadOptionFile(folder.path() + "/none"),
              StatusIs(absl::StatusCode::kNotFound,
                       ::testing::AllOf(HasSubstr("cannot read --config " + folder.path()),
                                        HasSubstr("No such file"))));
  const auto of_folder = ReadOptionFile(folder.path());
  EXPECT_FALSE(of_folder.ok());
  EXPECT_THAT(std::string(of_folder.status().message()), HasSubstr("cannot read --config"));
}

}  // namespace
}  // namespace sessionhub::hub
