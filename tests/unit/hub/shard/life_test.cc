#include "hub/shard/life.h"

#include "hub/shard/plan.h"
#include "tests/unit/hub/shard/machine_bench.h"

namespace sessionhub::hub {
namespace {

class LifeTest : public MachineBench {
 protected:
  static constexpr uint64_t kHorizonUs = ShardMachineOptions().resend_horizon_us;

  // A session with this many fields that has just ended.
  SessionNumber DeadSession(int fields) {
    const SessionNumber number = OpenForAll(1);
    Delta delta;
    for (int n = 0; n < fields; ++n) {
      delta.operations.push_back(Put("f" + std::to_string(n), n).operations[0]);
    }
    Turn({Commit(kOne, 1, 1, delta), Commit(kOne, 2, 1, EndOfSession())});
    return number;
  }
};

TEST_F(LifeTest, FieldsOfTheDeadAreSweptInPacedBatches) {
  const SessionNumber number = DeadSession(2 * kSweptFieldsPerTurnMax + 10);
  EXPECT_EQ(FieldCountOf(number), 2u * kSweptFieldsPerTurnMax + 10);
  Turn({TickInput{}});
  EXPECT_EQ(FieldCountOf(number), kSweptFieldsPerTurnMax + 10u);
  Turn({TickInput{}});
  EXPECT_EQ(FieldCountOf(number), 10u);
  Turn({TickInput{}});
  EXPECT_EQ(FieldCountOf(number), 0u);
  EXPECT_TRUE(MetaOf(number)->dead());
}

TEST_F(LifeTest, WhatIsLeftOfTheDeadGoesAfterTheHorizon) {
  const SessionNumber number = DeadSession(3);
  Turn({TickInput{}});
  now_us_ += kHorizonUs - 1;
  Turn({TickInput{}});
  EXPECT_TRUE(MetaOf(number));
  Turn({LeaseEndInput{1}});
  now_us_ += 1;
  Turn({TickInput{}});
  EXPECT_FALSE(MetaOf(number));
  Turn({Attach(1)});
  EXPECT_THAT(Turn({CommitByNumber(kOne, 3, number, Put("x", 1))}),
              ::testing::ElementsAre("1/1 refused 3 GONE"));
}

// Two ticks may wait for one turn; a record names each key once.
TEST_F(LifeTest, TwoTicksInATurnAreOne) {
  DeadSession(3);
  Turn({TickInput{}, TickInput{}});
  EXPECT_EQ(record_.due.size(), 2u);  // the sweep's entry goes, the purge's comes
}

TEST_F(LifeTest, ANumberIsNeverGivenTwice) {
  const SessionNumber first = OpenForAll(1);
  Turn({Commit(kOne, 1, 1, EndOfSession())});
  Turn({TickInput{}});
  now_us_ += kHorizonUs;
  Turn({TickInput{}});
  ShardMachine restarted({});
  std::swap(machine_, restarted);
  Turn({Attach(1)});
  Turn({Open(kOne, "a")});
  EXPECT_NE(NumberOf("a"), first);
  EXPECT_EQ(HomeSlot(NumberOf("a")), HomeSlot(first));
}

}  // namespace
}  // namespace sessionhub::hub
