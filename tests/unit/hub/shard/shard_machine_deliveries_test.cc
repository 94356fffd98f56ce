// Commits that wait until other nodes have applied them, at the shard machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/hub/shard/machine_bench.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ShardMachineOptions Options() {
  ShardMachineOptions options;
  options.delivery_waits_max = 2;
  options.delivery_wait_max_us = 10'000'000;
  options.nodes_known_at_us = 1'000'000;  // the bench's first time
  return options;
}

class ShardMachineDeliveriesTest : public MachineBench {
 protected:
  ShardMachineDeliveriesTest() : MachineBench(Options()) {}
};

TEST_F(ShardMachineDeliveriesTest, TheForwardAsksForAReceiptAndTheCommitterWaitsForIt) {
  OpenForAll(2);
  EXPECT_THAT(Turn({Deliver(kOne, 1, 1, Put("x", 1))}),
              ElementsAre("1/1 applied 1 (1,2]", "forward (1,2] to 2/1#1?"));
  EXPECT_THAT(Turn({ReceiptInput{kTwo, 1, 1}}), IsEmpty());
  EXPECT_THAT(Turn({ReceiptInput{kTwo, 1, 2}}), ElementsAre("1/1 delivered 1"));
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Put("x", 2))}),
              ElementsAre("1/1 applied 2 (2,3]", "forward (2,3] to 2/1#1"));
}

TEST_F(ShardMachineDeliveriesTest, WithoutOthersItIsDeliveredInTheSameTurnAfterItsAnswer) {
  OpenForAll(1);
  EXPECT_THAT(Turn({Deliver(kOne, 1, 1, Put("x", 1))}),
              ElementsAre("1/1 applied 1 (1,2]", "1/1 delivered 1"));
}

TEST_F(ShardMachineDeliveriesTest, ALapsedPairCountsOnceItsCatchUpIsReceipted) {
  const SessionNumber number = OpenForAll(2);
  Turn({Deliver(kOne, 1, 1, Put("x", 1))});
  machine_.Released(std::vector<LapsedPair>{{kTwo, number, 1}}, {});
  EXPECT_THAT(Turn({RoomInput{kTwo}}), ElementsAre("catch-up of 2/1#1? since 1"));
  EXPECT_THAT(Turn({ReceiptInput{kTwo, 1, 2}}), ElementsAre("1/1 delivered 1"));
}

TEST_F(ShardMachineDeliveriesTest, ANodeInItsLeaseIsWaitedForUntilItIsBackOrTheLeaseEnds) {
  OpenForAll(3);
  Turn({DetachInput{kTwo}, DetachInput{{3, 1}}});
  EXPECT_THAT(Turn({Deliver(kOne, 1, 1, Put("x", 1))}), ElementsAre("1/1 applied 1 (1,2]"));
  Turn({Attach(2, 2)});
  EXPECT_THAT(Turn({ResumeInput{{2, 2}, 1, 1}}), ElementsAre("catch-up of 2/2#1? since 1"));
  EXPECT_THAT(Turn({ReceiptInput{{2, 2}, 1, 2}}), IsEmpty());
  EXPECT_THAT(Turn({LeaseEndInput{3}}), ElementsAre("1/1 delivered 1 but web-3"));
}

TEST_F(ShardMachineDeliveriesTest, WhoClosesNeedsNoReceipt) {
  OpenForAll(2);
  Turn({Deliver(kOne, 1, 1, Put("x", 1))});
  EXPECT_THAT(Turn({CloseInput{kTwo, 1}}), ElementsAre("1/1 delivered 1 but web-2"));
}

TEST_F(ShardMachineDeliveriesTest, ANodeThatGivesNoReceiptsIsMissingAtOnce) {
  OpenForAll(1);
  Input older = Attach(2);
  std::get<AttachInput>(older).features = 0;
  Turn({older});
  Turn({Open(kTwo, "a")});
  EXPECT_THAT(
      Turn({Deliver(kOne, 1, 1, Put("x", 1))}),
      ElementsAre("1/1 applied 1 (1,2]", "forward (1,2] to 2/1#1", "1/1 delivered 1 but web-2"));
}

TEST_F(ShardMachineDeliveriesTest, ADeleteIsDeliveredOnceEveryNodeHasDroppedItsCopy) {
  OpenForAll(3);
  EXPECT_THAT(Turn({Deliver(kOne, 1, 1, EndOfSession())}),
              ElementsAre("1/1 applied 1 (1,2]", "DELETED told to 1/1#1 2/1#1? 3/1#1?"));
  EXPECT_THAT(Turn({ReceiptInput{kTwo, 1, 0}}), IsEmpty());
  EXPECT_THAT(Turn({CloseInput{{3, 1}, 1}}), ElementsAre("1/1 delivered 1"));
}

TEST_F(ShardMachineDeliveriesTest, ADeleteReachesANodeThatWasAwayWhenItResumes) {
  OpenForAll(2);
  Turn({DetachInput{kTwo}});
  Turn({Deliver(kOne, 1, 1, EndOfSession())});
  Turn({Attach(2, 2)});
  EXPECT_THAT(Turn({ResumeInput{{2, 2}, 1, 1}}), ElementsAre("DELETED told to 2/2#1?"));
  EXPECT_THAT(Turn({ReceiptInput{{2, 2}, 1, 0}}), ElementsAre("1/1 delivered 1"));
}

TEST_F(ShardMachineDeliveriesTest, AResendIsDeliveredByAnEmptyCatchUp) {
  OpenForAll(2);
  Turn({Commit(kOne, 1, 1, Put("x", 1))});
  EXPECT_THAT(Turn({Deliver(kOne, 1, 1, Put("x", 1))}),
              ElementsAre("1/1 already 1 in 2", "catch-up of 2/1#1? since 2"));
  EXPECT_THAT(Turn({ReceiptInput{kTwo, 1, 2}}), ElementsAre("1/1 delivered 1"));
}

TEST_F(ShardMachineDeliveriesTest, ACutCommitterIsTakenOut) {
  OpenForAll(2);
  Turn({Deliver(kOne, 1, 1, Put("x", 1))});
  Turn({DetachInput{kOne}});
  EXPECT_THAT(Turn({ReceiptInput{kTwo, 1, 2}}), IsEmpty());
}

TEST_F(ShardMachineDeliveriesTest, WithinALeaseOfTheStartNobodyCanTell) {
  OpenForAll(2);
  now_us_ = 999'999;
  EXPECT_THAT(
      Turn({Deliver(kOne, 1, 1, Put("x", 1))}),
      ElementsAre("1/1 applied 1 (1,2]", "1/1 delivered 1 unknown", "forward (1,2] to 2/1#1"));
}

TEST_F(ShardMachineDeliveriesTest, PastItsBoundACommitIsRefusedForGood) {
  OpenForAll(3);
  Turn({Deliver(kOne, 1, 1, Put("x", 1))});  // two waits, the bound
  EXPECT_THAT(Turn({Deliver(kOne, 2, 1, Put("x", 2))}),
              ElementsAre("1/1 refused 2 LIMIT_EXCEEDED"));
  EXPECT_THAT(std::get<RefusedEffect>(effects_[0]).refusal.message,
              ::testing::HasSubstr("delivery_waits_max = 2"));
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Put("x", 2))}), ElementsAre("1/1 refused 2 LIMIT_EXCEEDED"));
  EXPECT_THAT(Turn({Commit(kOne, 3, 1, Put("x", 2))}),
              ElementsAre("1/1 applied 3 (2,3]", "forward (2,3] to 2/1#1? 3/1#1?"));
}

TEST_F(ShardMachineDeliveriesTest, AWaitHasAnEnd) {
  OpenForAll(2);
  now_us_ = 20'000'000;
  Turn({Deliver(kOne, 1, 1, Put("x", 1))});
  now_us_ += 10'000'000;
  EXPECT_THAT(Turn({TickInput{}}), IsEmpty());
  now_us_ += 1;
  EXPECT_THAT(Turn({TickInput{}}), ElementsAre("1/1 delivered 1 unknown"));
}

}  // namespace
}  // namespace sessionhub::hub
