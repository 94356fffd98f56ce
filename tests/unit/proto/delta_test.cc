#include "proto/session/delta.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using Kind = Operation::Kind;
using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::P;
using ::sessionhub::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kIntegerMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kIntegerMin = std::numeric_limits<int64_t>::min();

Value Sum(const Value& current, const Value& amount) {
  return Increment(&current, amount).value();
}

TEST(IncrementTest, AddsIntegersUpToTheEdges) {
  EXPECT_EQ(Sum(40, 2), Value(42));
  EXPECT_EQ(Sum(kIntegerMax - 1, 1), Value(kIntegerMax));
  EXPECT_EQ(Sum(kIntegerMin + 1, -1), Value(kIntegerMin));
  EXPECT_EQ(Sum(kIntegerMax, kIntegerMin), Value(-1));
}

TEST(IncrementTest, LeavingInt64IsRefused) {
  const Value max = kIntegerMax;
  const Value min = kIntegerMin;
  EXPECT_THAT(Increment(&max, 1),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr(std::to_string(kIntegerMax))));
  EXPECT_THAT(Increment(&min, -1),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr(std::to_string(kIntegerMin))));
}

TEST(IncrementTest, AnAbsentFieldCountsAsZeroOfTheAmountsType) {
  EXPECT_EQ(*Increment(nullptr, 5), Value(5));
  EXPECT_EQ(*Increment(nullptr, 0.5), Value(0.5));
  EXPECT_EQ(*Increment(nullptr, -0.0), Value(0.0));
  EXPECT_EQ(*Increment(nullptr, kIntegerMin), Value(kIntegerMin));
}

TEST(IncrementTest, TypesMustMatch) {
  const Value whole = 1;
  const Value real = 1.0;
  const Value text = "1";
  const Value null;
  constexpr auto kWrongType = absl::StatusCode::kFailedPrecondition;
  EXPECT_THAT(Increment(&whole, 0.5),
              StatusIs(kWrongType, AllOf(HasSubstr("double"), HasSubstr("int64"))));
  EXPECT_THAT(Increment(&real, 1), StatusIs(kWrongType, HasSubstr("double")));
  EXPECT_THAT(Increment(&text, 1), StatusIs(kWrongType, HasSubstr("string")));
  EXPECT_THAT(Increment(&null, 1), StatusIs(kWrongType, HasSubstr("null")));
}

TEST(IncrementTest, OnlyNumbersAreAmounts) {
  const Value text = "a";
  EXPECT_THAT(Increment(nullptr, "a"), StatusIs(kInvalid, HasSubstr("string")));
  EXPECT_THAT(Increment(&text, "a"), StatusIs(kInvalid, HasSubstr("string")));
  EXPECT_THAT(Increment(nullptr, Value()), StatusIs(kInvalid, HasSubstr("null")));
  EXPECT_THAT(Increment(nullptr, true), StatusIs(kInvalid, HasSubstr("bool")));
}

TEST(IncrementTest, DoublesAreTheProcessorsSumBitForBit) {
  EXPECT_EQ(Sum(0.1, 0.2), Value(0.1 + 0.2));
  EXPECT_NE(Sum(0.1, 0.2), Value(0.3));
  EXPECT_EQ(Sum(-0.0, -0.0), Value(-0.0));
  EXPECT_EQ(Sum(-0.0, 0.0), Value(0.0));
  EXPECT_EQ(Sum(1e308, 1e308), Value(std::numeric_limits<double>::infinity()));
}

TEST(IncrementTest, EveryNanHasTheSameBits) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Value nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Sum(infinity, -infinity), nan);
  EXPECT_EQ(Sum(std::nan("5"), std::nan("6")), nan);
  EXPECT_EQ(Sum(-std::nan("7"), 1.0), nan);
  EXPECT_EQ(*Increment(nullptr, -std::nan("8")), nan);
}

TEST(ApplyTest, OperationsTakeEffectInOrder) {
  FieldMap fields = {{P("a"), 1}, {P("b/x"), 2}, {P("b/y"), 3}};
  const Delta delta = {{{Kind::kPut, P("a"), "new"},
                        {Kind::kErase, P("b"), {}},
                        {Kind::kEraseSubtree, P("b"), {}},
                        {Kind::kPut, P("b/z"), 4},
                        {Kind::kIncrement, P("b/z"), 5},
                        {Kind::kIncrement, P("c"), 6},
                        {Kind::kErase, P("a"), {}}}};
  ASSERT_OK(Apply(delta, &fields));
  EXPECT_EQ(fields, (FieldMap{{P("b/z"), 9}, {P("c"), 6}}));
}

TEST(ApplyTest, ErasingWhatIsNotThereIsNoError) {
  FieldMap fields = {{P("a"), 1}};
  ASSERT_OK(Apply({{{Kind::kErase, P("x"), {}}, {Kind::kEraseSubtree, P("y"), {}}}}, &fields));
  EXPECT_EQ(fields, (FieldMap{{P("a"), 1}}));
}

TEST(ApplyTest, EraseLeavesWhatIsBelow) {
  FieldMap fields = {{P("a"), 1}, {P("a/b"), 2}};
  ASSERT_OK(Apply({{{Kind::kErase, P("a"), {}}}}, &fields));
  EXPECT_EQ(fields, (FieldMap{{P("a/b"), 2}}));
}

TEST(ApplyTest, AFailingOperationUndoesAllOfThem) {
  const FieldMap before = {{P("a"), 1}, {P("b/x"), 2}, {P("b/y"), "text"}, {P("c"), kIntegerMax}};
  const Operation failures[] = {{Kind::kIncrement, P("c"), 1},
                                {Kind::kIncrement, P("a"), 1},
                                {Kind::kIncrement, P("b/z"), 0.5}};
  for (const Operation& failure : failures) {
    FieldMap fields = before;
    const Delta delta = {{{Kind::kPut, P("a"), "new"},
                          {Kind::kEraseSubtree, P("b"), {}},
                          {Kind::kPut, P("b/x"), "other"},
                          {Kind::kPut, P("b/z"), "fresh"},
                          {Kind::kEraseSubtree, P("b/z"), {}},
                          {Kind::kIncrement, P("n"), 1},
                          {Kind::kPut, P("b/z"), 7},
                          failure}};
    EXPECT_FALSE(Apply(delta, &fields).ok());
    EXPECT_EQ(fields, before);
  }
}

TEST(ApplyTest, TheErrorIsThatOfTheFirstFailure) {
  FieldMap fields = {{P("text"), "x"}, {P("max"), kIntegerMax}};
  const Delta delta = {{{Kind::kIncrement, P("max"), 1}, {Kind::kIncrement, P("text"), 1}}};
  EXPECT_THAT(Apply(delta, &fields), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("int64")));
}

TEST(DeltaTest, SizeIsPathsAndValues) {
  EXPECT_EQ(Delta().SizeBytes(), 0u);
  const Delta delta = {{{Kind::kPut, P("ab"), "xyz"}, {Kind::kIncrement, P("a/b"), 1}}};
  EXPECT_EQ(delta.SizeBytes(), 18u);
}

TEST(DeltaTest, EqualityLooksAtEverything) {
  const Delta delta = {{{Kind::kPut, P("a"), 1}}};
  EXPECT_EQ(delta, (Delta{{{Kind::kPut, P("a"), 1}}}));
  EXPECT_FALSE(delta == (Delta{{{Kind::kIncrement, P("a"), 1}}}));
  EXPECT_FALSE(delta == (Delta{{{Kind::kPut, P("b"), 1}}}));
  EXPECT_FALSE(delta == (Delta{{{Kind::kPut, P("a"), 2}}}));
  EXPECT_FALSE((Delta{{}, true}) == Delta());
}

}  // namespace
}  // namespace sessionhub
