#include "proto/session/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::P;
using ::sessionhub::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PathTest, TextBecomesSegmentsEachEndedByNul) {
  EXPECT_EQ(P("cart").encoded(), std::string("cart\0", 5));
  EXPECT_EQ(P("cart/qty").encoded(), std::string("cart\0qty\0", 9));
  EXPECT_THAT(P("cart/items/85123A/qty").Segments(), ElementsAre("cart", "items", "85123A", "qty"));
  EXPECT_EQ(P("cart/items/85123A/qty").SegmentCount(), 4u);
}

TEST(PathTest, EscapesAreThoseOfJsonPointer) {
  EXPECT_THAT(P("a~1b/c~0d").Segments(), ElementsAre("a/b", "c~d"));
  EXPECT_THAT(P("~01").Segments(), ElementsAre("~1"));
  EXPECT_THAT(P("~00").Segments(), ElementsAre("~0"));
  EXPECT_EQ(Path::FromSegments({"a/b", "c~d", "~1"})->ToText(), "a~1b/c~0d/~01");
}

TEST(PathTest, EmptySegmentsAreLegalBetweenOthers) {
  EXPECT_THAT(P("cart//x").Segments(), ElementsAre("cart", "", "x"));
  EXPECT_THAT(P("cart/").Segments(), ElementsAre("cart", ""));
  EXPECT_THAT(P("/cart").Segments(), ElementsAre("", "cart"));
  EXPECT_THAT(P("/").Segments(), ElementsAre("", ""));
}

TEST(PathTest, TextComesBack) {
  for (const char* text :
       {"a", "a/b", "cart//x", "cart/", "/cart", "/", "a~1b", "~0~1/~01", "ä/€/😀"}) {
    EXPECT_EQ(P(text).ToText(), text);
  }
}

TEST(PathTest, WhatIsNotATextFormIsRefusedWithTheReason) {
  EXPECT_THAT(Path::FromText(""), StatusIs(kInvalid, HasSubstr("empty")));
  EXPECT_THAT(Path::FromText("a~"), StatusIs(kInvalid, HasSubstr("'~'")));
  EXPECT_THAT(Path::FromText("a~2"), StatusIs(kInvalid, HasSubstr("'~'")));
  EXPECT_THAT(Path::FromText("a~/0"), StatusIs(kInvalid, HasSubstr("'~'")));
  EXPECT_THAT(Path::FromText(std::string("a\0b", 3)), StatusIs(kInvalid, HasSubstr("NUL")));
  EXPECT_THAT(Path::FromText("a/\xff"), StatusIs(kInvalid, HasSubstr("UTF-8")));
}

TEST(PathTest, SegmentsAreCheckedLikeTexts) {
  EXPECT_THAT(Path::FromSegments({}), StatusIs(kInvalid, HasSubstr("no segment")));
  EXPECT_THAT(Path::FromSegments({std::string("\0", 1)}), StatusIs(kInvalid, HasSubstr("NUL")));
  EXPECT_THAT(Path::FromSegments({"a", "\xc0\x80"}), StatusIs(kInvalid, HasSubstr("UTF-8")));
}

// It would be sent as an empty text, which names no field.
TEST(PathTest, OneEmptySegmentAloneIsRefused) {
  EXPECT_THAT(Path::FromSegments({""}), StatusIs(kInvalid, HasSubstr("empty segment")));
  EXPECT_EQ(Path::FromSegments({"", ""})->ToText(), "/");
}

TEST(PathTest, TheEmptyPathIsTheRootOfAll) {
  EXPECT_TRUE(Path().empty());
  EXPECT_EQ(Path().SegmentCount(), 0u);
  EXPECT_TRUE(Path().Segments().empty());
  EXPECT_TRUE(Path().Covers(P("a")));
  EXPECT_TRUE(Path().Covers(Path()));
  EXPECT_FALSE(P("a").Covers(Path()));
}

TEST(PathTest, CoversItselfAndWhatIsBelow) {
  EXPECT_TRUE(P("a/b").Covers(P("a/b")));
  EXPECT_TRUE(P("a/b").Covers(P("a/b/c")));
  EXPECT_TRUE(P("a/b").Covers(P("a/b/")));
  EXPECT_FALSE(P("a/b").Covers(P("a")));
  EXPECT_FALSE(P("a/b").Covers(P("a/bc")));
  EXPECT_FALSE(P("a/b").Covers(P("a/c")));
  EXPECT_FALSE(P("a/b").Covers(P("a~1b")));
}

TEST(PathTest, OrderIsThatOfSegments) {
  EXPECT_LT(P("a"), P("a/b"));
  EXPECT_LT(P("a/b"), P("a-b"));  // bytes of the text would say otherwise
  EXPECT_LT(P("a/z"), P("b"));
  EXPECT_LT(P("z"), P("ä"));  // unsigned bytes
  EXPECT_EQ(P("a/b"), *Path::FromSegments({"a", "b"}));
  EXPECT_NE(P("a/b"), P("a~1b"));
}

TEST(PathTest, EncodedComesBack) {
  EXPECT_EQ(Path::FromEncoded(P("a/b").encoded()), P("a/b"));
}

TEST(Utf8Test, AcceptsTheFirstAndLastOfEveryLength) {
  for (const char* text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xa4z"}) {
    EXPECT_TRUE(IsUtf8(text)) << ::testing::PrintToString(std::string(text));
  }
  EXPECT_TRUE(IsUtf8(std::string("\0", 1)));
}

TEST(Utf8Test, RefusesOverlongFormsSurrogatesAndWhatIsPastTheEnd) {
  for (const char* text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
                           "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff"}) {
    EXPECT_FALSE(IsUtf8(text)) << ::testing::PrintToString(std::string(text));
  }
}

TEST(Utf8Test, RefusesCutAndBrokenSequences) {
  for (const char* text : {"\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3z", "\xe2\x82z",
                           "\xf0\x9f\x98z", "a\xc3", "\xc3\xa4\xa4"}) {
    EXPECT_FALSE(IsUtf8(text)) << ::testing::PrintToString(std::string(text));
  }
}

}  // namespace
}  // namespace sessionhub
