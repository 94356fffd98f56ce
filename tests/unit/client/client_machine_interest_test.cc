// What the client's machine asks to hear of, when it serves its copies, and what it tells of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/src/client_machine.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/client/machine_driver.h"

namespace sessionhub::client {
namespace {

using absl::StatusCode;
using Driver = MachineDriver;
using std::chrono::milliseconds;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

class ClientMachineInterestTest : public ::testing::Test {
 protected:
  // A copy of session 7 with handle 3 at version 10, n = 100, on an attached stream.
  v1::Open OpenOne(Interest interest,
                   uint64_t features = v1::FEATURE_INVALIDATE | v1::FEATURE_DELIVERED) {
    Driver::Attach how;
    how.features = features;
    driver_.AttachAs(how);
    const Token token = Open(interest);
    const v1::NodeFrame frame = driver_.Frame();
    driver_.Give({Driver::Opened(frame.opens(0).request(), 7, 3),
                  Driver::CatchUp(3, 0, 10, 0, {{"n", 100}})});
    ref_ = *driver_.opens.at(token).copy;
    return frame.opens(0);
  }
  Token Open(Interest interest, Version at_least = 0) {
    const Token token = machine_.Open("a", Create::kNever, at_least, driver_.now, interest);
    driver_.Collect();
    return token;
  }
  bool Opened(Token token) {
    return driver_.opens.count(token) > 0 && driver_.opens.at(token).copy.ok();
  }
  static v1::Item Invalidated(Version from, uint64_t span = 1, bool receipt = false) {
    v1::Item item;
    item.set_handle(3);
    item.set_from(from);
    item.set_span(span);
    item.set_invalidated(true);
    item.set_receipt(receipt);
    return item;
  }
  void Reattach(bool lease_held) {
    driver_.Down();
    Driver::Attach again;
    again.lease_held = lease_held;
    again.features = v1::FEATURE_INVALIDATE;
    driver_.AttachAs(again);
  }

  Driver driver_;
  ClientMachine& machine_ = driver_.machine;
  CopyRef ref_;
};

// ---- invalidate ----

TEST_F(ClientMachineInterestTest, AnInvalidatedCopyIsNotReadUntilItIsOpenedAgain) {
  EXPECT_EQ(OpenOne(Interest::kInvalidate).mode(), v1::INTEREST_INVALIDATE);
  EXPECT_EQ(driver_.N(ref_), 100);
  driver_.Give({Invalidated(10, 5)});
  EXPECT_EQ(driver_.Frame().resumes_size(), 0) << "nobody needs it";
  EXPECT_THAT(machine_.Read(ref_, driver_.now),
              StatusIs(StatusCode::kUnavailable, HasSubstr("changed elsewhere")));
  EXPECT_OK(machine_.Read(ref_, driver_.now, /*allow_stale=*/true));

  const Token token = Open(Interest::kInvalidate);
  EXPECT_FALSE(Opened(token));
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).version(), 10u);
  EXPECT_EQ(frame.opens(0).mode(), v1::INTEREST_INVALIDATE);
  driver_.Give({Driver::Opened(frame.opens(0).request(), 7, 3),
                Driver::CatchUp(3, 10, 15, 0, {{"n", 105}})});
  EXPECT_TRUE(Opened(token));
  EXPECT_EQ(driver_.N(ref_), 105);
}

TEST_F(ClientMachineInterestTest, AnInvalidationOfWhatIsHeldAlreadySaysNothing) {
  OpenOne(Interest::kInvalidate);
  driver_.Give({Invalidated(8, 2)});
  EXPECT_EQ(driver_.N(ref_), 100);
}

TEST_F(ClientMachineInterestTest, AnInvalidationIsReceiptedWithVersionZero) {
  OpenOne(Interest::kInvalidate);
  driver_.Give({Invalidated(10, 1, /*receipt=*/true)});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.receipts_size(), 1);
  EXPECT_EQ(frame.receipts(0).handle(), 3u);
  EXPECT_EQ(frame.receipts(0).version(), 0u);
}

TEST_F(ClientMachineInterestTest, AReceiptGoesBeforeTheOpenThatFollowsIt) {
  OpenOne(Interest::kInvalidate);
  driver_.Give({Invalidated(10, 1, /*receipt=*/true)});
  Open(Interest::kInvalidate);
  v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.receipts_size(), 1);
  EXPECT_EQ(frame.opens_size(), 0);
  EXPECT_EQ(driver_.Frame().opens_size(), 1);
}

// Whoever deletes the session waits for those who have it open.
TEST_F(ClientMachineInterestTest, AnInvalidatedCopyIsResumedAfterACut) {
  OpenOne(Interest::kInvalidate);
  driver_.Give({Invalidated(10)});
  Reattach(/*lease_held=*/true);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.resumes_size(), 1);
  EXPECT_EQ(frame.resumes(0).handle(), 3u);
  EXPECT_EQ(frame.resumes(0).version(), 10u);
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kUnavailable, _));
}

TEST_F(ClientMachineInterestTest, AnInvalidatedCopyAsksForNothingOnceItsLeaseHasEnded) {
  OpenOne(Interest::kInvalidate);
  driver_.Give({Invalidated(10)});
  Reattach(/*lease_held=*/false);
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.resumes_size() + frame.opens_size(), 0);
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kUnavailable, _));
}

TEST_F(ClientMachineInterestTest, AnInvalidatedCopyThatIsWatchedIsOpenedOnceItsLeaseHasEnded) {
  OpenOne(Interest::kInvalidate);
  ASSERT_OK(machine_.Watch(ref_));
  driver_.Give({Invalidated(10)});
  Reattach(/*lease_held=*/false);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).number(), 7u);
  EXPECT_EQ(frame.opens(0).mode(), v1::INTEREST_INVALIDATE);
}

TEST_F(ClientMachineInterestTest, AnOwnCommitOverAnInvalidatedCopyBringsItUpToDate) {
  OpenOne(Interest::kInvalidate);
  driver_.Give({Invalidated(10)});
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Give({Driver::Ack(1, 11)});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.resumes_size(), 1);
  driver_.Give({Driver::CatchUp(3, 10, 12, 1, {{"n", 106}})});
  EXPECT_EQ(driver_.N(ref_), 106);
}

TEST_F(ClientMachineInterestTest, AHubThatDoesNotOfferItIsAskedForPush) {
  EXPECT_EQ(OpenOne(Interest::kInvalidate, 0).mode(), v1::INTEREST_PUSH);
  driver_.Give({Driver::Forward(3, 10, "n", 101)});
  EXPECT_EQ(driver_.N(ref_), 101);
}

TEST_F(ClientMachineInterestTest, MoreInterestIsAskedForLessIsThere) {
  OpenOne(Interest::kInvalidate);
  EXPECT_TRUE(Opened(Open(Interest::kInvalidate)));
  EXPECT_TRUE(Opened(Open(Interest::kNone)));
  const Token more = Open(Interest::kPush);
  EXPECT_FALSE(Opened(more));
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).mode(), v1::INTEREST_PUSH);
  driver_.Give({Driver::Opened(frame.opens(0).request(), 7, 3), Driver::CatchUp(3, 10, 10, 0, {})});
  EXPECT_TRUE(Opened(more));
  EXPECT_TRUE(Opened(Open(Interest::kInvalidate)));
}

TEST_F(ClientMachineInterestTest, AnInvalidatedCopyIsNotReadWhileItIsFetched) {
  OpenOne(Interest::kInvalidate);
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Give({Invalidated(10), Driver::Ack(1, 11)});
  EXPECT_EQ(driver_.Frame().resumes_size(), 1);
  EXPECT_THAT(machine_.Read(ref_, driver_.now),
              StatusIs(StatusCode::kUnavailable, HasSubstr("changed elsewhere")));
  const Token token = Open(Interest::kPush);
  driver_.Give({Driver::Opened(driver_.Frame().opens(0).request(), 7, 3)});
  EXPECT_FALSE(Opened(token));
  EXPECT_EQ(driver_.N(ref_), std::nullopt);
  driver_.Give({Driver::CatchUp(3, 10, 12, 1, {{"n", 102}})});
  EXPECT_TRUE(Opened(token));
  EXPECT_EQ(driver_.N(ref_), 102);
}

// ---- none ----

TEST_F(ClientMachineInterestTest, WithoutInterestTheHandleIsClosedOnceTheCopyIsThere) {
  OpenOne(Interest::kNone);
  EXPECT_THAT(driver_.Frame().closes(), ElementsAre(3u));
  EXPECT_EQ(driver_.N(ref_), 100);
  driver_.now += Driver::kStaleMax;
  driver_.Give(v1::HubFrame());  // the hub is heard, which says nothing of this session
  EXPECT_EQ(driver_.N(ref_), 100);
  driver_.now += milliseconds(1);
  driver_.Give(v1::HubFrame());
  EXPECT_THAT(machine_.Read(ref_, driver_.now),
              StatusIs(StatusCode::kUnavailable, HasSubstr("fetched")));
  EXPECT_OK(machine_.Read(ref_, driver_.now, /*allow_stale=*/true));
  Open(Interest::kNone);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).version(), 10u);
}

TEST_F(ClientMachineInterestTest, WithoutInterestCommitsGoByNumberAndAreSeen) {
  OpenOne(Interest::kNone);
  driver_.Frame();
  driver_.Increment(ref_);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.deltas_size(), 1);
  EXPECT_EQ(frame.deltas(0).number(), 7u);
  driver_.Give({Driver::Ack(1, 10)});
  EXPECT_EQ(driver_.N(ref_), 101);
  EXPECT_EQ(driver_.VersionOf(ref_), 11u);
}

TEST_F(ClientMachineInterestTest, WithoutInterestNothingIsAskedAfterACut) {
  OpenOne(Interest::kNone);
  driver_.Frame();
  Reattach(/*lease_held=*/true);
  EXPECT_EQ(driver_.Frame().opens_size(), 0);
  EXPECT_EQ(driver_.N(ref_), 100);
}

// The close was sent behind the second Open, and may have ended what that one was given.
TEST_F(ClientMachineInterestTest, AHandleClosedWhileItWasGivenOnceMoreIsAskedForAgain) {
  driver_.AttachAs({});
  machine_.Open("a", Create::kNever, 0, driver_.now, Interest::kNone);
  const uint32_t first = driver_.Frame().opens(0).request();
  const Token token = machine_.Open("a", Create::kNever, 5, driver_.now, Interest::kPush);
  const uint32_t second = driver_.Frame().opens(0).request();
  driver_.Give({Driver::Opened(first, 7, 3), Driver::CatchUp(3, 0, 10, 0, {{"n", 100}})});
  EXPECT_THAT(driver_.Frame().closes(), ElementsAre(3u));
  driver_.Give({Driver::Opened(second, 7, 3), Driver::CatchUp(3, 0, 10, 0, {{"n", 100}})});
  EXPECT_EQ(driver_.opens.count(token), 0u);
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.closes_size(), 0) << "by now the handle may be another session's";
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).number(), 7u);
  // The end of what began while the handle meant nothing.
  driver_.Give({Driver::Opened(frame.opens(0).request(), 7, 3), Driver::CatchUp(3, 0, 11, 0, {})});
  EXPECT_EQ(driver_.opens.count(token), 0u);
  EXPECT_EQ(driver_.Frame().resumes_size(), 1);
  v1::Item whole = Driver::CatchUp(3, 10, 10, 0, {});
  whole.mutable_catch_up()->set_first(true);
  driver_.Give({whole});
  ASSERT_EQ(driver_.opens.count(token), 1u);
  ref_ = *driver_.opens.at(token).copy;
  driver_.Give({Driver::Forward(3, 10, "n", 101)});
  EXPECT_EQ(driver_.N(ref_), 101);
}

TEST_F(ClientMachineInterestTest, AHandleGivenOnceMoreBeforeItsCloseIsSentIsNotClosed) {
  driver_.AttachAs({});
  machine_.Open("a", Create::kNever, 0, driver_.now, Interest::kNone);
  machine_.Open("a", Create::kNever, 5, driver_.now, Interest::kPush);
  const uint32_t first = driver_.Frame().opens(0).request();
  driver_.Give({Driver::Opened(first, 7, 3), Driver::CatchUp(3, 0, 10, 0, {{"n", 100}}),
                Driver::Opened(first + 1, 7, 3), Driver::CatchUp(3, 0, 10, 0, {{"n", 100}})});
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.closes_size() + frame.opens_size(), 0);
}

TEST_F(ClientMachineInterestTest, AnOpenForLessBehindOneForMoreTakesNothingAway) {
  driver_.AttachAs({.features = v1::FEATURE_INVALIDATE});
  const Token token = machine_.Open("a", Create::kNever, 0, driver_.now, Interest::kPush);
  const uint32_t first = driver_.Frame().opens(0).request();
  machine_.Open("a", Create::kNever, 5, driver_.now, Interest::kInvalidate);
  const v1::Open second = driver_.Frame().opens(0);
  EXPECT_EQ(second.mode(), v1::INTEREST_INVALIDATE);
  driver_.Give({Driver::Opened(first, 7, 3), Driver::CatchUp(3, 0, 10, 0, {{"n", 100}})});
  EXPECT_EQ(driver_.opens.count(token), 1u);
  driver_.Give({Driver::Opened(second.request(), 7, 3)});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).number(), 7u);
  EXPECT_EQ(frame.opens(0).mode(), v1::INTEREST_PUSH);
}

// ---- eviction, several at once ----

TEST_F(ClientMachineInterestTest, EvictClosesTheHandleAndKeepsWhatIsUsed) {
  OpenOne(Interest::kPush);
  EXPECT_OK(machine_.Evict("a"));
  EXPECT_THAT(driver_.Frame().closes(), ElementsAre(3u));
  EXPECT_EQ(driver_.N(ref_), 100) << "its handle still reads it";
  machine_.Unpin(ref_);
  EXPECT_OK(machine_.Evict("a"));
  EXPECT_EQ(machine_.stats().cached_sessions, 0u);
  EXPECT_THAT(machine_.Evict("a"), StatusIs(StatusCode::kNotFound, _));
  Open(Interest::kPush);
  EXPECT_THAT(machine_.Evict("a"), StatusIs(StatusCode::kNotFound, _));
}

TEST_F(ClientMachineInterestTest, SeveralOpensShareAFrame) {
  driver_.AttachAs({});
  for (int i = 0; i < 100; ++i) {
    machine_.Open("s" + std::to_string(i), Create::kNever, 0, driver_.now);
  }
  EXPECT_EQ(driver_.Frame().opens_size(), 100);
}

// ---- events ----

TEST_F(ClientMachineInterestTest, TellsOfTheChangesOfOthersInOrderWithTheFieldsAsTheyAre) {
  OpenOne(Interest::kPush);
  driver_.Give({Driver::Forward(3, 10, "n", 101)});
  EXPECT_TRUE(driver_.events.empty()) << "nobody listens";
  ASSERT_OK(machine_.Watch(ref_));
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Give({Driver::Ack(1, 11), Driver::Forward(3, 12, "n", 7), Driver::Forward(3, 13, "m", 8),
                Driver::Forward(3, 12, "n", 7)});
  ASSERT_EQ(driver_.events.size(), 2u) << "own commits are no events, nor is what is old";
  EXPECT_EQ(driver_.events[0].event.kind, Event::Kind::kChanged);
  EXPECT_EQ(driver_.events[0].event.from, 12u);
  EXPECT_EQ(driver_.events[0].event.to, 13u);
  ASSERT_EQ(driver_.events[0].event.changes.size(), 1u);
  EXPECT_EQ(driver_.events[0].event.changes[0].path, "n");
  EXPECT_EQ(driver_.events[0].event.changes[0].value, Value(7));
  EXPECT_EQ(driver_.events[1].event.changes[0].path, "m");
  machine_.Unwatch(ref_);
  driver_.Give({Driver::Forward(3, 14, "n", 9)});
  EXPECT_EQ(driver_.events.size(), 2u);
}

TEST_F(ClientMachineInterestTest, TellsOfCatchUpsInvalidationsAndEnds) {
  OpenOne(Interest::kInvalidate);
  ASSERT_OK(machine_.Watch(ref_));
  driver_.Give({Invalidated(10, 3)});
  Open(Interest::kInvalidate);
  driver_.Give({Driver::Opened(driver_.Frame().opens(0).request(), 7, 3),
                Driver::CatchUp(3, 10, 13, 0, {}), Driver::Ended(3, v1::Ended::EXPIRED)});
  ASSERT_EQ(driver_.events.size(), 3u);
  EXPECT_EQ(driver_.events[0].event.kind, Event::Kind::kChanged);
  EXPECT_EQ(driver_.events[0].event.to, 13u);
  EXPECT_TRUE(driver_.events[0].event.changes.empty());
  EXPECT_EQ(driver_.events[1].event.kind, Event::Kind::kCaughtUp);
  EXPECT_EQ(driver_.events[1].event.from, 10u);
  EXPECT_EQ(driver_.events[2].event.kind, Event::Kind::kExpired);
  EXPECT_THAT(machine_.Watch(ref_), StatusIs(StatusCode::kNotFound, _));
}

}  // namespace
}  // namespace sessionhub::client
