// Each checker is fed a history that keeps its promise, and one for each way to break it.
#include "tests/support/guarantees.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace sessionhub::testing {
namespace {

using std::chrono_literals::operator""us;
using ::testing::HasSubstr;
using Outcome = Write::Outcome;

auto Breaks(const std::string& promise) {
  return StatusIs(absl::StatusCode::kDataLoss, HasSubstr(promise + " is broken"));
}

TEST(FreshTest, AnOpenShowsTheVersionAskedForOrANewerOne) {
  EXPECT_OK(Fresh(5, 5, "web-1"));
  EXPECT_OK(Fresh(5, 6, "web-1"));
  EXPECT_THAT(Fresh(5, 4, "web-1"), Breaks("Fresh"));
}

TEST(FreshTest, ANodeAnswersFromItsCopiesOnlyAsLongAsItHasHeardTheHub) {
  EXPECT_OK(Fresh(10us, 10us, "web-1"));
  EXPECT_THAT(Fresh(11us, 10us, "web-1"), Breaks("Fresh"));
}

TEST(ExpiresTest, ASessionEndsAfterItsTimeoutAndNeitherSoonerNorMuchLater) {
  EXPECT_OK(Expires({7, false, 0us, 100us, 5us}));
  EXPECT_OK(Expires({7, true, 100us, 100us, 5us}));
  EXPECT_THAT(Expires({7, true, 99us, 100us, 5us}), Breaks("Expires"));
  EXPECT_OK(Expires({7, false, 115us, 100us, 5us}));
  EXPECT_THAT(Expires({7, false, 116us, 100us, 5us}), Breaks("Expires"));
}

TEST(BoundedTest, NamesWhatIsOverItsBound) {
  EXPECT_OK(Bounded({}));
  EXPECT_OK(Bounded({{"frame", 10, 10}, {"outbox", 0, 0}}));
  EXPECT_THAT(Bounded({{"frame", 10, 10}, {"outbox", 1, 0}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("Bounded is broken: outbox: 1")));
}

TEST(ResumableTest, ANodeGoesOnFromWhatItHeld) {
  Resumable node;
  node.Cut({{7, 5}, {8, 2}}, {3, 4});
  EXPECT_OK(node.Told(7, 5));
  EXPECT_OK(node.CaughtUp(7, 5, 9));
  EXPECT_OK(node.Told(8, 2));
  EXPECT_OK(node.CaughtUp(8, 0, 2)) << "as a whole";
  EXPECT_OK(node.Told(9, 1)) << "not held at the cut";
  EXPECT_OK(node.Answered(3, Outcome::kApplied));
  EXPECT_OK(node.Answered(4, Outcome::kRefused));
  EXPECT_OK(node.Settled());
}

TEST(ResumableTest, AVersionThatWasNotHeldMayNotBeTold) {
  Resumable node;
  node.Cut({{7, 5}}, {});
  EXPECT_THAT(node.Told(7, 4), Breaks("Resumable"));
  EXPECT_THAT(node.Told(7, 6), Breaks("Resumable"));
}

TEST(ResumableTest, WhatTheApplicationHasLetGoOfMayBeFetchedAnew) {
  Resumable node;
  node.Cut({{7, 5}, {8, 5}}, {});
  node.Dropped(7);
  EXPECT_OK(node.Told(7, 0));
  EXPECT_THAT(node.Told(8, 0), Breaks("Resumable"));
}

TEST(ResumableTest, ACatchUpStartsWhereTheNodeIsAndNeverEndsBefore) {
  Resumable node;
  node.Cut({{7, 5}, {8, 5}, {9, 5}}, {});
  for (const SessionNumber session : {7, 8, 9}) EXPECT_OK(node.Told(session, 5));
  EXPECT_THAT(node.CaughtUp(7, 6, 9), Breaks("Resumable")) << "something is lost";
  EXPECT_THAT(node.CaughtUp(8, 4, 9), Breaks("Resumable")) << "something comes twice";
  EXPECT_THAT(node.CaughtUp(9, 0, 4), Breaks("Resumable")) << "it goes back";
}

TEST(ResumableTest, WhatWasPendingIsAnsweredOnceAndNeverForgotten) {
  Resumable node;
  node.Cut({}, {1, 2});
  EXPECT_OK(node.Answered(1, Outcome::kApplied));
  EXPECT_THAT(node.Answered(1, Outcome::kApplied), Breaks("Resumable"));
  EXPECT_THAT(node.Settled(), Breaks("Resumable"));
}

TEST(ResumableTest, AnotherHistoryKnowsNothingOfWhatWasHeld) {
  Resumable node;
  node.Cut({{7, 5}}, {3});
  node.HistoryEnded();
  EXPECT_OK(node.Told(7, 2)) << "another session of that number";
  EXPECT_OK(node.CaughtUp(7, 2, 2));
  EXPECT_OK(node.Answered(3, Outcome::kUnknown));
  EXPECT_OK(node.Settled());
}

TEST(ResumableTest, UnknownIsForTheIncarnationsThatHaveEnded) {
  Resumable node;
  node.Cut({}, {1});
  EXPECT_THAT(node.Answered(1, Outcome::kUnknown), Breaks("Resumable"));
  node.Cut({}, {2});
  node.IncarnationEnded();
  EXPECT_OK(node.Answered(2, Outcome::kUnknown));
  node.Cut({}, {3});
  EXPECT_THAT(node.Answered(3, Outcome::kUnknown), Breaks("Resumable"));
}

// ---- those that look at what is stored ----

Write Told(uint64_t index, Outcome outcome, Version version = 0) {
  Write write;
  write.writer = "w";
  write.index = index;
  write.session = 7;
  write.outcome = outcome;
  write.version = version;
  return write;
}

// Session 7 as it is after these writes.
StoredSessions After(const std::vector<Write>& writes) {
  StoredSessions stored;
  StoredSession& session = stored[7];
  session.state.version = 1 + writes.size();
  for (const Write& write : writes) {
    Delta delta;
    delta.operations = MarksOf(write);
    EXPECT_OK(Apply(delta, &session.state.fields));
  }
  return stored;
}

TEST(StoredGuaranteesTest, AreKeptByWhatIsAsItWasTold) {
  const Write one = Told(1, Outcome::kApplied, 2);
  const Write two = Told(2, Outcome::kApplied, 3);
  const Ledger ledger = {one, two, Told(3, Outcome::kRefused), Told(4, Outcome::kUnknown)};
  EXPECT_OK(Durable(ledger, After({one, two})));
  EXPECT_OK(Once(ledger, After({one, two})));
  EXPECT_OK(MergedNotLost(ledger, After({one, two})));
  EXPECT_OK(Ordered(ledger));
  EXPECT_OK(NoResurrection(ledger, After({one, two})));
}

TEST(StoredGuaranteesTest, AreBrokenByWhatIsLostDoubledUndoneOrTurnedRound) {
  const Write one = Told(1, Outcome::kApplied, 2);
  const Write two = Told(2, Outcome::kApplied, 3);
  EXPECT_THAT(Durable({one, two}, After({one})), Breaks("Durable"));
  EXPECT_THAT(Durable({one}, {}), Breaks("Durable"));
  EXPECT_OK(Durable({one}, {}, {one.session}));
  EXPECT_THAT(Durable({one}, {}, {one.session + 1}), Breaks("Durable"));
  EXPECT_THAT(Once({one}, After({one, one})), Breaks("Once"));
  EXPECT_THAT(Once({Told(1, Outcome::kRefused)}, After({one})), Breaks("Once"));
  EXPECT_THAT(MergedNotLost({one, two}, After({two, one})), Breaks("MergedNotLost"));
  EXPECT_THAT(Ordered({Told(1, Outcome::kApplied, 3), Told(2, Outcome::kApplied, 2)}),
              Breaks("Ordered"));
}

TEST(StoredGuaranteesTest, WhatARestoreHasLostIsNowhere) {
  Write lost = Told(1, Outcome::kApplied, 2);
  lost.restored = Write::Restored::kLost;
  EXPECT_OK(Durable({lost}, After({})));
  EXPECT_OK(Once({lost}, After({})));
  EXPECT_OK(MergedNotLost({lost}, After({})));
  EXPECT_OK(NoResurrection({lost}, After({})));
  EXPECT_THAT(Once({lost}, After({lost})), Breaks("Once"));
  EXPECT_THAT(NoResurrection({lost}, After({lost})), Breaks("NoResurrection"));
  StoredSessions elsewhere;
  elsewhere[8] = After({lost}).at(7);
  EXPECT_THAT(NoResurrection({lost}, elsewhere), Breaks("NoResurrection"));
  Write kept = Told(2, Outcome::kApplied, 3);
  kept.restored = Write::Restored::kKept;
  EXPECT_THAT(Durable({kept}, After({})), Breaks("Durable"));
  Write deletes = lost;
  deletes.deletes = true;
  EXPECT_OK(NoResurrection({deletes}, After({}))) << "its end is lost, too";
}

TEST(StoredGuaranteesTest, NoResurrectionFindsADeadSessionAlive) {
  Write end = Told(2, Outcome::kApplied, 3);
  end.deletes = true;
  EXPECT_THAT(NoResurrection({end}, After({Told(1, Outcome::kApplied, 2)})),
              Breaks("NoResurrection"));
}

TEST(WitnessesTest, ADeltaThatOthersHaveSeenCannotHaveBeenRefused) {
  const Write refused = Told(1, Outcome::kRefused);
  const FieldMap fields = After({refused}).at(7).state.fields;
  Witnesses own;
  own.See(fields, "w");
  EXPECT_OK(own.Once({refused})) << "it may have been pending there";
  Witnesses other;
  other.See(fields, "w2");
  EXPECT_OK(other.Once({Told(1, Outcome::kUnknown)}));
  EXPECT_THAT(other.Once({refused}), Breaks("Once"));
}

TEST(WitnessesTest, ATextThatNoNodeHadIsAMixture) {
  Witnesses witnesses;
  witnesses.Had("theirs");
  EXPECT_OK(witnesses.MergedNotLost({}, "w"));
  EXPECT_OK(witnesses.MergedNotLost({{Witnesses::Page(), "theirs"}}, "w"));
  EXPECT_THAT(witnesses.MergedNotLost({{Witnesses::Page(), "theours"}}, "w"),
              Breaks("MergedNotLost"));
}

TEST(ConvergedTest, FindsTwoCopiesThatDifferAtOneVersion) {
  Converged converged;
  const FieldMap fields = {{*Path::FromText("a"), Value(1)}};
  EXPECT_OK(converged.Check(7, {2, fields}, "web-1"));
  EXPECT_OK(converged.Check(7, {2, fields}, "web-2"));
  EXPECT_OK(converged.Check(7, {3, {}}, "web-2"));
  EXPECT_THAT(converged.Check(7, {2, {}}, "web-3"), Breaks("Converged"));
}

class LaneTest : public ::testing::Test {
 protected:
  // Session 7 is open as handle 3, at version 5.
  void SetUp() override {
    v1::Item opened;
    opened.set_handle(3);
    opened.mutable_opened()->set_number(7);
    lane_.Attached(/*lease_held=*/false);
    lane_.Receive(opened);
    v1::Item catch_up;
    catch_up.set_handle(3);
    catch_up.set_span(5);
    catch_up.mutable_catch_up();
    lane_.Receive(catch_up);
  }
  static v1::Item Forward(uint32_t handle, Version from) {
    v1::Item item;
    item.set_handle(handle);
    item.set_from(from);
    item.mutable_changes();
    return item;
  }

  Lane lane_;
};

TEST_F(LaneTest, ForwardsFollowTheCatchUpAndEachOther) {
  EXPECT_OK(lane_.NoGap(Forward(3, 5)));
  lane_.Receive(Forward(3, 5));
  EXPECT_OK(lane_.NoGap(Forward(3, 6)));
  EXPECT_THAT(lane_.NoGap(Forward(3, 5)), Breaks("NoGap")) << "the same once more";
  EXPECT_THAT(lane_.NoGap(Forward(3, 7)), Breaks("NoGap")) << "one is missing";
}

TEST_F(LaneTest, NoForwardComesBeforeTheCatchUpOfItsStream) {
  lane_.Attached(/*lease_held=*/true);
  EXPECT_THAT(lane_.NoGap(Forward(3, 5)), Breaks("NoGap"));
  EXPECT_OK(lane_.OnlyInterested(Forward(3, 5)));
}

TEST_F(LaneTest, NoForwardComesWithoutInterestOrToItsCommitter) {
  EXPECT_OK(lane_.OnlyInterested(Forward(3, 5)));
  EXPECT_THAT(lane_.OnlyInterested(Forward(4, 5)), Breaks("OnlyInterested"));
  lane_.Sent(1, 7);
  v1::Item ack;
  ack.set_seq(1);
  ack.set_from(5);
  lane_.Receive(ack);
  EXPECT_THAT(lane_.OnlyInterested(Forward(3, 5)), Breaks("OnlyInterested")) << "an echo";
  lane_.Attached(/*lease_held=*/false);
  EXPECT_THAT(lane_.OnlyInterested(Forward(3, 6)), Breaks("OnlyInterested")) << "of an old lease";
}

}  // namespace
}  // namespace sessionhub::testing
