// What Merge leaves out and what it must keep. That it means the same is
// tests/property/delta_laws_test.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "proto/session/delta.h"
#include "tests/support/paths.h"

namespace sessionhub {
namespace {

using Kind = Operation::Kind;
using ::sessionhub::testing::P;

Operation Put(const char* path, const Value& value) {
  return {Kind::kPut, P(path), value};
}
Operation Erase(const char* path) {
  return {Kind::kErase, P(path), {}};
}
Operation EraseBelow(const char* path) {
  return {Kind::kEraseSubtree, P(path), {}};
}
Operation Add(const char* path, const Value& amount) {
  return {Kind::kIncrement, P(path), amount};
}

TEST(MergeTest, DifferentFieldsStandSideBySide) {
  EXPECT_EQ(Merge({{Put("a", 1)}}, {{Put("b", 2)}}), (Delta{{Put("a", 1), Put("b", 2)}}));
}

TEST(MergeTest, TheLaterPutOrEraseWins) {
  EXPECT_EQ(Merge({{Put("a", 1)}}, {{Put("a", 2)}}), (Delta{{Put("a", 2)}}));
  EXPECT_EQ(Merge({{Put("a", 1)}}, {{Erase("a")}}), (Delta{{Erase("a")}}));
  EXPECT_EQ(Merge({{Erase("a")}}, {{Put("a", 2)}}), (Delta{{Put("a", 2)}}));
  EXPECT_EQ(Merge({{Add("a", 1)}}, {{Put("a", 2)}}), (Delta{{Put("a", 2)}}));
}

TEST(MergeTest, AnEraseOfASubtreeMakesVoidWhatIsBelow) {
  EXPECT_EQ(Merge({{Put("a", 1), Put("a/b", 2), Add("a/c", 3), Put("ab", 4)}}, {{EraseBelow("a")}}),
            (Delta{{Put("ab", 4), EraseBelow("a")}}));
}

TEST(MergeTest, AnEraseOfASubtreeMakesVoidEarlierErasesOfSubtreesBelow) {
  EXPECT_EQ(Merge({{EraseBelow("a")}}, {{EraseBelow("a")}}), (Delta{{EraseBelow("a")}}));
  EXPECT_EQ(Merge({{EraseBelow("a/b"), EraseBelow("c")}}, {{EraseBelow("a")}}),
            (Delta{{EraseBelow("c"), EraseBelow("a")}}));
}

TEST(MergeTest, AnEraseOfASubtreeOutlivesLaterPutsAtAndBelowItsRoot) {
  EXPECT_EQ(Merge({{EraseBelow("a")}}, {{Put("a", 1), Put("a/b", 2)}}),
            (Delta{{EraseBelow("a"), Put("a", 1), Put("a/b", 2)}}));
}

TEST(MergeTest, IncrementsByIntegersAreAdded) {
  EXPECT_EQ(Merge({{Add("a", 1)}}, {{Add("a", 2)}}), (Delta{{Add("a", 3)}}));
  EXPECT_EQ(Merge({{Put("a", 1)}}, {{Add("a", 2)}}), (Delta{{Put("a", 3)}}));
}

TEST(MergeTest, IncrementsPastInt64StayApart) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Merge({{Add("a", kMax)}}, {{Add("a", 1)}}), (Delta{{Add("a", kMax), Add("a", 1)}}));
  EXPECT_EQ(Merge({{Put("a", kMax)}}, {{Add("a", 1)}}), (Delta{{Put("a", kMax), Add("a", 1)}}));
}

TEST(MergeTest, IncrementsByDoublesAreFoldedOnlyIntoAPut) {
  EXPECT_EQ(Merge({{Add("a", 0.1)}}, {{Add("a", 0.2)}}), (Delta{{Add("a", 0.1), Add("a", 0.2)}}));
  EXPECT_EQ(Merge({{Put("a", 0.1)}}, {{Add("a", 0.2)}}), (Delta{{Put("a", 0.1 + 0.2)}}));
}

TEST(MergeTest, AnIncrementAfterAnEraseStartsFromNothing) {
  EXPECT_EQ(Merge({{Erase("a")}}, {{Add("a", 2)}}), (Delta{{Erase("a"), Add("a", 2)}}));
  EXPECT_EQ(Merge({{EraseBelow("a")}}, {{Add("a", 2)}}), (Delta{{EraseBelow("a"), Add("a", 2)}}));
}

TEST(MergeTest, TypesThatDoNotMatchStayApart) {
  EXPECT_EQ(Merge({{Put("a", "x")}}, {{Add("a", 1)}}), (Delta{{Put("a", "x"), Add("a", 1)}}));
  EXPECT_EQ(Merge({{Add("a", 1)}}, {{Add("a", 0.5)}}), (Delta{{Add("a", 1), Add("a", 0.5)}}));
}

TEST(MergeTest, DeletingTheSessionMakesEverythingElseVoid) {
  const Delta deletes = {{}, true};
  EXPECT_EQ(Merge({{Put("a", 1)}}, deletes), deletes);
  EXPECT_EQ(Merge(deletes, Delta()), deletes);
}

}  // namespace
}  // namespace sessionhub
