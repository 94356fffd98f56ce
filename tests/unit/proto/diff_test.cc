#include "proto/session/diff.h"

#include <gtest/gtest.h>

#include <string>

#include "proto/session/wire.h"
#include "tests/support/paths.h"

namespace sessionhub {
namespace {

using Kind = Operation::Kind;
using ::sessionhub::testing::P;

TEST(DiffTest, EqualFieldsGiveAnEmptyDelta) {
  const FieldMap fields = {{P("a"), 1}, {P("b"), "x"}};
  EXPECT_EQ(Diff(fields, fields), Delta());
  EXPECT_EQ(Diff({}, {}), Delta());
}

TEST(DiffTest, PutsAndErasesComeInPathOrder) {
  const FieldMap from = {{P("a"), 1}, {P("b"), 2}, {P("c"), 3}, {P("e"), 5}};
  const FieldMap to = {{P("0"), 0}, {P("b"), 2}, {P("c"), 4}, {P("d"), 6}};
  EXPECT_EQ(Diff(from, to), (Delta{{{Kind::kPut, P("0"), 0},
                                    {Kind::kErase, P("a"), {}},
                                    {Kind::kPut, P("c"), 4},
                                    {Kind::kPut, P("d"), 6},
                                    {Kind::kErase, P("e"), {}}}}));
}

TEST(DiffTest, AChangeOfTypeOrOfBitsIsAChange) {
  EXPECT_EQ(Diff({{P("a"), 1}}, {{P("a"), 1.0}}), (Delta{{{Kind::kPut, P("a"), 1.0}}}));
  EXPECT_EQ(Diff({{P("a"), 0.0}}, {{P("a"), -0.0}}), (Delta{{{Kind::kPut, P("a"), -0.0}}}));
}

TEST(DiffTest, ErasesAreOfSingleFields) {
  const FieldMap from = {{P("a"), 1}, {P("a/b"), 2}, {P("a/c"), 3}};
  EXPECT_EQ(Diff(from, {{P("a/c"), 3}}),
            (Delta{{{Kind::kErase, P("a"), {}}, {Kind::kErase, P("a/b"), {}}}}));
}

TEST(DiffTest, BytesDifferBetweenTheirCommonBeginningAndEnd) {
  EXPECT_EQ(DiffBytes(P("a"), "Ada Byron", "Ada King"),
            MakeSplice(P("a"), "Ada Byron", 4, 5, "King"));
  EXPECT_EQ(DiffBytes(P("a"), "aa", "aaa"), MakeSplice(P("a"), "aa", 2, 0, "a"));
  EXPECT_EQ(DiffBytes(P("a"), "aaa", "aa"), MakeSplice(P("a"), "aaa", 2, 1, ""));
  EXPECT_EQ(DiffBytes(P("a"), "same", "same"), MakeSplice(P("a"), "same", 4, 0, ""));
  EXPECT_EQ(DiffBytes(P("a"), "", "new"), MakeSplice(P("a"), "", 0, 0, "new"));
  EXPECT_EQ(DiffBytes(P("a"), "old", ""), MakeSplice(P("a"), "old", 0, 3, ""));
}

TEST(DiffTest, AFewBytesInTheMiddleOf64KiBCostThoseBytes) {
  const std::string from(64 << 10, 'a');
  std::string to = from;
  to.replace(32 << 10, 16, "sixteen letters!");
  const Operation splice = DiffBytes(P("a"), from, to);
  EXPECT_EQ(splice.value, Value::Bytes("sixteen letters!"));
  v1::Op wire;
  EncodeOp(
      splice, [](const Path&) { return 0u; }, &wire);
  EXPECT_LE(wire.ByteSizeLong(), 16u + 32u);
}

}  // namespace
}  // namespace sessionhub
