// A file of options is read as it was written, whatever its values are; and no bytes harm who reads
// them.
#include "hub/options/option_file.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "hub/options/written_value.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::Below;
using ::sessionhub::testing::ForEachCase;
using ::sessionhub::testing::OneIn;
using ::sessionhub::testing::Random;

// Mostly of what means something in a file.
std::string RandomText(Random& random, size_t bytes_max) {
  const std::string meaningful = "\"'\\#,[]= \t-a0";
  std::string text(Below(random, bytes_max + 1), '\0');
  for (char& c : text) {
    c = OneIn(random, 4) ? static_cast<char>(' ' + Below(random, 95))
                         : meaningful[Below(random, meaningful.size())];
  }
  return text;
}

std::vector<Option> TextAndList() {
  std::vector<Option> options(2);
  options[0].name = "text";
  options[1].name = "items";
  options[1].kind = OptionKind::kList;
  return options;
}

TEST(OptionFileProperty, WhatIsWrittenIsReadAsItWas) {
  const std::vector<Option> options = TextAndList();
  ForEachCase(2'000, [&options](Random& random) {
    const std::string text = RandomText(random, 20);
    std::vector<std::string> items(1 + Below(random, 4));
    for (std::string& item : items) item = RandomText(random, 10);
    const std::string file = "items = " + WriteList(items) + " # " + RandomText(random, 10) +
                             "\n#" + RandomText(random, 20) + "\n\ttext=" + WriteValue(text) +
                             (OneIn(random, 2) ? "\r\n" : "");
    Problems problems;
    const std::vector<Given> given = ParseOptionFile("f", file, options, &problems);
    ASSERT_OK(problems.ToStatus()) << file;
    ASSERT_EQ(given.size(), 2u) << file;
    EXPECT_EQ(given[0].texts, items) << file;
    EXPECT_EQ(given[1].texts, std::vector<std::string>{text}) << file;
  });
}

TEST(OptionFileProperty, EachLineIsTakenOrToldOrNothing) {
  const std::vector<Option> options = TextAndList();
  ForEachCase(5'000, [&options](Random& random) {
    std::string line;
    if (OneIn(random, 2)) line = OneIn(random, 2) ? "text =" : "items = ";
    line += RandomText(random, 20);
    if (OneIn(random, 8)) line += '\xff';
    Problems problems;
    const std::vector<Given> given = ParseOptionFile("f", line, options, &problems);
    const std::string_view bare = Trimmed(line);
    const size_t expected = bare.empty() || bare[0] == '#' ? 0 : 1;
    EXPECT_EQ(given.size() + problems.count(), expected) << line;
    for (const Given& one : given) {
      EXPECT_TRUE(one.name == "items" || one.texts.size() == 1) << line;
    }
  });
}

}  // namespace
}  // namespace sessionhub::hub
