#include "proto/session/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "proto/session/json_tree.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using Kind = Operation::Kind;
using ::testing::HasSubstr;
using testing::P;
using testing::StatusIs;

FieldMap Fields(std::string_view document) {
  return FieldsOfJson(P("p"), document).value();
}

// Text of a delta, an operation a line.
std::string Text(const Delta& delta) {
  static constexpr const char* kKinds[] = {"put", "erase", "erase subtree"};
  std::string text;
  for (const Operation& operation : delta.operations) {
    text += std::string(kKinds[static_cast<int>(operation.kind)]) + " " + operation.path.ToText();
    if (operation.kind == Kind::kPut) text += " " + operation.value.DebugString();
    text += "\n";
  }
  return text;
}

std::string Change(std::string_view from, std::string_view to) {
  return Text(DiffJson(P("p"), Fields(from), Fields(to)));
}

// ---- fields of a document ----

TEST(JsonTest, ObjectsBecomeSegmentsAndScalarsTypedValues) {
  EXPECT_EQ(Fields(R"({"name":"Ada","cart":{"n":2,"sum":1.5,"paid":false,"by":null}})"),
            (FieldMap{{P("p/cart/by"), Value::Null()},
                      {P("p/cart/n"), 2},
                      {P("p/cart/paid"), false},
                      {P("p/cart/sum"), 1.5},
                      {P("p/name"), "Ada"}}));
}

TEST(JsonTest, WhatDoesNotFlattenIsOneJsonValue) {
  EXPECT_EQ(Fields(R"({"tags":[ "a", {"b":1} ],"no":{},"big":1e400,"odd":{"x":1,"\u0000":2}})"),
            (FieldMap{{P("p/big"), Value::Json("1e400")},
                      {P("p/no"), Value::Json("{}")},
                      {P("p/odd"), Value::Json(R"({"\u0000":2,"x":1})")},
                      {P("p/tags"), Value::Json(R"(["a",{"b":1}])")}}));
}

TEST(JsonTest, ATopLevelScalarArrayOrEmptyObjectIsAFieldAtTheRoot) {
  EXPECT_EQ(Fields("3"), (FieldMap{{P("p"), 3}}));
  EXPECT_EQ(Fields("\"\""), (FieldMap{{P("p"), ""}}));
  EXPECT_EQ(Fields("[]"), (FieldMap{{P("p"), Value::Json("[]")}}));
  EXPECT_EQ(Fields("{}"), (FieldMap{{P("p"), Value::Json("{}")}}));
}

TEST(JsonTest, KeysAreSegmentsAsTheyAre) {
  EXPECT_EQ(Fields(R"({"a/b":1,"~":2,"":3,"é":4})"),
            (FieldMap{{P("p/"), 3}, {P("p/a~1b"), 1}, {P("p/~0"), 2}, {P("p/é"), 4}}));
}

// ---- the corpus: documents that come back ----

// Each in the one form that equal documents have.
const std::vector<std::string>& Corpus() {
  static const auto* const kCorpus = new std::vector<std::string>{
      "null",
      "true",
      "false",
      "0",
      "-1",
      "\"\"",
      "\"text\"",
      "[]",
      "{}",
      "[[],{}]",
      "9223372036854775807",
      "-9223372036854775808",
      "9223372036854775808",
      "123456789012345678901234567890",
      "-0",
      "-0.0",
      "0.0",
      "0.1",
      "2.0",
      "1e400",
      "-1e400",
      "1e-400",
      "0.1000000000000000055511151231257827",
      "3.14159265358979323846264338327950288",
      "5e-324",
      "1.7976931348623157e+308",
      "[1,1.0,1e400,-0]",
      R"({"":""})",
      R"({"":{"":{"":1}}})",
      R"({"/":1,"a/b":{"/":2}})",
      R"({"~":1,"~0":2,"~1":3})",
      R"({"a":{},"b":[],"c":"","d":null})",
      R"({"a":{"b":{"c":{}}}})",
      R"({"a":[{"b":[]}]})",
      R"({"\u0000":1})",
      R"({"a":{"x\u0000y":{"b":2}}})",
      R"({"a":"\u0000"})",
      "{\"\xc3\xa9\":\"\xf0\x9f\x98\x80\",\"\xef\xbf\xbf\":1}",
      R"({"a":"\"\\\b\f\n\r\t\u001f"})",
      R"({"a":1,"a!":2,"a/":3,"aa":4})",
      R"({"0":"array?","1":[0,1]})",
      R"(["one",["two",{"k":[3]}]])",
      R"("{\"json\":\"in a string\"}")",
      std::string(kJsonDepthMax, '[') + std::string(kJsonDepthMax, ']')};
  return *kCorpus;
}

TEST(JsonTest, TheCorpusComesBack) {
  for (const std::string& document : Corpus()) {
    const absl::StatusOr<FieldMap> fields = FieldsOfJson(P("p/q"), document);
    ASSERT_OK(fields) << document;
    FieldMap among_others = *fields;
    among_others.insert(
        {{P("o"), 1}, {P("p"), "hidden"}, {P("p/p"), 2}, {P("p/q!"), 3}, {P("q"), 4}});
    const absl::StatusOr<std::string> back = JsonOfFields(P("p/q"), among_others);
    ASSERT_OK(back) << document;
    EXPECT_EQ(*back, document);
  }
}

TEST(JsonTest, EveryDocumentOfTheCorpusBecomesEveryOther) {
  for (const std::string& from : Corpus()) {
    for (const std::string& to : Corpus()) {
      FieldMap fields = Fields(from);
      const Delta delta = DiffJson(P("p"), fields, Fields(to));
      EXPECT_EQ(delta.operations.empty(), from == to) << from << " -> " << to;
      ASSERT_OK(Apply(delta, &fields));
      EXPECT_EQ(fields, Fields(to)) << from << " -> " << to << " by\n" << Text(delta);
    }
  }
}

TEST(JsonTest, AnObjectOfAsManyLevelsAsMayBeComesBack) {
  std::string document;
  for (size_t i = 0; i < kJsonDepthMax; ++i) document += "{\"k\":";
  document += "1" + std::string(kJsonDepthMax, '}');
  EXPECT_EQ(JsonOfFields(P("p"), Fields(document)).value(), document);
  EXPECT_THAT(FieldsOfJson(P("p"), "{\"k\":" + document + "}"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("128 levels")));
}

// ---- a document of fields ----

TEST(JsonTest, NoFieldIsNotFound) {
  EXPECT_THAT(JsonOfFields(P("p"), {{P("o"), 1}, {P("pp"), 2}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("at or below p")));
}

TEST(JsonTest, FieldsBelowAPathHideTheFieldAtIt) {
  EXPECT_EQ(JsonOfFields(P("p"), {{P("p"), 1}, {P("p/a"), 2}, {P("p/a/b"), 3}}).value(),
            R"({"a":{"b":3}})");
  // One writer empties an object, another adds to it.
  EXPECT_EQ(JsonOfFields(P("p"), {{P("p"), Value::Json("{}")}, {P("p/a"), 2}}).value(),
            R"({"a":2})");
}

TEST(JsonTest, JsonValuesThatWereSetByHandArePartOfTheDocument) {
  EXPECT_EQ(JsonOfFields(P("p"), {{P("p/a"), Value::Json(" {\"y\": 1, \"x\": [ ] } ")}}).value(),
            R"({"a":{"x":[],"y":1}})");
}

TEST(JsonTest, WhatNoDocumentHoldsIsNamed) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::pair<Value, const char*> cases[] = {{Value::Bytes("x"), "p/a is of type bytes"},
                                                 {kInfinity, "not finite"},
                                                 {-kInfinity, "not finite"},
                                                 {kInfinity - kInfinity, "not finite"},
                                                 {Value::Json("[1"), "not one JSON text"},
                                                 {Value("\xff"), "not UTF-8"}};
  for (const auto& [value, why] : cases) {
    EXPECT_THAT(JsonOfFields(P("p"), {{P("p/a"), value}}),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(why)));
  }
  std::string deep = "p";
  for (size_t i = 0; i < kJsonDepthMax; ++i) deep += "/k";
  EXPECT_OK(JsonOfFields(P("p"), {{P(deep), 1}}));
  EXPECT_THAT(JsonOfFields(P("p"), {{P(deep + "/k"), 1}}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("128 levels")));
}

// ---- differences ----

TEST(JsonTest, EqualDocumentsDifferInNothing) {
  EXPECT_EQ(Change(R"({"a":1,"b":{"c":[1, 2]}})", R"({"b":{"c":[1,2]},"a":1})"), "");
  EXPECT_EQ(Text(DiffJson(P("p"), {{P("p/a"), Value::Json("[1, {\"y\":1,\"x\":2}]")}},
                          Fields(R"({"a":[1,{"x":2,"y":1}]})"))),
            "");
}

TEST(JsonTest, OnlyWhatDiffersIsSent) {
  EXPECT_EQ(Change(R"({"a":1,"b":2,"c":{"d":3,"e":4}})", R"({"a":1,"b":5,"c":{"e":4,"f":6}})"),
            "erase p/c/d\n"
            "put p/b 5\n"
            "put p/c/f 6\n");
}

TEST(JsonTest, ABranchThatGoesIsOneErase) {
  EXPECT_EQ(Change(R"({"a":{"x":1,"y":{"z":2}},"b":3})", R"({"b":3})"), "erase subtree p/a\n");
  EXPECT_EQ(Change(R"({"a":{"x":1}, "b":3})", R"({"b":3})"), "erase subtree p/a\n");
  EXPECT_EQ(Change(R"({"a":{"x":1,"y":{"z":2,"w":3}}})", R"({"a":{"x":1}})"),
            "erase subtree p/a/y\n");
}

TEST(JsonTest, ABranchThatBecomesAValueAndBack) {
  EXPECT_EQ(Change(R"({"a":{"x":1,"y":2}})", R"({"a":3})"), "erase subtree p/a\nput p/a 3\n");
  EXPECT_EQ(Change(R"({"a":3})", R"({"a":{"x":1}})"), "erase p/a\nput p/a/x 1\n");
  EXPECT_EQ(Change(R"({"a":{"x":1}})", R"({"a":{}})"), "erase subtree p/a\nput p/a {}\n");
  EXPECT_EQ(Change(R"({"a":1,"b":2})", "7"), "erase subtree p\nput p 7\n");
}

TEST(JsonTest, AHiddenFieldIsPutInOrder) {
  const FieldMap both = {{P("p/a"), 1}, {P("p/a/x"), 2}, {P("p/a/y"), 3}};
  EXPECT_EQ(Text(DiffJson(P("p"), both, Fields(R"({"a":{"x":2,"y":3}})"))), "erase p/a\n");
  EXPECT_EQ(Text(DiffJson(P("p"), both, Fields(R"({"a":{"y":3}})"))), "erase p/a\nerase p/a/x\n");
  EXPECT_EQ(Text(DiffJson(P("p"), both, Fields(R"({"a":1})"))), "erase subtree p/a\nput p/a 1\n");
}

}  // namespace
}  // namespace sessionhub
