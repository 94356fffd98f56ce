// Pairs that are told that there is a change, and not the change, at the shard machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hub/shard/machine_bench.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ShardMachineInvalidateTest : public MachineBench {
 protected:
  // Node 1 gets each change of "a", node 2 is told that there is one.
  SessionNumber OpenForBoth() {
    OpenForAll(1);
    Turn({Attach(2)});
    Turn({Invalidating(kTwo)});
    return NumberOf("a");
  }
  static Input Invalidating(Origin origin) {
    Input open = Open(origin, "a");
    std::get<OpenInput>(open).invalidates = true;
    return open;
  }
};

TEST_F(ShardMachineInvalidateTest, IsToldOnceAndThenNothingUntilItResumes) {
  OpenForBoth();
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Put("x", 1))}),
              ElementsAre("1/1 applied 1 (1,2]", "2/1#1 invalidated (1,2]"));
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Put("x", 2))}), ElementsAre("1/1 applied 2 (2,3]"));
  EXPECT_THAT(Turn({ResumeInput{kTwo, 1, 1}}), ElementsAre("catch-up of 2/1#1 since 1"));
  EXPECT_THAT(Turn({Commit(kOne, 3, 1, Put("x", 3))}),
              ElementsAre("1/1 applied 3 (3,4]", "2/1#1 invalidated (3,4]"));
}

TEST_F(ShardMachineInvalidateTest, IsNotToldOfItsOwnCommits) {
  OpenForBoth();
  EXPECT_THAT(Turn({Commit(kTwo, 1, 1, Put("x", 1))}),
              ElementsAre("2/1 applied 1 (1,2]", "forward (1,2] to 1/1#1"));
}

TEST_F(ShardMachineInvalidateTest, OpeningAgainChangesTheMode) {
  OpenForBoth();
  Turn({Open(kTwo, "a")});
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Put("x", 1))}),
              ElementsAre("1/1 applied 1 (1,2]", "forward (1,2] to 2/1#1"));
  Turn({Invalidating(kTwo)});
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Put("x", 2))}),
              ElementsAre("1/1 applied 2 (2,3]", "2/1#1 invalidated (2,3]"));
}

TEST_F(ShardMachineInvalidateTest, AnEndIsToldAllTheSame) {
  OpenForBoth();
  Turn({Commit(kOne, 1, 1, Put("x", 1))});
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, EndOfSession())}),
              ElementsAre("1/1 applied 2 (2,3]", "DELETED told to 1/1#1 2/1#1"));
}

TEST_F(ShardMachineInvalidateTest, OneThatCouldNotBeToldLapses) {
  const SessionNumber number = OpenForBoth();
  Turn({Commit(kOne, 1, 1, Put("x", 1))});
  machine_.Released(std::vector<LapsedPair>{{kTwo, number, 1}}, {});
  EXPECT_THAT(Turn({RoomInput{kTwo}}), ElementsAre("catch-up of 2/1#1 since 1"));
}

TEST_F(ShardMachineInvalidateTest, ADeliveredCommitIsDeliveredOnceTheInvalidationIsReceipted) {
  OpenForBoth();
  Turn({Commit(kOne, 1, 1, Put("x", 1))});
  EXPECT_THAT(Turn({Deliver(kOne, 2, 1, Put("x", 2))}),
              ElementsAre("1/1 applied 2 (2,3]", "2/1#1? invalidated (1,3]"));
  EXPECT_THAT(Turn({ReceiptInput{kTwo, 1, 0}}), ElementsAre("1/1 delivered 2"));
}

TEST_F(ShardMachineInvalidateTest, AReceiptOfAnInvalidationSaysNothingOnceTheNodeHasAsked) {
  OpenForBoth();
  Turn({Deliver(kOne, 1, 1, Put("x", 1))});
  EXPECT_THAT(Turn({ResumeInput{kTwo, 1, 1}, ReceiptInput{kTwo, 1, 0}}),
              ElementsAre("catch-up of 2/1#1? since 1"));
  EXPECT_THAT(Turn({ReceiptInput{kTwo, 1, 0}}), IsEmpty());
  EXPECT_THAT(Turn({ReceiptInput{kTwo, 1, 2}}), ElementsAre("1/1 delivered 1"));
}

}  // namespace
}  // namespace sessionhub::hub
