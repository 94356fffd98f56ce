#include "interest/interest_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace sessionhub::interest {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr SessionNumber kCart = MakeSessionNumber(3, 1);
constexpr SessionNumber kOther = MakeSessionNumber(3, 2);

TEST(InterestIndexTest, AnEmptyIndexKnowsNobody) {
  InterestIndex index;
  EXPECT_THAT(index.PairsOf(kCart), IsEmpty());
  EXPECT_EQ(index.Find(kCart, 1), nullptr);
  EXPECT_EQ(index.SessionOf(1, 1), std::nullopt);
  EXPECT_FALSE(index.Close(1, 1));
  EXPECT_EQ(index.RemoveNode(1), 0u);
  EXPECT_THAT(index.RemoveSession(kCart), IsEmpty());
  EXPECT_EQ(index.pair_count(), 0u);
}

TEST(InterestIndexTest, AFreshPairIsBehindAndHasAHandle) {
  InterestIndex index;
  const Pair* pair = index.Add(kCart, 1, 4);
  EXPECT_EQ(pair->node, 1u);
  EXPECT_EQ(pair->attach, 4u);
  EXPECT_EQ(pair->state, PairState::kBehind);
  EXPECT_EQ(pair->handle, 1u);
  EXPECT_EQ(index.SessionOf(1, 1), kCart);
  EXPECT_EQ(index.Find(kCart, 1), &index.PairsOf(kCart)[0]);
}

TEST(InterestIndexTest, AddingAgainKeepsTheHandleAndStartsAnew) {
  InterestIndex index;
  index.Add(kOther, 1, 1);
  const Handle handle = index.Add(kCart, 1, 1)->handle;
  index.FindMutable(kCart, 1)->state = PairState::kLive;
  const Pair* again = index.Add(kCart, 1, 2);
  EXPECT_EQ(again->handle, handle);
  EXPECT_EQ(again->attach, 2u);
  EXPECT_EQ(again->state, PairState::kBehind);
  EXPECT_EQ(index.pair_count(), 2u);
  EXPECT_EQ(index.HandleCountOf(1), 2u);
}

TEST(InterestIndexTest, EveryNodeOfASessionHearsOfIt) {
  InterestIndex index;
  for (NodeNumber node = 1; node <= 5; ++node) index.Add(kCart, node, 1);
  index.Add(kOther, 9, 1);
  std::set<NodeNumber> nodes;
  for (const Pair& pair : index.PairsOf(kCart)) nodes.insert(pair.node);
  EXPECT_EQ(nodes, (std::set<NodeNumber>{1, 2, 3, 4, 5}));
  EXPECT_THAT(index.PairsOf(kOther), SizeIs(1));
  EXPECT_EQ(index.pair_count(), 6u);
}

TEST(InterestIndexTest, HandlesAreOfTheNode) {
  InterestIndex index;
  EXPECT_EQ(index.Add(kCart, 1, 1)->handle, 1u);
  EXPECT_EQ(index.Add(kOther, 2, 1)->handle, 1u);
  EXPECT_EQ(index.SessionOf(1, 1), kCart);
  EXPECT_EQ(index.SessionOf(2, 1), kOther);
}

TEST(InterestIndexTest, AClosedHandleIsGivenAgain) {
  InterestIndex index;
  index.Add(kCart, 1, 1);
  EXPECT_TRUE(index.Close(1, 1));
  EXPECT_FALSE(index.Close(1, 1));
  EXPECT_EQ(index.Find(kCart, 1), nullptr);
  EXPECT_EQ(index.HandleCountOf(1), 0u);
  EXPECT_EQ(index.Add(kOther, 1, 1)->handle, 1u);
  EXPECT_EQ(index.SessionOf(1, 1), kOther);
}

TEST(InterestIndexTest, TheHandleOfADeadSessionIsTakenUntilItIsClosed) {
  InterestIndex index;
  index.Add(kCart, 1, 1);
  index.Add(kCart, 2, 1);
  EXPECT_THAT(index.RemoveSession(kCart), SizeIs(2));
  EXPECT_THAT(index.PairsOf(kCart), IsEmpty());
  EXPECT_EQ(index.pair_count(), 0u);
  EXPECT_EQ(index.SessionOf(1, 1), kCart);
  EXPECT_EQ(index.Add(kOther, 1, 1)->handle, 2u);
  EXPECT_TRUE(index.Close(1, 1));
  EXPECT_EQ(index.SessionOf(1, 1), std::nullopt);
  EXPECT_EQ(index.Find(kOther, 1)->handle, 2u);
}

TEST(InterestIndexTest, AnOldHandleDoesNotEndInterestUnderANewOne) {
  InterestIndex index;
  const Handle old_handle = index.Add(kCart, 1, 1)->handle;
  index.RemoveSession(kCart);
  const Handle new_handle = index.Add(kCart, 1, 1)->handle;
  ASSERT_NE(new_handle, old_handle);
  EXPECT_TRUE(index.Close(1, old_handle));
  ASSERT_NE(index.Find(kCart, 1), nullptr);
  EXPECT_EQ(index.Find(kCart, 1)->handle, new_handle);
}

TEST(InterestIndexTest, RemovingANodeEndsItsInterestAndForgetsItsHandles) {
  InterestIndex index;
  index.Add(kCart, 1, 1);
  index.Add(kOther, 1, 1);
  index.Add(kCart, 2, 1);
  index.RemoveSession(kOther);
  EXPECT_EQ(index.RemoveNode(1), 1u);
  EXPECT_THAT(index.PairsOf(kCart), SizeIs(1));
  EXPECT_EQ(index.PairsOf(kCart)[0].node, 2u);
  EXPECT_EQ(index.HandleCountOf(1), 0u);
  EXPECT_EQ(index.SessionOf(1, 1), std::nullopt);
}

TEST(InterestIndexTest, ShardsShareTheHandlesOfANodeByStride) {
  InterestIndex index(/*first_handle=*/2, /*stride=*/4);
  EXPECT_EQ(index.Add(kCart, 1, 1)->handle, 2u);
  EXPECT_EQ(index.Add(kOther, 1, 1)->handle, 6u);
  for (Handle foreign : {0, 1, 3, 4, 5, 7, 10}) {
    EXPECT_EQ(index.SessionOf(1, foreign), std::nullopt) << foreign;
    EXPECT_FALSE(index.Close(1, foreign)) << foreign;
  }
  EXPECT_TRUE(index.Close(1, 6));
  EXPECT_EQ(index.SessionOf(1, 2), kCart);
}

TEST(InterestIndexTest, StatesAreSetInPlace) {
  InterestIndex index;
  index.Add(kCart, 1, 1);
  index.Add(kCart, 2, 1);
  for (Pair& pair : index.MutablePairsOf(kCart)) pair.state = PairState::kLive;
  EXPECT_EQ(index.Find(kCart, 1)->state, PairState::kLive);
  EXPECT_EQ(index.Find(kCart, 2)->state, PairState::kLive);
  EXPECT_THAT(index.MutablePairsOf(kOther), IsEmpty());
}

}  // namespace
}  // namespace sessionhub::interest
