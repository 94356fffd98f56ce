#include "hub/gateway/growth_hold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <variant>
#include <vector>

#include "tests/support/paths.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using testing::P;

constexpr Origin kOrigin{4, 2};

CommitInput Commit(uint64_t seq, Handle handle, Operation::Kind kind) {
  CommitInput input;
  input.origin = kOrigin;
  input.seq = seq;
  input.handle = handle;
  if (handle == 0) input.number = 77;
  input.delta.operations.push_back({kind, P("a"), Value(int64_t{1})});
  return input;
}

CommitInput Delete(uint64_t seq, Handle handle) {
  CommitInput input = Commit(seq, handle, Operation::Kind::kErase);
  input.delta.operations.clear();
  input.delta.deletes_session = true;
  return input;
}

OpenInput Open() {
  OpenInput input;
  input.origin = kOrigin;
  return input;
}

class GrowthHoldTest : public ::testing::Test {
 protected:
  bool Waits(Input input) { return hold_.Take(&input); }

  std::vector<uint64_t> TakeSeqs() {
    std::vector<uint64_t> seqs;
    for (const Input& input : hold_.TakeAll()) {
      const auto* commit = std::get_if<CommitInput>(&input);
      seqs.push_back(commit ? commit->seq : 0);
    }
    return seqs;
  }

  GrowthHold hold_;
};

TEST_F(GrowthHoldTest, WhatLetsASessionGrowWaits) {
  EXPECT_TRUE(Waits(Commit(1, 1, Operation::Kind::kPut)));
  EXPECT_TRUE(Waits(Commit(2, 2, Operation::Kind::kIncrement)));
  EXPECT_TRUE(Waits(Commit(3, 3, Operation::Kind::kSplice)));
  EXPECT_EQ(hold_.deltas(), 3u);
  EXPECT_THAT(TakeSeqs(), ElementsAre(1, 2, 3));
  EXPECT_TRUE(hold_.empty());
  EXPECT_EQ(hold_.deltas(), 0u);
  EXPECT_EQ(hold_.bytes(), 0u);
}

TEST_F(GrowthHoldTest, WhatMakesRoomPasses) {
  EXPECT_FALSE(Waits(Commit(1, 1, Operation::Kind::kErase)));
  EXPECT_FALSE(Waits(Commit(2, 1, Operation::Kind::kEraseSubtree)));
  EXPECT_FALSE(Waits(Delete(3, 1)));
  EXPECT_FALSE(Waits(Delete(4, 0)));
  ASSERT_TRUE(Waits(Commit(5, 1, Operation::Kind::kPut)));
  EXPECT_FALSE(Waits(Delete(6, 2)));
}

TEST_F(GrowthHoldTest, NothingOvertakesWhatWaitsForTheSameSession) {
  ASSERT_TRUE(Waits(Commit(1, 1, Operation::Kind::kPut)));
  EXPECT_TRUE(Waits(Commit(2, 1, Operation::Kind::kErase)));
  EXPECT_TRUE(Waits(Delete(3, 1)));
  EXPECT_TRUE(Waits(UnlockInput{kOrigin, 1}));
  EXPECT_FALSE(Waits(UnlockInput{kOrigin, 2}));
  EXPECT_THAT(TakeSeqs(), ElementsAre(1, 2, 3, 0));
  EXPECT_FALSE(Waits(Delete(4, 1)));
}

TEST_F(GrowthHoldTest, ANumberMayBeTheSessionOfAnyHandle) {
  ASSERT_TRUE(Waits(Commit(1, 1, Operation::Kind::kPut)));
  EXPECT_TRUE(Waits(Delete(2, 0)));
  EXPECT_TRUE(Waits(Delete(3, 2)));
  EXPECT_TRUE(Waits(UnlockInput{kOrigin, 2}));
}

TEST_F(GrowthHoldTest, BehindTheCloseOfAHandleThatIsNamedAllWaits) {
  ASSERT_TRUE(Waits(Commit(1, 1, Operation::Kind::kPut)));
  EXPECT_FALSE(Waits(CloseInput{kOrigin, 2}));
  EXPECT_FALSE(Waits(Open()));
  EXPECT_TRUE(Waits(CloseInput{kOrigin, 1}));
  EXPECT_TRUE(Waits(Open()));
  EXPECT_TRUE(Waits(Delete(2, 2)));
  EXPECT_THAT(TakeSeqs(), ElementsAre(1, 0, 0, 2));
  EXPECT_FALSE(Waits(Open()));
}

TEST_F(GrowthHoldTest, UsesPassAndWhatWaitsIsOne) {
  ASSERT_TRUE(Waits(Commit(1, 1, Operation::Kind::kPut)));
  ASSERT_TRUE(Waits(CloseInput{kOrigin, 1}));
  EXPECT_FALSE(Waits(TouchInput{kOrigin, 1, 0}));
  const auto of_handle = GrowthHold::UseOf(Commit(2, 3, Operation::Kind::kPut));
  ASSERT_TRUE(of_handle);
  EXPECT_EQ(of_handle->handle, 3u);
  EXPECT_EQ(of_handle->origin.attach, kOrigin.attach);
  EXPECT_EQ(GrowthHold::UseOf(Commit(3, 0, Operation::Kind::kPut))->number, 77u);
  EXPECT_FALSE(GrowthHold::UseOf(Open()));
}

TEST_F(GrowthHoldTest, AnOpenMakesNoSession) {
  Input open = Open();
  ASSERT_FALSE(hold_.Take(&open));
  EXPECT_TRUE(std::get<OpenInput>(open).makes_none);
}

TEST_F(GrowthHoldTest, BytesAreThoseOfAMailbox) {
  const Input input = Commit(1, 1, Operation::Kind::kPut);
  ASSERT_TRUE(Waits(input));
  EXPECT_EQ(hold_.bytes(), InputSizeBytes(input));
}

}  // namespace
}  // namespace sessionhub::hub
