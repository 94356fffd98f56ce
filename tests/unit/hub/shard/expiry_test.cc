#include "hub/shard/expiry.h"

#include "tests/unit/hub/shard/life_bench.h"

namespace sessionhub::hub {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Delta WithIdle(uint64_t idle_ms) {
  Delta delta;
  delta.settings.idle_timeout_ms = idle_ms;
  return delta;
}

class ExpiryTest : public LifeBench {
 protected:
  // A hub that has served for longer than a lease.
  ExpiryTest() {
    StartHub();
    Run(now_us_ + 2 * kLeaseUs);
  }
  Input Touch(uint64_t ago_us) { return TouchInput{kOne, 1, ago_us}; }
};

TEST_F(ExpiryTest, AnIdleSessionEndsWithinATenthBeyondItsTimeoutAndNotBefore) {
  const uint64_t used_us = now_us_;
  const SessionNumber session = Create("a", kIdleUs);
  const uint64_t deadline = Deadline(session);
  EXPECT_GE(deadline, used_us + kIdleUs);
  EXPECT_LT(deadline, used_us + kIdleUs + kIdleUs / 10);
  EXPECT_THAT(TickAt(used_us + kIdleUs - 1), IsEmpty());
  EXPECT_THAT(TickAt(deadline - 1), IsEmpty());
  EXPECT_TRUE(Alive(session));
  EXPECT_THAT(TickAt(deadline), ElementsAre("EXPIRED told to 1/1#1"));
  EXPECT_FALSE(Alive(session));
  EXPECT_EQ(machine_.counters().sessions_expired, 1u);
  EXPECT_EQ(machine_.counters().sessions_ended, 1u);
}

TEST_F(ExpiryTest, WhatIsExpiredIsGoneAndItsNameIsFree) {
  const SessionNumber session = Create("a", kIdleUs);
  TickAt(Deadline(session));
  EXPECT_THAT(Turn({CommitByNumber(kOne, 1, session, Put("x", 1))}),
              ElementsAre("1/1 refused 1 GONE"));
  EXPECT_THAT(Turn({Open(kOne, "a", v1::CREATE_NEVER)}), ElementsAre("1/1 opened 1 NOT_FOUND"));
  EXPECT_NE(Create("a", kIdleUs), session);
}

TEST_F(ExpiryTest, AnAbsoluteTimeoutIsExactHoweverOftenTheSessionIsUsed) {
  const uint64_t created_us = now_us_;
  const SessionNumber session = Create("a", 0, kIdleUs);
  TickAt(created_us + kIdleUs / 2);
  Turn({Commit(kOne, 1, 1, Put("x", 1)), Touch(0)});
  TickAt(created_us + kIdleUs - 1);
  EXPECT_TRUE(Alive(session));
  EXPECT_THAT(TickAt(created_us + kIdleUs), ElementsAre("EXPIRED told to 1/1#1"));
}

TEST_F(ExpiryTest, CommitsAndTouchesAndOpensByIdAreUses) {
  const SessionNumber session = Create("a", kIdleUs);
  TickAt(now_us_ + kMinuteUs);
  Turn({Commit(kOne, 1, 1, Put("x", 1))});
  EXPECT_GE(Deadline(session), now_us_ + kIdleUs);
  TickAt(now_us_ + kMinuteUs);
  Turn({Touch(0)});
  EXPECT_GE(Deadline(session), now_us_ + kIdleUs);
  TickAt(now_us_ + kMinuteUs);
  Turn({Open(kOne, "a", v1::CREATE_NEVER)});
  EXPECT_GE(Deadline(session), now_us_ + kIdleUs);
  // A node that comes back with its copy has not used it.
  const uint64_t deadline = Deadline(session);
  TickAt(now_us_ + kMinuteUs);
  Turn({Open(kOne, "a", v1::CREATE_NEVER, session, 1)});
  EXPECT_EQ(Deadline(session), deadline);
}

TEST_F(ExpiryTest, ATouchCountsFromTheUseAndAnOldOneChangesNothing) {
  const SessionNumber session = Create("a", kIdleUs);
  const uint64_t jitter_us = Deadline(session) - now_us_ - kIdleUs;
  TickAt(now_us_ + 5 * kMinuteUs);
  Turn({Touch(2 * kMinuteUs)});
  EXPECT_EQ(Deadline(session), now_us_ - 2 * kMinuteUs + kIdleUs + jitter_us);
  const uint64_t deadline = Deadline(session);
  Turn({Touch(4 * kMinuteUs), Touch(~uint64_t{0})});
  EXPECT_EQ(Deadline(session), deadline);
}

TEST_F(ExpiryTest, ATouchBeforeTheTickOfItsTurnIsInTime) {
  const SessionNumber session = Create("a", kIdleUs);
  now_us_ = Deadline(session);
  EXPECT_THAT(Turn({Touch(kSecondUs), TickInput{}}), IsEmpty());
  EXPECT_TRUE(Alive(session));
  EXPECT_GE(Deadline(session), now_us_ - kSecondUs + kIdleUs);
  EXPECT_EQ(MetaOf(session)->expiry_entry(), Deadline(session));
}

TEST_F(ExpiryTest, ATouchByNumberIsAUseOfItsAppOnly) {
  const SessionNumber session = Create("a", kIdleUs);
  TickAt(now_us_ + kMinuteUs);
  Turn({TouchInput{kOne, 0, 0, session}});
  EXPECT_GE(Deadline(session), now_us_ + kIdleUs);
  AttachInput stranger{{2, 1}, Incarnation{2}, 2, "web-2"};
  Turn({stranger});
  const uint64_t deadline = Deadline(session);
  TickAt(now_us_ + kMinuteUs);
  Turn({TouchInput{{2, 1}, 0, 0, session}});
  EXPECT_EQ(Deadline(session), deadline);
}

TEST_F(ExpiryTest, NoSessionEndsWhileANodeWithItsInterestIsNotRead) {
  const SessionNumber session = Create("a", kIdleUs);
  const SessionNumber another = Create("b", kIdleUs);
  Turn({CloseInput{kOne, 2}});
  for (int minute = 0; minute < 20; ++minute) {
    Turn({UnreadInput{kOne}});
    TickAt(now_us_ + kLeaseUs);
    Turn({UnreadInput{kOne}});
    TickAt(now_us_ + kLeaseUs);
  }
  EXPECT_TRUE(Alive(session));
  EXPECT_FALSE(Alive(another));  // nobody has its interest
  // Once it is read again its uses are told, and what is not used ends.
  EXPECT_LE(Deadline(session), now_us_ + kIdleUs + kIdleUs / 10);
  TickAt(now_us_ + kLeaseUs + 1);
  TickAt(std::max(now_us_, Deadline(session)));
  EXPECT_FALSE(Alive(session));
}

TEST_F(ExpiryTest, ADeleteAtTheVeryTimeOfTheEntryIsStillSwept) {
  const SessionNumber session = Create("a", kIdleUs);
  now_us_ = MetaOf(session)->expiry_entry();
  Turn({Commit(kOne, 1, 1, EndOfSession()), TickInput{}});
  ASSERT_EQ(record_.due.size(), 1u);
  EXPECT_EQ(record_.due[0].record->what(), stored::Due::SWEEP);
}

TEST_F(ExpiryTest, TouchesAndMovedEntriesAreNotWorthASync) {
  const SessionNumber session = Create("a", kIdleUs);
  const uint64_t entry = MetaOf(session)->expiry_entry();
  now_us_ += kMinuteUs;
  Turn({Touch(0)});
  EXPECT_FALSE(must_sync_);
  EXPECT_EQ(record_.metas.size(), 1u);
  EXPECT_THAT(record_.due, IsEmpty()) << "a use leaves the entry alone";
  TickAt(entry);
  EXPECT_FALSE(must_sync_);
  EXPECT_EQ(MetaOf(session)->expiry_entry(), Deadline(session));
  EXPECT_EQ(Deadline(session), entry + kMinuteUs);
  TickAt(Deadline(session));
  EXPECT_TRUE(must_sync_);
  EXPECT_FALSE(Alive(session));
}

TEST_F(ExpiryTest, ASessionWithoutIdleTimeoutWritesNothingForATouch) {
  Create("a", 0);
  Turn({Touch(0)});
  EXPECT_THAT(record_.metas, IsEmpty());
}

TEST_F(ExpiryTest, SettingsAloneAreAChangeWithAVersionOfItsOwn) {
  const SessionNumber session = Create("a", 0);
  Turn({Attach(2)});
  Turn({Open({2, 1}, "a")});
  EXPECT_THAT(Turn({Commit(kOne, 1, 1, WithIdle(60'000))}),
              ElementsAre("1/1 applied 1 (1,2]", "forward (1,2] to 2/1#1"));
  EXPECT_EQ(std::get<ForwardEffect>(effects_[1]).idle_timeout_ms, 60'000u);
  EXPECT_GE(Deadline(session), now_us_ + kMinuteUs);
}

TEST_F(ExpiryTest, AnEarlierDeadlineMovesTheEntryAtOnceAndNoneEndsIt) {
  const SessionNumber session = Create("a", kIdleUs);
  Turn({Commit(kOne, 1, 1, WithIdle(kMinuteUs / 1000))});
  EXPECT_EQ(MetaOf(session)->expiry_entry(), Deadline(session));
  EXPECT_LT(Deadline(session), now_us_ + 2 * kMinuteUs);
  Turn({Commit(kOne, 2, 1, WithIdle(0))});
  EXPECT_EQ(Deadline(session), 0u);
  Run(now_us_ + 2 * kIdleUs, kMinuteUs);
  EXPECT_TRUE(Alive(session));
  EXPECT_EQ(MetaOf(session)->expiry_entry(), 0u);
}

TEST_F(ExpiryTest, TheOwnerIsPartOfTheIdentity) {
  const SessionNumber session = Create("a", 0);
  Delta delta;
  delta.settings.owner = "user-7";
  Turn({Commit(kOne, 1, 1, delta)});
  ReadSet reads;
  reads.identities.push_back(session);
  Loaded loaded;
  ASSERT_OK(store_->Load(reads, &loaded));
  EXPECT_EQ(loaded.identities[session]->owner(), "user-7");
  EXPECT_EQ(loaded.identities[session]->id(), "a");
}

TEST_F(ExpiryTest, ADeletedSessionLeavesNoEntry) {
  const SessionNumber session = Create("a", kIdleUs);
  Turn({Commit(kOne, 1, 1, EndOfSession())});
  EXPECT_EQ(MetaOf(session)->expiry_entry(), 0u);
  EXPECT_EQ(record_.due.size(), 2u);  // the expiry's entry goes, the sweep's comes
}

// ---- several lives of the hub ----

TEST_F(ExpiryTest, AnOutageIsAddedToEveryIdleDeadlineAndToNoAbsoluteOne) {
  const SessionNumber idle = Create("a", kIdleUs);
  const SessionNumber absolute = Create("b", 0, kIdleUs);
  const uint64_t deadline = Deadline(idle);
  Run(now_us_ + 5 * kMinuteUs);
  StartHub(kHourUs);
  EXPECT_EQ(Deadline(idle), deadline + kHourUs + kLeaseUs);
  TickAt(now_us_ + kSecondUs);
  EXPECT_FALSE(Alive(absolute));
  EXPECT_TRUE(Alive(idle));
  TickAt(Deadline(idle) - 1);
  EXPECT_TRUE(Alive(idle));
  TickAt(Deadline(idle));
  EXPECT_FALSE(Alive(idle));
}

TEST_F(ExpiryTest, NothingIdleEndsWithinALeaseOfAStart) {
  const SessionNumber before = Create("a", kIdleUs);
  TickAt(Deadline(before) - 1);
  StartHub();
  const uint64_t start_us = now_us_;
  const SessionNumber after = Create("b", kSecondUs);
  Run(start_us + kLeaseUs - 1);
  EXPECT_TRUE(Alive(before));
  EXPECT_TRUE(Alive(after));
  Run(start_us + kLeaseUs + 2 * kSecondUs);
  EXPECT_FALSE(Alive(before));
  EXPECT_FALSE(Alive(after));
}

TEST_F(ExpiryTest, AUseBeforeTheOutageThatIsToldAfterItCountsFromThen) {
  const SessionNumber session = Create("a", kIdleUs);
  Run(now_us_ + 5 * kMinuteUs);
  const uint64_t used_us = now_us_;
  const uint64_t used_served_us = served_.At(used_us);
  StartHub(kHourUs);
  Turn({Open(kOne, "a", v1::CREATE_NEVER, session, 1)});
  Turn({Touch(now_us_ - used_us)});
  EXPECT_EQ(MetaOf(session)->last_served(), used_served_us);
}

TEST_F(ExpiryTest, AnIdleHubStoresItsTimeEachSecondWithoutASync) {
  StartHub();
  Turn({TickInput{}});
  const uint64_t syncs = store_->syncs();
  now_us_ += kSecondUs;
  Turn({TickInput{}});
  EXPECT_FALSE(must_sync_);
  EXPECT_EQ(record_.hub_time, now_us_);
  EXPECT_EQ(store_->LastHubTime().value(), now_us_);
  EXPECT_EQ(store_->LastServedTime().value(), served_.At(now_us_));
  EXPECT_EQ(store_->syncs(), syncs);
}

TEST_F(ExpiryTest, WhatAPowerCutTakesBackIsAtMostUsesAndNeverAnExpiry) {
  const SessionNumber session = Create("a", kIdleUs);
  TickAt(Deadline(session));
  store_->Crash(0);
  StartHub(kMinuteUs);
  EXPECT_FALSE(Alive(session));
  EXPECT_EQ(NumberOf("a"), 0u);
}

TEST(ServedTimeTest, StandsStillInOutages) {
  const ServedTime first(0, 0, 1'000, 10);
  EXPECT_EQ(first.At(1'000), 1u) << "0 stands for never";
  EXPECT_EQ(first.At(1'500), 501u);
  const ServedTime second(1'500, first.At(1'500), 1'800, 10);
  EXPECT_EQ(second.At(1'800), 501u);
  EXPECT_EQ(second.At(1'900), 601u);
  EXPECT_EQ(second.HubTimeAt(601), 1'900u);
  EXPECT_EQ(second.HubTimeAt(491), 1'790u) << "over before the start";
  EXPECT_EQ(second.At(1'400), 401u) << "before the outage";
  EXPECT_EQ(second.At(1'700), 501u) << "in it";
  EXPECT_EQ(second.At(0), 0u) << "before anything was served";
}

// The wall clock was set back: hub time starts at what is stored, and nothing was missed.
TEST(ServedTimeTest, AWallClockThatWentBackIsNoOutage) {
  EXPECT_EQ(ServedTime(2'000, 70, 2'000, 10).At(1'990), 60u);
  EXPECT_EQ(ServedTime(2'000, 70, 1'000, 10).At(990), 60u);
}

TEST(ServedTimeTest, IsStoredWithTheHubTimeOfTheSameMoment) {
  TurnRecord record;
  ServedTime(1'500, 501, 1'800, 10).Store(1'900, &record);
  EXPECT_EQ(record.hub_time, 1'900u);
  EXPECT_EQ(record.served_time, 601u);
}

}  // namespace
}  // namespace sessionhub::hub
