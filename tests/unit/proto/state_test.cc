#include "proto/session/state.h"

#include <gtest/gtest.h>

#include "tests/support/paths.h"

namespace sessionhub {
namespace {

using ::sessionhub::testing::P;

TEST(StateTest, SizeIsPathsAndValues) {
  SessionState state;
  EXPECT_EQ(state.SizeBytes(), 0u);
  state.fields[P("ab")] = Value("xyz");  // 3 + 3
  state.fields[P("a/b")] = Value(1);     // 4 + 8
  EXPECT_EQ(state.SizeBytes(), 18u);
  EXPECT_EQ(FieldSizeBytes(P("ab"), Value("xyz")), 6u);
}

TEST(StateTest, EraseSubtreeTakesTheFieldAndWhatIsBelow) {
  FieldMap fields = {{P("a"), 1}, {P("a/b"), 2}, {P("a/b/c"), 3}, {P("ab"), 4}, {P("b"), 5}};
  EXPECT_EQ(EraseSubtree(P("a"), &fields), 3u);
  EXPECT_EQ(fields, (FieldMap{{P("ab"), 4}, {P("b"), 5}}));
}

TEST(StateTest, EraseSubtreeNeedsNoFieldAtItsRoot) {
  FieldMap fields = {{P("a/b/c"), 3}, {P("a/c"), 4}};
  EXPECT_EQ(EraseSubtree(P("a/b"), &fields), 1u);
  EXPECT_EQ(EraseSubtree(P("nothing"), &fields), 0u);
  EXPECT_EQ(fields, (FieldMap{{P("a/c"), 4}}));
}

TEST(StateTest, EraseSubtreeOfTheRootTakesEverything) {
  FieldMap fields = {{P("a"), 1}, {P("b/c"), 2}};
  EXPECT_EQ(EraseSubtree(Path(), &fields), 2u);
  EXPECT_TRUE(fields.empty());
}

TEST(StateTest, StatesAreEqualIfVersionAndFieldsAre) {
  const SessionState state{3, {{P("a"), 1}}};
  EXPECT_EQ(state, (SessionState{3, {{P("a"), 1}}}));
  EXPECT_FALSE(state == (SessionState{4, {{P("a"), 1}}}));
  EXPECT_FALSE(state == (SessionState{3, {{P("a"), 1.0}}}));
}

}  // namespace
}  // namespace sessionhub
