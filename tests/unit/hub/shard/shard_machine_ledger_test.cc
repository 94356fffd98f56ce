// What a shard machine counts for each app, and what a broadcast would have sent there.
#include "hub/shard/app_ledger.h"
#include "hub/shard/shard_machine.h"
#include "tests/unit/hub/shard/machine_bench.h"

namespace sessionhub::hub {
namespace {

class ShardMachineLedgerTest : public MachineBench {
 protected:
  // Of the app of all nodes that the test does not say otherwise of.
  AppCounters Counted(AppNumber app = 1) const {
    const auto& apps = machine_.ledger().apps();
    const auto it = apps.find(app);
    return it == apps.end() ? AppCounters() : it->second;
  }
};

TEST_F(ShardMachineLedgerTest, ABroadcastGoesToEveryOtherAttachedNodeWhoeverIsInterested) {
  const SessionNumber session = OpenForAll(2);
  Turn({Attach(3), Attach(4), Attach(5, 1, 2)});  // the last is of another app
  Turn({Commit(kOne, 1, 1, Put("a", 1)), Commit(kOne, 2, 1, Put("a", 2))});
  EXPECT_EQ(Counted().nodes_attached, 4u);
  EXPECT_EQ(Counted().deltas_applied, 2u);
  EXPECT_EQ(Counted().forwards, 2u) << "only node 2 has asked";
  EXPECT_EQ(Counted().broadcast_copies, 6u);
  EXPECT_EQ(Counted().last_broadcast, session);
  EXPECT_EQ(Counted(2).broadcast_copies, 0u);
}

TEST_F(ShardMachineLedgerTest, ANodeAloneWouldBroadcastToNobody) {
  OpenForAll(1);
  Turn({Commit(kOne, 1, 1, Put("a", 1))});
  EXPECT_EQ(Counted().deltas_applied, 1u);
  EXPECT_EQ(Counted().broadcast_copies, 0u);
  EXPECT_EQ(Counted().last_broadcast, 0u);
}

TEST_F(ShardMachineLedgerTest, NodesAreCountedWhileTheyAreAttachedAndOnce) {
  Turn({Attach(1), Attach(2)});
  EXPECT_EQ(Counted().nodes_attached, 2u);
  Turn({Attach(2, 2)});  // a newer stream of it, and the end of the older one is still to come
  EXPECT_EQ(Counted().nodes_attached, 2u);
  Turn({DetachInput{{2, 1}}});
  EXPECT_EQ(Counted().nodes_attached, 2u) << "of the older stream";
  Turn({DetachInput{{2, 2}}});
  EXPECT_EQ(Counted().nodes_attached, 1u);
  Turn({LeaseEndInput{2}});
  EXPECT_EQ(Counted().nodes_attached, 1u);
  Turn({LeaseEndInput{1}});  // its end as a node comes without that of its stream
  EXPECT_EQ(Counted().nodes_attached, 0u);
  Turn({Attach(1, 2)});
  EXPECT_EQ(Counted().nodes_attached, 1u);
}

TEST_F(ShardMachineLedgerTest, OutcomesAreOfTheAppOfWhoCommits) {
  OpenForAll(2);
  Turn({Commit(kOne, 1, 1, Put("a", 1))});
  Turn({Commit(kOne, 1, 1, Put("a", 1))});              // sent again
  Turn({Commit(kOne, 2, 99, Put("a", 1))});             // a handle that is not open
  Turn({CommitByNumber(kTwo, 1, 12345, Put("a", 1))});  // a session that is not there
  EXPECT_EQ(Counted().deltas_applied, 1u);
  EXPECT_EQ(Counted().deltas_duplicate, 1u);
  EXPECT_EQ(Counted().deltas_refused, 2u);
  EXPECT_EQ(machine_.counters().deltas_refused, 2u);
  EXPECT_EQ(Counted().broadcast_copies, 1u);
}

TEST_F(ShardMachineLedgerTest, TheEndOfASessionIsNoCopyOfIt) {
  OpenForAll(2);
  Turn({Commit(kOne, 1, 1, EndOfSession())});
  EXPECT_EQ(Counted().deltas_applied, 1u);
  EXPECT_EQ(Counted().broadcast_copies, 0u);
}

}  // namespace
}  // namespace sessionhub::hub
