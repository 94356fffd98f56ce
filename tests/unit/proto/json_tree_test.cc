#include "proto/session/json_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <string>

#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::StatusIs;

std::string Canonical(std::string_view text) {
  const absl::StatusOr<JsonNode> node = ParseJson(text);
  if (!node.ok()) return node.status().ToString();
  std::string canonical;
  AppendJson(*node, &canonical);
  return canonical;
}

std::string Nested(size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(JsonTreeTest, EqualDocumentsHaveOneText) {
  EXPECT_EQ(Canonical(" { \"b\" : [ 1 , 2.50 ] , \"a\" : \"\\u0041\\/\" } "),
            R"({"a":"A/","b":[1,2.5]})");
  EXPECT_EQ(Canonical(R"({"":{},"x":[],"y":[[]],"z":null})"),
            R"({"":{},"x":[],"y":[[]],"z":null})");
  EXPECT_EQ(Canonical("true"), "true");
  EXPECT_EQ(Canonical("1e5"), "1e+05");
  EXPECT_EQ(Canonical("100000.0"), "1e+05");
  EXPECT_EQ(Canonical("-0"), "-0");
  EXPECT_EQ(Canonical("-0.0"), "-0.0");
}

TEST(JsonTreeTest, StringsKeepEveryCharacter) {
  EXPECT_EQ(Canonical(R"("\u0000\b\n\"\\")"), R"("\u0000\b\n\"\\")");
  EXPECT_EQ(Canonical(R"("\ud83d\ude00")"), "\"\xf0\x9f\x98\x80\"");
}

TEST(JsonTreeTest, ErrorsSayTheByteAndNotWhatIsThere) {
  EXPECT_THAT(ParseJson(R"({"secret": hunter2})"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("at byte 12"), Not(HasSubstr("hunter2")))));
  for (const char* text :
       {"",         " ",        "{",   "[1,]",   "{\"a\":}",    "01",
        "1 2",      "'a'",      "nul", "[1}",    "\"\\ud800\"", "\"\\udc00\\ud800\"",
        "\"\xff\"", "\"\x01\"", "NaN", "1e5000", "{\"a\" 1}",   "// c\n1",
        ".5",       "+1",       "1."}) {
    EXPECT_THAT(ParseJson(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at byte")))
        << text;
  }
}

TEST(JsonTreeTest, AKeyThatComesTwiceIsRefused) {
  EXPECT_THAT(ParseJson(R"([{"a":1,"b":2,"a":1}])"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(R"(key "a" twice)")));
  EXPECT_EQ(Canonical(R"([{"a":1},{"a":2}])"), R"([{"a":1},{"a":2}])");
}

TEST(JsonTreeTest, NestingIsBounded) {
  EXPECT_EQ(Canonical(Nested(kJsonDepthMax)), Nested(kJsonDepthMax));
  EXPECT_THAT(ParseJson(Nested(kJsonDepthMax + 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("128 levels")));
  EXPECT_FALSE(ParseJson(std::string(1'000'000, '[')).ok());
}

TEST(JsonTreeTest, TheLocaleOfTheProcessDoesNotMatter) {
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C"}) {
    if (std::setlocale(LC_NUMERIC, name) != nullptr) break;
  }
  EXPECT_EQ(Canonical("[0.5,1.25e2,0.10000000000000000001]"), "[0.5,125.0,0.10000000000000000001]");
  std::setlocale(LC_NUMERIC, "C");
}

}  // namespace
}  // namespace sessionhub
