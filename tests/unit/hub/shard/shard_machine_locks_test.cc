// Locks as the machine grants them: in order, for as long as a lease, and across a restart.
#include <string>
#include <variant>
#include <vector>

#include "hub/shard/locks.h"
#include "tests/unit/hub/shard/life_bench.h"

namespace sessionhub::hub {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Origin kThree{3, 1};
constexpr uint64_t kLease = 30 * kSecondUs;
constexpr uint64_t kWait = 60 * kSecondUs;

class ShardMachineLocksTest : public LifeBench {
 protected:
  // Nodes 1 to 3 hold "a" live.
  ShardMachineLocksTest() {
    StartHub();
    OpenAll();
  }
  void OpenAll() {
    Turn({Attach(1), Attach(2), Attach(3)});
    Turn({Open(kOne, "a"), Open(kTwo, "a"), Open(kThree, "a")});
    a_ = NumberOf("a");
  }
  Input Lock(Origin origin, uint32_t request, uint64_t wait_us = 0, uint64_t lease_us = kLease) {
    return LockInput{origin, request, 0, a_, lease_us, wait_us, 0};
  }
  Input Prolong(Origin origin, uint32_t request, uint64_t token, uint64_t lease_us = kLease) {
    return LockInput{origin, request, 0, a_, lease_us, 0, token};
  }
  Input Unlock(Origin origin, uint64_t token) { return UnlockInput{origin, 0, a_, token}; }
  static Delta Under(uint64_t token, const std::string& path = "n") {
    Delta delta = Put(path, 1);
    delta.lock_token = token;
    return delta;
  }
  std::vector<std::string> After(uint64_t us) { return TickAt(now_us_ + us); }

  SessionNumber a_ = 0;
};

TEST_F(ShardMachineLocksTest, OneHolderAtATimeFirstComeFirstServed) {
  EXPECT_THAT(Turn({Lock(kOne, 1), Lock(kTwo, 1, kWait), Lock(kThree, 1, kWait)}),
              ElementsAre("1/1 answered 1 lock 1"));
  EXPECT_TRUE(must_sync_) << "a grant is told once it is durable";
  EXPECT_THAT(Turn({Lock(kThree, 2)}), ElementsAre("3/1 answered 2 LOCKED"));
  EXPECT_FALSE(must_sync_);
  EXPECT_THAT(Turn({Unlock(kOne, 1)}), ElementsAre("2/1 answered 1 lock 2"));
  EXPECT_TRUE(must_sync_);
  EXPECT_THAT(Turn({Unlock(kTwo, 2)}), ElementsAre("3/1 answered 1 lock 3"));
  EXPECT_THAT(Turn({Unlock(kThree, 3)}), IsEmpty());
  EXPECT_THAT(Turn({Lock(kOne, 2)}), ElementsAre("1/1 answered 2 lock 4"));
  EXPECT_EQ(machine_.counters().locks_granted, 4u);
}

TEST_F(ShardMachineLocksTest, AHandleNamesTheSessionToo) {
  EXPECT_THAT(Turn({LockInput{kOne, 1, 1, 0, kLease, 0, 0}}), ElementsAre("1/1 answered 1 lock 1"));
  Turn({UnlockInput{kOne, 1, 0, 1}});
  EXPECT_THAT(Turn({Lock(kTwo, 1)}), ElementsAre("2/1 answered 1 lock 2"));
}

TEST_F(ShardMachineLocksTest, TheAnswerTellsTheVersionWithEverythingBefore) {
  Turn({Commit(kOne, 1, 1, Put("n", 1)), Lock(kTwo, 1)});
  ASSERT_EQ(effects_.size(), 3u);
  EXPECT_EQ(std::get<AnswerEffect>(effects_[2]).version, MetaOf(a_)->version());
}

// The lane of a node has the changes of the holder before it ahead of its own grant.
TEST_F(ShardMachineLocksTest, TheNextHolderHearsOfTheLastChangesFirst) {
  Turn({Lock(kOne, 1), Lock(kTwo, 1, kWait)});
  EXPECT_THAT(
      Turn({Commit(kOne, 1, 1, Under(1)), Unlock(kOne, 1)}),
      ElementsAre("1/1 applied 1 (1,2]", "forward (1,2] to 2/1#1 3/1#1", "2/1 answered 1 lock 2"));
}

TEST_F(ShardMachineLocksTest, AnEndedLeaseGoesToWhoWaitsAndNotSooner) {
  Turn({Lock(kOne, 1), Lock(kTwo, 1, kWait)});
  EXPECT_THAT(After(kLease - 1), IsEmpty());
  EXPECT_THAT(After(1), ElementsAre("2/1 answered 1 lock 2"));
  EXPECT_THAT(Turn({Prolong(kOne, 2, 1)}), ElementsAre("1/1 answered 2 LOCK_LOST"));
  EXPECT_THAT(Turn({Unlock(kOne, 1)}), IsEmpty()) << "it gives back what is not its own";
  EXPECT_THAT(Turn({Lock(kThree, 1)}), ElementsAre("3/1 answered 1 LOCKED"));
}

TEST_F(ShardMachineLocksTest, WithoutWaitersAnEndedLeaseIsFree) {
  Turn({Lock(kOne, 1)});
  now_us_ += kLease;
  EXPECT_THAT(Turn({Lock(kTwo, 1)}), ElementsAre("2/1 answered 1 lock 2"));
}

TEST_F(ShardMachineLocksTest, ProlongingMovesTheEnd) {
  Turn({Lock(kOne, 1), Lock(kTwo, 1, kWait)});
  After(kLease - 1);
  EXPECT_THAT(Turn({Prolong(kOne, 2, 1)}), ElementsAre("1/1 answered 2 lock 1"));
  EXPECT_TRUE(must_sync_);
  EXPECT_THAT(After(kLease - 1), IsEmpty());
  EXPECT_THAT(Turn({Prolong(kOne, 3, 1, 1)}), ElementsAre("1/1 answered 3 lock 1"));
  EXPECT_THAT(After(1), ElementsAre("2/1 answered 1 lock 2")) << "a lease may get shorter, too";
}

TEST_F(ShardMachineLocksTest, AWaitEndsInTime) {
  Turn({Lock(kOne, 1), Lock(kTwo, 1, 10 * kSecondUs), Lock(kThree, 1, kWait)});
  EXPECT_THAT(After(10 * kSecondUs - 1), IsEmpty());
  EXPECT_THAT(After(1), ElementsAre("2/1 answered 1 LOCKED"));
  EXPECT_FALSE(must_sync_);
  EXPECT_THAT(Turn({Unlock(kOne, 1)}), ElementsAre("3/1 answered 1 lock 2"));
}

// Also when one look finds both, late.
TEST_F(ShardMachineLocksTest, WhoseWaitEndedBeforeTheLeaseGetsNothing) {
  Turn({Lock(kOne, 1), Lock(kTwo, 1, kLease - 1), Lock(kThree, 1, kLease)});
  EXPECT_THAT(After(kLease + 50'000),
              ElementsAre("3/1 answered 1 lock 2", "2/1 answered 1 LOCKED"));
}

TEST_F(ShardMachineLocksTest, WaitersEndWithTheirStream) {
  Turn({Lock(kOne, 1), Lock(kTwo, 1, kWait), Lock(kThree, 1, kWait)});
  Turn({DetachInput{kTwo}});
  EXPECT_THAT(Turn({Unlock(kOne, 1)}), ElementsAre("3/1 answered 1 lock 2"));
  Turn({Attach(2, 2)});
  Turn({Lock({2, 2}, 1, kWait), Attach(2, 3)});
  EXPECT_THAT(Turn({Unlock(kThree, 2)}), IsEmpty()) << "who asked on an older stream asks again";
  EXPECT_THAT(Turn({Lock({2, 3}, 1)}), ElementsAre("2/3 answered 1 lock 3"));
  EXPECT_THAT(Turn({Lock({2, 2}, 2)}), IsEmpty()) << "of an older stream";
}

TEST_F(ShardMachineLocksTest, AHolderKeepsTheLockWithoutAStreamUntilTheLeaseEnds) {
  Turn({Lock(kOne, 1)});
  Turn({DetachInput{kOne}});
  Turn({LeaseEndInput{1}});
  EXPECT_THAT(Turn({Lock(kTwo, 1, kWait)}), IsEmpty());
  EXPECT_THAT(After(kLease), ElementsAre("2/1 answered 1 lock 2"));
}

// The answer to the grant was lost with the stream.
TEST_F(ShardMachineLocksTest, ARequestThatIsSentAgainGetsTheSameLock) {
  Turn({Lock(kOne, 7)});
  const uint64_t deadline = MetaOf(a_)->lock().deadline();
  now_us_ += kSecondUs;
  Turn({Attach(1, 2)});
  EXPECT_THAT(Turn({Lock({1, 2}, 7, kWait)}), ElementsAre("1/2 answered 7 lock 1"));
  EXPECT_EQ(MetaOf(a_)->lock().deadline(), deadline + kSecondUs) << "it has not heard of it yet";
  EXPECT_THAT(Turn({Lock({1, 2}, 8)}), ElementsAre("1/2 answered 8 LOCKED"))
      << "another request of the same node is another holder";
}

TEST_F(ShardMachineLocksTest, AWriteUnderALockThatIsLostIsRefusedForGood) {
  Turn({Lock(kOne, 1)});
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Under(1))}),
              ElementsAre("1/1 applied 1 (1,2]", "forward (1,2] to 2/1#1 3/1#1"));
  EXPECT_THAT(Turn({Commit(kTwo, 1, 1, Under(2))}), ElementsAre("2/1 refused 1 LOCK_LOST"));
  now_us_ += kLease;
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Under(1, "lost"))}), ElementsAre("1/1 refused 2 LOCK_LOST"));
  EXPECT_EQ(FieldCountOf(a_), 1u);
  Turn({Lock(kOne, 2)});
  EXPECT_THAT(Turn({Commit(kOne, 2, 1, Under(1, "lost"))}), ElementsAre("1/1 refused 2 LOCK_LOST"))
      << "sent again";
  EXPECT_THAT(Turn({Commit(kOne, 3, 1, Under(1)), Commit(kOne, 4, 1, Under(2))}),
              ElementsAre("1/1 refused 3 LOCK_LOST", "1/1 applied 4 (2,3]",
                          "forward (2,3] to 2/1#1 3/1#1"));
}

// What was applied under the lock stays applied when it is sent again after the lock's end.
TEST_F(ShardMachineLocksTest, AResendIsRecognisedWhateverBecameOfTheLock) {
  Turn({Lock(kOne, 1), Commit(kOne, 1, 1, Under(1)), Unlock(kOne, 1)});
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Under(1))}), ElementsAre("1/1 already 1 in 2"));
}

TEST_F(ShardMachineLocksTest, WritesWithoutATokenDoNotAskForTheLock) {
  Turn({Lock(kOne, 1)});
  EXPECT_THAT(Turn({Commit(kTwo, 1, 1, Put("n", 1))}),
              ElementsAre("2/1 applied 1 (1,2]", "forward (1,2] to 1/1#1 3/1#1"));
}

TEST_F(ShardMachineLocksTest, ALockEndsWithItsSession) {
  Turn({Lock(kOne, 1), Lock(kTwo, 1, kWait)});
  EXPECT_THAT(Turn({Commit(kThree, 1, 1, EndOfSession())}),
              ElementsAre("2/1 answered 1 GONE", "3/1 applied 1 (1,2]",
                          "DELETED told to 1/1#1 2/1#1 3/1#1"));
  EXPECT_FALSE(MetaOf(a_)->has_lock());
  EXPECT_THAT(Turn({Lock(kOne, 2), Prolong(kOne, 3, 1), Unlock(kOne, 1)}),
              ElementsAre("1/1 answered 2 GONE", "1/1 answered 3 GONE"));
  EXPECT_THAT(After(kLease), IsEmpty());
  // The next life has a lock of its own, and counts anew.
  Turn({Open(kOne, "a")});
  a_ = NumberOf("a");
  EXPECT_THAT(Turn({Lock(kTwo, 2)}), ElementsAre("2/1 answered 2 lock 1"));
}

TEST_F(ShardMachineLocksTest, ALockEndsWithASessionThatExpires) {
  const SessionNumber b = Create("b", 0, kLease / 2);
  EXPECT_THAT(
      Turn({LockInput{kOne, 1, 0, b, kLease, 0, 0}, LockInput{kTwo, 1, 0, b, kLease, kWait, 0}}),
      ElementsAre("1/1 answered 1 lock 1"));
  EXPECT_THAT(After(kLease / 2), ElementsAre("2/1 answered 1 GONE", "EXPIRED told to 1/1#2"));
}

TEST_F(ShardMachineLocksTest, TakingALockIsAUse) {
  const SessionNumber b = Create("b", kIdleUs);
  now_us_ += kIdleUs / 2;
  Turn({LockInput{kOne, 1, 0, b, kLease, 0, 0}});
  EXPECT_GE(Deadline(b), now_us_ + kIdleUs);
  now_us_ += kLease / 2;
  Turn({LockInput{kOne, 2, 0, b, kLease, 0, 1}});
  EXPECT_GE(Deadline(b), now_us_ + kIdleUs) << "and so is prolonging it";
}

TEST_F(ShardMachineLocksTest, WhatIsNoSessionOfTheAppHasNoLock) {
  Turn({Attach(4, 1, 2)});
  EXPECT_THAT(
      Turn({Lock({4, 1}, 1), LockInput{kOne, 1, 99, 0, kLease, 0, 0},
            LockInput{kOne, 2, 0, a_ + 256, kLease, 0, 0}}),
      ElementsAre("4/1 answered 1 GONE", "1/1 answered 1 UNKNOWN_HANDLE", "1/1 answered 2 GONE"));
  Turn({Lock(kOne, 3)});
  EXPECT_THAT(Turn({Prolong({4, 1}, 2, 1), Unlock({4, 1}, 1)}), ElementsAre("4/1 answered 2 GONE"));
  EXPECT_THAT(Turn({Lock(kTwo, 1)}), ElementsAre("2/1 answered 1 LOCKED"));
}

TEST_F(ShardMachineLocksTest, TooManyWaitersAreToldSo) {
  Turn({Lock(kOne, 1)});
  const size_t waiters_max = LocksOptions().waiters_of_session_max;
  std::vector<Input> inputs;
  for (uint32_t n = 1; n <= waiters_max; ++n) inputs.push_back(Lock(kTwo, n, kWait));
  EXPECT_THAT(Turn(inputs), IsEmpty());
  EXPECT_THAT(Turn({Lock(kThree, 1, kWait)}), ElementsAre("3/1 answered 1 LIMIT_EXCEEDED"));
  ASSERT_EQ(effects_.size(), 1u);
  EXPECT_THAT(std::get<AnswerEffect>(effects_[0]).refusal.message,
              HasSubstr("waiters_of_session_max = 64"));
}

// ---- a restart ----

TEST_F(ShardMachineLocksTest, AfterARestartTheLockIsHeldUntilItsLeaseEnds) {
  Turn({Lock(kOne, 7), Lock(kTwo, 1, kWait)});
  TickAt(now_us_ + 10 * kSecondUs);
  // Nobody could prolong it in the outage, which ends no lease.
  StartHub(kHourUs);
  OpenAll();
  EXPECT_THAT(Turn({Lock(kTwo, 1, kWait)}), IsEmpty());
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Under(1))}),
              ElementsAre("1/1 applied 1 (1,2]", "forward (1,2] to 2/1#1 3/1#1"));
  EXPECT_THAT(After(20 * kSecondUs - 1), IsEmpty());
  EXPECT_THAT(After(1), ElementsAre("2/1 answered 1 lock 2"));
}

TEST_F(ShardMachineLocksTest, AfterARestartARequestThatIsSentAgainGetsTheSameLock) {
  Turn({Lock(kOne, 7)});
  StartHub(kHourUs);
  EXPECT_THAT(Turn({Lock(kOne, 7)}), ElementsAre("1/1 answered 7 lock 1"));
}

TEST_F(ShardMachineLocksTest, AfterARestartTokensGoOnGrowing) {
  Turn({Lock(kOne, 1), Unlock(kOne, 1)});
  StartHub();
  OpenAll();
  EXPECT_THAT(Turn({Lock(kOne, 2)}), ElementsAre("1/1 answered 2 lock 2"));
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, Under(1))}), ElementsAre("1/1 refused 1 LOCK_LOST"));
}

}  // namespace
}  // namespace sessionhub::hub
