#include "hub/shard/router.h"

#include <gtest/gtest.h>

#include "interest/interest_index.h"

namespace sessionhub::hub {
namespace {

class RouterTest : public ::testing::Test {
 protected:
  static size_t Waiting(Mailbox* mailbox) {
    std::vector<Input> inputs;
    mailbox->Drain(100, absl::ZeroDuration(), &inputs);
    return inputs.size();
  }

  Mailbox first_{1 << 20};
  Mailbox second_{1 << 20};
  Mailbox third_{1 << 20};
  Router router_{{&first_, &second_, &third_}};
};

TEST_F(RouterTest, NamesAndNumbersGoByTheirSlot) {
  for (int slot = 0; slot < kSlots; ++slot) {
    const auto shard = static_cast<uint32_t>(slot % 3);
    OpenInput open;
    open.name.slot = static_cast<Slot>(slot);
    EXPECT_EQ(router_.ShardOf(open), shard);
    DeleteInput erase;
    erase.name.slot = static_cast<Slot>(slot);
    erase.name.id = "ada";
    EXPECT_EQ(router_.ShardOf(erase), shard);
    // Without an id it goes to the home of the session, and so do the later steps of an id change.
    const SessionNumber number = MakeSessionNumber(static_cast<Slot>(slot), 12);
    EXPECT_EQ(router_.ShardOf(DeleteInput{0, {}, number, "ada"}), shard);
    RenameInput rename;
    rename.number = number;
    rename.name.slot = static_cast<Slot>(slot + 1);
    EXPECT_EQ(router_.ShardOf(rename), (shard + (slot == 255 ? 0 : 1)) % 3);
    rename.reserved = true;
    EXPECT_EQ(router_.ShardOf(rename), shard);
    LookUpInput look;
    look.number = number;
    EXPECT_EQ(router_.ShardOf(look), shard);
    NameNoteInput note;
    note.name.slot = static_cast<Slot>(slot);
    EXPECT_EQ(router_.ShardOf(note), shard);
    CommitInput commit;
    commit.number = MakeSessionNumber(static_cast<Slot>(slot), 12);
    EXPECT_EQ(router_.ShardOf(commit), shard);
  }
}

TEST_F(RouterTest, HandlesGoToTheShardThatGaveThem) {
  for (uint32_t shard = 0; shard < 3; ++shard) {
    interest::InterestIndex index(shard + 1, 3);
    for (SessionNumber session = 1; session <= 5; ++session) {
      const Handle handle = index.Add(session, 1, 1)->handle;
      EXPECT_EQ(router_.ShardOf(ResumeInput{{1, 1}, handle, 0}), shard);
      EXPECT_EQ(router_.ShardOf(CloseInput{{1, 1}, handle}), shard);
      EXPECT_EQ(router_.ShardOf(LockInput{{1, 1}, 1, handle, 0, 1, 0, 0}), shard);
      EXPECT_EQ(router_.ShardOf(UnlockInput{{1, 1}, handle, 0, 1}), shard);
      CommitInput commit;
      commit.handle = handle;
      EXPECT_EQ(router_.ShardOf(commit), shard);
    }
  }
}

TEST_F(RouterTest, AHandleThatCannotBeHasAShardThatSaysSo) {
  EXPECT_LT(router_.ShardOf(ResumeInput{{1, 1}, 0, 0}), 3u);
}

TEST_F(RouterTest, PostsToOneOrToAll) {
  router_.Post(CloseInput{{1, 1}, 2});
  router_.PostToAll(TickInput{});
  EXPECT_EQ(Waiting(&first_), 1u);
  EXPECT_EQ(Waiting(&second_), 2u);
  EXPECT_EQ(Waiting(&third_), 1u);
}

}  // namespace
}  // namespace sessionhub::hub
