#include "hub/options/written_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What is hard to write down.
const char* const kTricky[] = {"",     " ",   "a b", "#",  "a # b",  "a,b",  "[a]",
                               "\"",   "'",   "\"'", "\\", "a\\\"b", "\\\\", "name = value",
                               "true", "grün"};

TEST(WrittenValueTest, BareTextEndsWithItsLineOrAComment) {
  EXPECT_EQ(*ReadValue(" 30000 "), "30000");
  EXPECT_EQ(*ReadValue("\t30000\t# half a minute"), "30000");
  EXPECT_EQ(*ReadValue("30000\r"), "30000");
  EXPECT_EQ(*ReadValue("/srv/ada's files"), "/srv/ada's files");
  EXPECT_EQ(*ReadValue("/srv/a#b"), "/srv/a#b") << "a # within a word is none of a comment's";
  EXPECT_EQ(*ReadValue("a,b"), "a,b") << "only lists have commas";
  EXPECT_EQ(*ReadValue(""), "");
  EXPECT_EQ(*ReadValue(" # nothing"), "");
}

TEST(WrittenValueTest, QuotedTextMayHoldAnything) {
  EXPECT_EQ(*ReadValue("\" a # b \" # c"), " a # b ");
  EXPECT_EQ(*ReadValue("'a\\b\"c'"), "a\\b\"c");
  EXPECT_EQ(*ReadValue(R"("a\\b\"c")"), "a\\b\"c");
  EXPECT_EQ(*ReadValue("\"\""), "");
}

TEST(WrittenValueTest, WhatIsNotQuotedToItsEndIsRefused) {
  EXPECT_THAT(ReadValue("\"a"), StatusIs(kInvalid, HasSubstr("quote that has no end")));
  EXPECT_THAT(ReadValue("'a\""), StatusIs(kInvalid, HasSubstr("quote that has no end")));
  EXPECT_THAT(ReadValue("\"a\" b"), StatusIs(kInvalid, HasSubstr("behind its closing quote")));
  EXPECT_THAT(ReadValue("\"a\"#b"), StatusIs(kInvalid, HasSubstr("behind its closing quote")));
  EXPECT_THAT(ReadValue(R"("a\n")"), StatusIs(kInvalid, HasSubstr("backslash")));
  EXPECT_THAT(ReadValue("\"a\\"), StatusIs(kInvalid, HasSubstr("backslash")));
}

TEST(WrittenValueTest, ReadsWhatItWrites) {
  std::vector<std::string> all;
  for (const char* text : kTricky) {
    EXPECT_EQ(*ReadValue(WriteValue(text)), text);
    EXPECT_EQ(*ReadValue(WriteValue(text) + " # and a comment"), text);
    all.emplace_back(text);
  }
  EXPECT_EQ(*ReadList(WriteList(all), true), all);
  EXPECT_EQ(*ReadList(WriteList(all), false), all);
  EXPECT_THAT(*ReadList(WriteList({}), true), IsEmpty());
}

TEST(WrittenValueTest, ListsAreSeparatedByCommas) {
  EXPECT_THAT(*ReadList("a, b c ,d", false), ElementsAre("a", "b c", "d"));
  EXPECT_THAT(*ReadList("[a, \"b, c\", '']", false), ElementsAre("a", "b, c", ""));
  EXPECT_THAT(*ReadList("a, b # c", true), ElementsAre("a", "b"));
  EXPECT_THAT(*ReadList("a, b # c", false), ElementsAre("a", "b # c"));
  EXPECT_THAT(*ReadList("a]", false), ElementsAre("a]"));
  EXPECT_THAT(*ReadList("", false), IsEmpty());
  EXPECT_THAT(*ReadList(" [ ] # none", true), IsEmpty());
}

TEST(WrittenValueTest, ListsThatAreNotWholeAreRefused) {
  EXPECT_THAT(ReadList("a,,b", false), StatusIs(kInvalid, HasSubstr("leaves out an item")));
  EXPECT_THAT(ReadList("a,", false), StatusIs(kInvalid, HasSubstr("leaves out an item")));
  EXPECT_THAT(ReadList("[a,]", false), StatusIs(kInvalid, HasSubstr("leaves out an item")));
  EXPECT_THAT(ReadList("[a", false), StatusIs(kInvalid, HasSubstr("no ]")));
  EXPECT_THAT(ReadList("[a # ]", true), StatusIs(kInvalid, HasSubstr("no ]")));
  EXPECT_THAT(ReadList("[a] b", false), StatusIs(kInvalid, HasSubstr("behind its ]")));
  EXPECT_THAT(ReadList("[] b", false), StatusIs(kInvalid, HasSubstr("behind its ]")));
  EXPECT_THAT(ReadList("[\"a]", false), StatusIs(kInvalid, HasSubstr("quote that has no end")));
}

TEST(WrittenValueTest, MessagesShowOneShortLine) {
  EXPECT_EQ(Shown("a\nb\x7f"), "a?b?");
  EXPECT_EQ(Shown(std::string(64, 'x')), std::string(64, 'x'));
  EXPECT_EQ(Shown(std::string(65, 'x')), std::string(64, 'x') + "...");
}

}  // namespace
}  // namespace sessionhub::hub
