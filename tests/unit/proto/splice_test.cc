#include "proto/session/splice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

#include "proto/session/delta.h"
#include "proto/session/refusal.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::P;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

// The result of a splice that was made on `base`, on `current`.
absl::StatusOr<Value> Spliced(const Value* current, const std::string& base, uint64_t offset,
                              uint64_t remove_bytes, const std::string& insert) {
  return ApplySplice(current, SpliceOn(base, offset, remove_bytes), insert);
}

v1::RefusalReason ReasonOf(const absl::StatusOr<Value>& result) {
  return RefusalOf(result.status()).reason;
}

TEST(SpliceTest, CutsAndInsertsAnywhere) {
  const Value base = "0123456789";
  EXPECT_EQ(*Spliced(&base, "0123456789", 0, 0, "x"), Value("x0123456789"));
  EXPECT_EQ(*Spliced(&base, "0123456789", 3, 4, "abc"), Value("012abc789"));
  EXPECT_EQ(*Spliced(&base, "0123456789", 10, 0, "!"), Value("0123456789!"));
  EXPECT_EQ(*Spliced(&base, "0123456789", 0, 10, ""), Value(""));
  const Value empty = "";
  EXPECT_EQ(*Spliced(&empty, "", 0, 0, "x"), Value("x"));
}

TEST(SpliceTest, TheResultHasTheTypeOfTheBase) {
  const Value text = "ab";
  const Value bytes = Value::Bytes("ab");
  EXPECT_EQ(*Spliced(&text, "ab", 2, 0, "c"), Value("abc"));
  EXPECT_EQ(*Spliced(&bytes, "ab", 2, 0, "\xff"), Value::Bytes("ab\xff"));
}

TEST(SpliceTest, AnotherBaseIsRefusedAsSuch) {
  const Value other = "ac";
  const Value longer = "abc";
  const Value json = Value::Json("ab");
  const Value number = 1;
  for (const Value* current : {&other, &longer, &json, &number}) {
    EXPECT_EQ(ReasonOf(Spliced(current, "ab", 0, 1, "x")), v1::BASE_CHANGED);
  }
  EXPECT_EQ(ReasonOf(Spliced(nullptr, "ab", 0, 1, "x")), v1::BASE_CHANGED);
  EXPECT_EQ(ReasonOf(Spliced(nullptr, "", 0, 0, "x")), v1::BASE_CHANGED) << "absent is not empty";
}

TEST(SpliceTest, AStringStaysUtf8) {
  const Value text = "aä";
  EXPECT_THAT(Spliced(&text, "aä", 2, 0, "x"), StatusIs(kInvalid, HasSubstr("UTF-8")));
  EXPECT_THAT(Spliced(&text, "aä", 1, 1, ""), StatusIs(kInvalid, HasSubstr("UTF-8")));
  EXPECT_EQ(*Spliced(&text, "aä", 2, 1, "\xb6"), Value("aö")) << "halves of characters may meet";
}

TEST(SpliceTest, RemovesNothingPastTheEnd) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  EXPECT_OK(CheckSplice({4, 6, 10, 0}));
  EXPECT_THAT(CheckSplice({4, 7, 10, 0}), StatusIs(kInvalid, HasSubstr("7 bytes at 4 of 10")));
  EXPECT_THAT(CheckSplice({11, 0, 10, 0}), StatusIs(kInvalid, HasSubstr("at 11 of 10")));
  EXPECT_THAT(CheckSplice({2, kMax, 10, 0}), StatusIs(kInvalid, HasSubstr("of 10")));
  EXPECT_THAT(CheckSplice({kMax, 2, 10, 0}), StatusIs(kInvalid, HasSubstr("of 10")));
}

TEST(SpliceTest, ADeltaAppliesItInItsPlaceOrNotAtAll) {
  FieldMap fields = {{P("s"), "abc"}};
  const Operation put{Operation::Kind::kPut, P("n"), 1};
  ASSERT_OK(Apply({{MakeSplice(P("s"), "abc", 3, 0, "d"), MakeSplice(P("s"), "abcd", 0, 1, "")}},
                  &fields));
  EXPECT_EQ(fields, (FieldMap{{P("s"), "bcd"}}));
  const absl::Status status = Apply({{put, MakeSplice(P("s"), "abc", 3, 0, "d")}}, &fields);
  EXPECT_EQ(RefusalOf(status).reason, v1::BASE_CHANGED);
  EXPECT_EQ(fields, (FieldMap{{P("s"), "bcd"}}));
}

TEST(SpliceTest, MergedIntoAPutItIsMade) {
  const Operation put{Operation::Kind::kPut, P("s"), "ab"};
  const Operation end = MakeSplice(P("s"), "ab", 2, 0, "c");
  const Operation again = MakeSplice(P("s"), "abc", 3, 0, "d");
  const Delta whole{{{Operation::Kind::kPut, P("s"), "abcd"}}};
  EXPECT_EQ(Merge({{put}}, {{end, again}}), whole);
  EXPECT_EQ(Merge({{end}}, {{again}}), (Delta{{end, again}})) << "nobody knows the base";
  EXPECT_EQ(Merge({{end}}, whole), whole);
  EXPECT_EQ(Merge({{put}}, {{again}}), (Delta{{put, again}})) << "it does not apply";
}

TEST(SpliceTest, CountsWhatItInserts) {
  EXPECT_EQ((Delta{{MakeSplice(P("s"), std::string(1000, 'x'), 0, 0, "abc")}}).SizeBytes(),
            P("s").encoded().size() + 3);
}

}  // namespace
}  // namespace sessionhub
