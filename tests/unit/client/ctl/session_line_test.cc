#include "client/ctl/session_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::ctl {
namespace {

using ::sessionhub::testing::P;
using ::testing::HasSubstr;
using ::testing::Not;

SessionLine With(Value value) {
  SessionLine line;
  line.id = "abc";
  line.fields.push_back({Operation::Kind::kPut, P("cart/items/a~1b~0/qty"), std::move(value)});
  return line;
}

void ExpectSame(const SessionLine& line) {
  const std::string text = FormatSessionLine(line);
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  const auto parsed = ParseSessionLine(text);
  ASSERT_OK(parsed) << text;
  EXPECT_EQ(*parsed, line) << text;
}

TEST(SessionLineTest, EveryValueComesBackWithItsBits) {
  using Doubles = std::numeric_limits<double>;
  for (const double number :
       {0.0, -0.0, 0.1, 1e300, -3.0, Doubles::denorm_min(), Doubles::max(), Doubles::infinity(),
        -Doubles::infinity(), std::bit_cast<double>(0x7ff8'0000'0000'0000),
        std::bit_cast<double>(0xfff8'0000'0000'0000),
        std::bit_cast<double>(0x7ff0'0000'0000'0001)}) {
    ExpectSame(With(number));
  }
  for (const int64_t number :
       {int64_t{0}, int64_t{-1}, int64_t{9'007'199'254'740'993},
        std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    ExpectSame(With(number));
  }
  ExpectSame(With(Value()));
  ExpectSame(With(true));
  ExpectSame(With(false));
  for (const std::string& text : {std::string(), std::string("\"\\\n\x01 ü \0x", 10)}) {
    ExpectSame(With(text));
    ExpectSame(With(Value::Bytes(text)));
    ExpectSame(With(Value::Json(text)));
  }
  ExpectSame(With(Value::Bytes("\xff\xfe")));
  for (const char* json : {"{}", "[]", R"({"b":1.10,"a":[ 1 ]})", "12345678901234567890123"}) {
    ExpectSame(With(Value::Json(json)));
  }
}

TEST(SessionLineTest, WhatASessionIsBesidesItsFieldsComesBack) {
  SessionLine line;
  line.id = std::string("\0\\\xff id", 6);
  line.owner = std::string("a\0b", 3);
  line.version = std::numeric_limits<uint64_t>::max();
  line.created_ms = 1;
  line.last_access_ms = 2;
  line.idle_timeout_ms = 3;
  line.absolute_deadline_ms = 4;
  ExpectSame(line);
  line.owner.clear();
  ExpectSame(line);
}

TEST(SessionLineTest, NumbersOfOtherWritersAreTaken) {
  const auto parsed =
      ParseSessionLine(R"({"id":"a","more":1,"fields":[{"path":"i","type":"int64","value":-7},)"
                       R"({"path":"d","type":"double","value":3}]})");
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->fields[0].value, Value(-7));
  EXPECT_EQ(parsed->fields[1].value, Value(3.0));
}

TEST(SessionLineTest, WhatIsWrongIsNamed) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "no JSON object"},
      {"[]", "no JSON object"},
      {R"({"id":"a"} x)", "no JSON object"},
      {"{}", "id is no text"},
      {R"({"id":""})", "id: "},
      {R"({"id":"\\q"})", "id: "},
      {R"({"id":"a","owner":7})", "owner is no text"},
      {R"({"id":"a","idle_timeout_ms":-1})", "idle_timeout_ms is no whole number"},
      {R"({"id":"a","idle_timeout_ms":1.5})", "idle_timeout_ms is no whole number"},
      {R"({"id":"a","fields":{}})", "fields is no list"},
      {R"({"id":"a","fields":[7]})", "a field has no path"},
      {R"({"id":"a","fields":[{"path":"p"}]})", "p has no type or no value"},
      {R"({"id":"a","fields":[{"path":"","type":"null","value":null}]})", ": "},
      {R"({"id":"a","fields":[{"path":"p","type":"float","value":1}]})",
       "p: there is no type float"},
      {R"({"id":"a","fields":[{"path":"p","type":"null","value":0}]})", "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"bool","value":1}]})", "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"int64","value":1.0}]})", "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"int64","value":"9223372036854775808"}]})", "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"int64","value":9223372036854775808}]})", "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"double","value":"1.5"}]})", "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"double","value":"NaN:3ff0000000000000"}]})",
       "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"string","value":1}]})", "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"json","value":{}}]})", "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"bytes","value":"0g"}]})", "p: "},
      {R"({"id":"a","fields":[{"path":"p","type":"bytes","value":"123"}]})", "p: "},
  };
  for (const auto& [text, words] : wrong) {
    const auto parsed = ParseSessionLine(text);
    EXPECT_TRUE(absl::IsInvalidArgument(parsed.status())) << text;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(words)) << text;
  }
}

}  // namespace
}  // namespace sessionhub::ctl
