// The laws of JSON documents: JsonOfFields(FieldsOfJson(x)) = x; DiffJson leads from any document
// to any other, and says nothing where they are equal.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "proto/session/json.h"
#include "tests/support/generators.h"
#include "tests/support/paths.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using testing::Below;
using testing::ForEachCase;
using testing::OneIn;
using testing::P;
using testing::Random;
using testing::RandomText;

constexpr int kDocumentCases = 4000;

// A document, once as anybody may write it and once in its one form.
struct Document {
  std::string written;
  std::string canonical;
};

std::string Blanks(Random& random) {
  return std::string(OneIn(random, 6) ? Below(random, 3) : 0, " \n\t"[Below(random, 3)]);
}

// Every way to write a number, and the one form of it; all of the values differ.
Document RandomNumber(Random& random) {
  static const Document kNumbers[] = {{"0", "0"},
                                      {"-7", "-7"},
                                      {"9223372036854775807", "9223372036854775807"},
                                      {"9223372036854775808", "9223372036854775808"},
                                      {"-0", "-0"},
                                      {"-0.0", "-0.0"},
                                      {"0.10", "0.1"},
                                      {"1e400", "1e400"},
                                      {"3.0", "3.0"},
                                      {"25E-1", "2.5"},
                                      {"0.30000000000000000000001", "0.30000000000000000000001"}};
  return kNumbers[Below(random, std::size(kNumbers))];
}

// The escapes that a string must have, and sometimes more than those.
Document Quoted(Random& random, const std::string& text) {
  static constexpr char kHex[] = "0123456789abcdef";
  const std::map<char, std::string> short_form = {{'"', "\\\""}, {'\\', "\\\\"}, {'\b', "\\b"},
                                                  {'\f', "\\f"}, {'\n', "\\n"},  {'\r', "\\r"},
                                                  {'\t', "\\t"}};
  Document quoted{"\"", "\""};
  for (char c : text) {
    const std::string hex = std::string("\\u00") + kHex[(c >> 4) & 7] + kHex[c & 15];
    const auto found = short_form.find(c);
    const bool control = c >= 0 && c < 0x20;
    const std::string form = found != short_form.end() ? found->second
                             : control                 ? hex
                                                       : std::string(1, c);
    quoted.canonical += form;
    quoted.written += c >= 0 && OneIn(random, 5) ? hex : c == '/' ? "\\/" : form;
  }
  quoted.written += '"';
  quoted.canonical += '"';
  return quoted;
}

// Keys are few, so that documents meet at the same paths.
std::string RandomKey(Random& random) {
  static const std::string kKeys[] = {"a", "b", "a/b", "~", "", "ab", "a!", "é"};
  if (OneIn(random, 60)) return std::string("x\0y", 3);
  return kKeys[Below(random, std::size(kKeys))];
}

Document RandomDocument(Random& random, int depth);

Document RandomArray(Random& random, int depth) {
  Document array{"[", "["};
  for (uint64_t i = 0, count = Below(random, 3); i < count; ++i) {
    const Document element = RandomDocument(random, depth - 1);
    array.written += (i > 0 ? "," : "") + Blanks(random) + element.written + Blanks(random);
    array.canonical += (i > 0 ? "," : "") + element.canonical;
  }
  return {array.written + "]", array.canonical + "]"};
}

Document RandomObject(Random& random, int depth) {
  std::map<std::string, Document> members;  // in the order of the one form
  for (uint64_t i = Below(random, 5); i > 0; --i) {
    members[RandomKey(random)] = RandomDocument(random, depth - 1);
  }
  std::string written;
  std::string canonical;
  for (const auto& [key, value] : members) {
    const Document name = Quoted(random, key);
    const std::string member =
        Blanks(random) + name.written + Blanks(random) + ":" + Blanks(random) + value.written;
    const std::string comma = written.empty() ? "" : ",";
    written = OneIn(random, 2) ? member + comma + written : written + comma + member;
    canonical += comma + name.canonical + ":" + value.canonical;
  }
  return {"{" + written + "}", "{" + canonical + "}"};
}

Document RandomDocument(Random& random, int depth) {
  switch (Below(random, depth > 0 ? 9 : 4)) {
    case 0:
      return RandomNumber(random);
    case 1:
      return Quoted(random, RandomText(random, 6));
    case 2:
      return {"null", "null"};
    case 3:
      return OneIn(random, 2) ? Document{"true", "true"} : Document{"false", "false"};
    case 4:
      return RandomArray(random, depth);
    default:
      return RandomObject(random, depth);
  }
}

TEST(JsonLaws, ADocumentComesBack) {
  ForEachCase(kDocumentCases, [](Random& random) {
    const Document document = RandomDocument(random, 4);
    const absl::StatusOr<FieldMap> fields =
        FieldsOfJson(P("p"), Blanks(random) + document.written + Blanks(random));
    ASSERT_OK(fields) << document.written;
    EXPECT_EQ(JsonOfFields(P("p"), *fields).value(), document.canonical) << document.written;
  });
}

TEST(JsonLaws, TheDifferenceLeadsFromOneDocumentToTheOther) {
  ForEachCase(kDocumentCases, [](Random& random) {
    const Document from = RandomDocument(random, 4);
    const Document to = RandomDocument(random, 4);
    FieldMap fields = FieldsOfJson(P("p"), from.written).value();
    const FieldMap wanted = FieldsOfJson(P("p"), to.written).value();
    const Delta delta = DiffJson(P("p"), fields, wanted);
    EXPECT_EQ(delta.operations.empty(), from.canonical == to.canonical);
    ASSERT_OK(Apply(delta, &fields));
    EXPECT_EQ(fields, wanted) << from.canonical << "\n" << to.canonical;
  });
}

TEST(JsonLaws, WhateverTwoWritersLeaveIsADocumentAndCanBecomeAnyOther) {
  ForEachCase(kDocumentCases, [](Random& random) {
    FieldMap fields = FieldsOfJson(P("p"), RandomDocument(random, 3).written).value();
    const FieldMap one = FieldsOfJson(P("p"), RandomDocument(random, 3).written).value();
    const FieldMap two = FieldsOfJson(P("p"), RandomDocument(random, 3).written).value();
    const Delta by_one = DiffJson(P("p"), fields, one);
    const Delta by_two = DiffJson(P("p"), fields, two);
    ASSERT_OK(Apply(by_one, &fields));
    ASSERT_OK(Apply(by_two, &fields));
    if (!fields.empty()) {
      const absl::StatusOr<std::string> merged = JsonOfFields(P("p"), fields);
      ASSERT_OK(merged);
      ASSERT_OK(FieldsOfJson(P("p"), *merged)) << *merged;
    }
    const Document to = RandomDocument(random, 3);
    ASSERT_OK(Apply(DiffJson(P("p"), fields, FieldsOfJson(P("p"), to.written).value()), &fields));
    EXPECT_EQ(JsonOfFields(P("p"), fields).value(), to.canonical);
  });
}

TEST(JsonLaws, BrokenTextsAreRefusedOrComeBack) {
  ForEachCase(kDocumentCases, [](Random& random) {
    std::string text = RandomDocument(random, 4).written;
    for (uint64_t i = 1 + Below(random, 3); i > 0; --i) {
      text[Below(random, text.size())] =
          OneIn(random, 2) ? "{}[],:\"\\e.-0"[Below(random, 12)] : static_cast<char>(random());
    }
    const absl::StatusOr<FieldMap> fields = FieldsOfJson(P("p"), text);
    if (!fields.ok()) {
      EXPECT_TRUE(absl::IsInvalidArgument(fields.status()));
      return;
    }
    const absl::StatusOr<std::string> document = JsonOfFields(P("p"), *fields);
    ASSERT_OK(document) << text;
    EXPECT_EQ(FieldsOfJson(P("p"), *document).value(), *fields) << text;
  });
}

}  // namespace
}  // namespace sessionhub
