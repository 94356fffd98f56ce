#include "client/cpp/src/client_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"
#include "tests/unit/client/machine_driver.h"

namespace sessionhub::client {
namespace {

using absl::StatusCode;
using Driver = MachineDriver;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

class ClientMachineTest : public ::testing::Test {
 protected:
  // A copy of session 7 with handle 3 at version 10, n = 100, on an attached stream.
  void OpenOne() {
    driver_.AttachAs({});
    ref_ = driver_.OpenAt("a", 7, 3, 10, 100);
  }

  Driver driver_;
  ClientMachine& machine_ = driver_.machine;
  CopyRef ref_;
};

// ---- versions ----

TEST_F(ClientMachineTest, AppliesForwardsThatTileAndIgnoresOldOnes) {
  OpenOne();
  driver_.Give({Driver::Forward(3, 10, "n", 101), Driver::Forward(3, 9, "n", 5)});
  EXPECT_EQ(driver_.N(ref_), 101);
  EXPECT_EQ(driver_.VersionOf(ref_), 11u);
  EXPECT_EQ(driver_.Frame().resumes_size(), 0);
}

TEST_F(ClientMachineTest, AsksForACatchUpAtAGap) {
  OpenOne();
  driver_.Give({Driver::Forward(3, 12, "n", 103)});
  EXPECT_EQ(driver_.N(ref_), 100);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.resumes_size(), 1);
  EXPECT_EQ(frame.resumes(0).handle(), 3u);
  EXPECT_EQ(frame.resumes(0).version(), 10u);
  EXPECT_EQ(machine_.stats().resyncs, 1u);
  driver_.Give({Driver::CatchUp(3, 10, 13, 0, {{"n", 103}})});
  EXPECT_EQ(driver_.VersionOf(ref_), 13u);
  EXPECT_EQ(driver_.N(ref_), 103);
}

TEST_F(ClientMachineTest, AsksAgainIfSomethingNewerOvertookTheCatchUp) {
  OpenOne();
  driver_.Give({Driver::Forward(3, 12, "n", 103)});
  driver_.Frame();
  driver_.Give({Driver::Forward(3, 14, "n", 105), Driver::CatchUp(3, 10, 14, 0, {{"n", 104}})});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.resumes_size(), 1);
  EXPECT_EQ(frame.resumes(0).version(), 14u);
}

TEST_F(ClientMachineTest, ACatchUpInPartsChangesTheCopyWithItsLast) {
  OpenOne();
  v1::Item first = Driver::CatchUp(3, 0, 20, 0, {{"n", 1}});
  first.mutable_catch_up()->set_more(true);
  driver_.Give({first});
  EXPECT_EQ(driver_.N(ref_), 100);
  driver_.Give({Driver::CatchUp(3, 0, 20, 0, {{"m", 2}})});
  EXPECT_EQ(driver_.N(ref_), 1);
  EXPECT_EQ((*machine_.Read(ref_, driver_.now))->fields->map.size(), 2u);
}

TEST_F(ClientMachineTest, WhoWaitsForACatchUpWaitsOnIfItLeavesTheCopyBehind) {
  OpenOne();
  const Token token = machine_.Open("ada", Create::kNever, 15, driver_.now);
  const v1::NodeFrame asked = driver_.Frame();
  ASSERT_EQ(asked.opens_size(), 1);
  v1::Item part = Driver::CatchUp(3, 10, 12, 0, {{"n", 102}});
  part.mutable_catch_up()->set_behind(true);
  driver_.Give({Driver::Opened(asked.opens(0).request(), 7, 3), part});
  EXPECT_EQ(driver_.VersionOf(ref_), 12u);
  EXPECT_FALSE(driver_.opens.contains(token));
  // It follows by itself.
  EXPECT_EQ(driver_.Frame().resumes_size(), 0);
  driver_.Give({Driver::CatchUp(3, 12, 15, 0, {{"n", 105}})});
  EXPECT_TRUE(driver_.opens.contains(token));
  EXPECT_EQ(driver_.VersionOf(ref_), 15u);
}

// The hub began anew: between the two parts a field was erased.
TEST_F(ClientMachineTest, TheFirstPartOfACatchUpDropsWhatAnUnfinishedOneHasBrought) {
  OpenOne();
  v1::Item part = Driver::CatchUp(3, 0, 20, 0, {{"erased", 1}});
  part.mutable_catch_up()->set_first(true);
  part.mutable_catch_up()->set_more(true);
  driver_.Give({part});
  part = Driver::CatchUp(3, 0, 21, 0, {{"n", 1}});
  part.mutable_catch_up()->set_first(true);
  part.mutable_catch_up()->set_more(true);
  driver_.Give({part, Driver::CatchUp(3, 0, 22, 0, {{"m", 2}})});
  EXPECT_EQ(driver_.VersionOf(ref_), 22u);
  EXPECT_EQ(driver_.N(ref_), 1);
  EXPECT_EQ((*machine_.Read(ref_, driver_.now))->fields->map.size(), 2u);
}

// What changed while a large session was read follows as the last part, with what it erases.
TEST_F(ClientMachineTest, TheLastPartOfACatchUpMayErase) {
  OpenOne();
  v1::Item part = Driver::CatchUp(3, 0, 20, 0, {{"a", 1}, {"b", 1}, {"c/d", 1}, {"n", 5}});
  part.mutable_catch_up()->set_first(true);
  part.mutable_catch_up()->set_more(true);
  v1::Item last = Driver::CatchUp(3, 0, 23, 0, {{"b", 2}});
  for (const char* path : {"a", "c"}) {
    v1::Op* op = last.mutable_catch_up()->add_ops();
    op->set_path(path);
    path[0] == 'a' ? op->set_erase(true) : op->set_erase_subtree(true);
  }
  driver_.Give({part, last});
  const auto view = *machine_.Read(ref_, driver_.now);
  EXPECT_EQ(view->version, 23u);
  EXPECT_EQ(view->fields->map,
            (FieldMap{{*Path::FromText("b"), Value(2)}, {*Path::FromText("n"), Value(5)}}));
}

TEST_F(ClientMachineTest, AnAckWhileALargeCatchUpComesIsShownOnceBeforeAndAfter) {
  driver_.AttachAs({});
  const Token token = machine_.Open("a", Create::kNever, 0, driver_.now);
  const v1::NodeFrame frame = driver_.Frame();
  driver_.Give({Driver::Opened(frame.opens(0).request(), 7, 3)});
  v1::Item part = Driver::CatchUp(3, 0, 20, 0, {{"n", 100}});
  part.mutable_catch_up()->set_first(true);
  part.mutable_catch_up()->set_more(true);
  driver_.Give({part});
  EXPECT_FALSE(driver_.opens.contains(token));
  // The read began at 20; own delta 1 became (21,22] while it went on.
  driver_.Give({Driver::CatchUp(3, 0, 22, 0, {{"n", 101}})});
  ref_ = *driver_.opens.at(token).copy;
  EXPECT_EQ(driver_.N(ref_), 101);
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Give({part, Driver::Ack(1, 22)});
  EXPECT_EQ(driver_.N(ref_), 102);
  driver_.Give({Driver::CatchUp(3, 0, 23, 1, {{"n", 102}})});
  EXPECT_EQ(driver_.N(ref_), 102);
  EXPECT_EQ(driver_.VersionOf(ref_), 23u);
}

TEST_F(ClientMachineTest, AnUnreadableSessionIsToldToWhoWaitsForIt) {
  driver_.AttachAs({});
  const Token token = machine_.Open("a", Create::kNever, 0, driver_.now);
  const v1::NodeFrame frame = driver_.Frame();
  driver_.Give(
      {Driver::Opened(frame.opens(0).request(), 7, 3), Driver::Ended(3, v1::Ended::UNREADABLE)});
  EXPECT_THAT(driver_.opens.at(token).copy,
              StatusIs(StatusCode::kDataLoss, HasSubstr("cannot read")));
  EXPECT_EQ(driver_.Frame().closes(0), 3u);
}

TEST_F(ClientMachineTest, AWatchedSessionThatBecomesUnreadableIsLostAndNotDeleted) {
  OpenOne();
  ASSERT_OK(machine_.Watch(ref_));
  driver_.Give({Driver::Ended(3, v1::Ended::UNREADABLE)});
  ASSERT_EQ(driver_.events.size(), 1u);
  EXPECT_EQ(driver_.events[0].event.kind, Event::Kind::kLost);
}

TEST_F(ClientMachineTest, IgnoresAHandleThatIsNotHeld) {
  OpenOne();
  driver_.Give({Driver::Forward(99, 10, "n", 5), Driver::Ended(99)});
  EXPECT_EQ(driver_.N(ref_), 100);
}

// ---- own writes ----

TEST_F(ClientMachineTest, ShowsAnOwnWriteAtOnceAndTheAckIsItsPlaceInTheLane) {
  OpenOne();
  const Token token = driver_.Increment(ref_);
  EXPECT_EQ(driver_.N(ref_), 101);
  EXPECT_EQ(driver_.VersionOf(ref_), 10u);
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.first_seq(), 1u);
  EXPECT_EQ(frame.deltas(0).handle(), 3u);
  driver_.Give({Driver::Forward(3, 10, "n", 500), Driver::Ack(0, 11)});
  EXPECT_EQ(driver_.N(ref_), 501);
  EXPECT_EQ(driver_.VersionOf(ref_), 12u);
  EXPECT_TRUE(driver_.commits.at(token).applied());
  EXPECT_EQ(driver_.commits.at(token).version, 12u);
}

TEST_F(ClientMachineTest, KeepsAnAnsweredWriteInViewUntilTheCopyHasIt) {
  OpenOne();
  const Token token = driver_.Increment(ref_);
  driver_.Frame();
  // Another node's change (10, 11] is missing.
  driver_.Give({Driver::Ack(1, 11)});
  EXPECT_TRUE(driver_.commits.at(token).applied());
  EXPECT_EQ(driver_.N(ref_), 101);
  EXPECT_EQ(driver_.VersionOf(ref_), 10u);
  EXPECT_EQ(driver_.Frame().resumes_size(), 1);
  driver_.Give({Driver::CatchUp(3, 10, 12, 1, {{"n", 801}})});
  EXPECT_EQ(driver_.N(ref_), 801);
  EXPECT_EQ(driver_.VersionOf(ref_), 12u);
}

TEST_F(ClientMachineTest, AppliesAnAnsweredWriteBehindTheCatchUpThatReachesIt) {
  OpenOne();
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Give({Driver::Ack(1, 11), Driver::CatchUp(3, 10, 11, 0, {{"n", 800}})});
  EXPECT_EQ(driver_.N(ref_), 801);
  EXPECT_EQ(driver_.VersionOf(ref_), 12u);
}

TEST_F(ClientMachineTest, ACatchUpThatIncludesAnUnansweredWriteShowsItOnce) {
  OpenOne();
  const Token token = driver_.Increment(ref_);
  driver_.Frame();
  driver_.Down();
  driver_.AttachAs({.lease_held = true});
  driver_.Frame();
  driver_.Give({Driver::CatchUp(3, 10, 11, 1, {{"n", 101}})});
  EXPECT_EQ(driver_.N(ref_), 101);
  EXPECT_EQ(driver_.commits.count(token), 0u);
  driver_.Give({Driver::Already(1, 11)});
  EXPECT_EQ(driver_.N(ref_), 101);
  EXPECT_TRUE(driver_.commits.at(token).applied());
  EXPECT_EQ(driver_.commits.at(token).version, 11u);
}

TEST_F(ClientMachineTest, AnAnswerBeforeTheCatchUpShowsTheWriteOnceToo) {
  OpenOne();
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Down();
  driver_.AttachAs({.lease_held = true});
  driver_.Frame();
  driver_.Give({Driver::Already(1, 15)});
  EXPECT_EQ(driver_.N(ref_), 101);
  driver_.Give({Driver::CatchUp(3, 10, 15, 1, {{"n", 101}})});
  EXPECT_EQ(driver_.N(ref_), 101);
  EXPECT_EQ(driver_.VersionOf(ref_), 15u);
}

TEST_F(ClientMachineTest, ARefusedWriteLeavesTheView) {
  OpenOne();
  const Token token = driver_.Increment(ref_);
  const Token next = driver_.Increment(ref_, 10);
  EXPECT_EQ(driver_.N(ref_), 111);
  driver_.Frame();
  driver_.Give({Driver::Refused(1, v1::OUT_OF_RANGE)});
  EXPECT_EQ(driver_.N(ref_), 110);
  EXPECT_THAT(driver_.commits.at(token).status, StatusIs(StatusCode::kOutOfRange, _));
  EXPECT_EQ(driver_.commits.at(token).kind, Committed::Kind::kRefused);
  EXPECT_EQ(driver_.commits.count(next), 0u);
}

// ---- frames ----

TEST_F(ClientMachineTest, SendsWaitingWritesInOneFrameAndKeepsToTheWindow) {
  driver_.AttachAs({.in_flight_deltas_max = 3});
  ref_ = driver_.OpenAt("a", 7, 3, 10, 0);
  for (int i = 0; i < 5; ++i) driver_.Increment(ref_);
  EXPECT_EQ(driver_.Frame().deltas_size(), 3);
  EXPECT_EQ(driver_.Frame().deltas_size(), 0);
  driver_.Give({Driver::Ack(1, 10)});
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.first_seq(), 4u);
  EXPECT_EQ(frame.deltas_size(), 1);
  EXPECT_EQ(frame.answers_seen_through(), 1u);
}

TEST_F(ClientMachineTest, KeepsAFrameWithinItsBytes) {
  driver_.AttachAs({.frame_bytes_max = 20'000});
  ref_ = driver_.OpenAt("a", 7, 3, 10, 0);
  for (int i = 0; i < 10; ++i) {
    Delta delta;
    delta.operations.push_back(
        {Operation::Kind::kPut, *Path::FromText("x"), Value(std::string(3'000, 'x'))});
    ASSERT_OK(machine_.Commit(ref_, std::move(delta)));
  }
  int sent = 0;
  for (v1::NodeFrame frame = driver_.Frame(); frame.deltas_size() > 0; frame = driver_.Frame()) {
    EXPECT_LE(frame.ByteSizeLong(), 20'000u);
    EXPECT_EQ(frame.first_seq(), static_cast<uint64_t>(sent) + 1);
    sent += frame.deltas_size();
  }
  EXPECT_EQ(sent, 10);
}

TEST_F(ClientMachineTest, NamesAPathOnceAndThenByNumberWhileThereIsRoom) {
  driver_.AttachAs({.path_definitions_max = 1});
  ref_ = driver_.OpenAt("a", 7, 3, 10, 0);
  Delta delta;
  delta.operations.push_back({Operation::Kind::kPut, *Path::FromText("x"), Value(1)});
  delta.operations.push_back({Operation::Kind::kPut, *Path::FromText("y"), Value(2)});
  ASSERT_OK(machine_.Commit(ref_, delta));
  const v1::NodeFrame first = driver_.Frame();
  ASSERT_EQ(first.paths_size(), 1);
  EXPECT_EQ(first.paths(0).path(), "x");
  EXPECT_EQ(first.deltas(0).ops(0).path_number(), first.paths(0).number());
  EXPECT_EQ(first.deltas(0).ops(1).path(), "y");
  ASSERT_OK(machine_.Commit(ref_, delta));
  const v1::NodeFrame second = driver_.Frame();
  EXPECT_EQ(second.paths_size(), 0);
  EXPECT_EQ(second.deltas(0).ops(0).path_number(), 1u);
}

TEST_F(ClientMachineTest, RefusesACommitOverALimitOfTheHub) {
  OpenOne();
  Delta delta;
  delta.operations.push_back(
      {Operation::Kind::kPut, *Path::FromText("x"), Value(std::string((1 << 20) + 1, 'x'))});
  EXPECT_THAT(machine_.Commit(ref_, delta),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("value_bytes_max")));
}

TEST_F(ClientMachineTest, BeatsWhenItHasNothingToSay) {
  OpenOne();
  EXPECT_FALSE([this] {
    v1::NodeFrame frame;
    return machine_.TakeFrame(&frame, driver_.now);
  }());
  driver_.now += milliseconds(500);
  v1::NodeFrame frame;
  EXPECT_TRUE(machine_.TakeFrame(&frame, driver_.now));
  EXPECT_EQ(frame.ByteSizeLong(), 0u);
}

TEST_F(ClientMachineTest, GivesUpASilentHubButNotForATimerThatWasLate) {
  OpenOne();
  driver_.now += seconds(60);
  machine_.Tick(driver_.now);
  EXPECT_FALSE(machine_.wants_reconnect());
  for (int i = 0; i < 12; ++i) {
    driver_.now += milliseconds(250);
    machine_.Tick(driver_.now);
  }
  EXPECT_TRUE(machine_.wants_reconnect());
}

// ---- opening ----

TEST_F(ClientMachineTest, TwoOpensOfOneIdShareARequest) {
  driver_.AttachAs({});
  const Token a = machine_.Open("a", Create::kNever, 0, driver_.now);
  const Token b = machine_.Open("a", Create::kNever, 0, driver_.now);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  driver_.Give({Driver::Opened(frame.opens(0).request(), 7, 3)});
  EXPECT_TRUE(driver_.opens.empty());
  driver_.Give({Driver::CatchUp(3, 0, 1, 0, {})});
  EXPECT_OK(driver_.opens.at(a).copy);
  EXPECT_OK(driver_.opens.at(b).copy);
}

TEST_F(ClientMachineTest, TwoExclusiveOpensAskTwice) {
  driver_.AttachAs({});
  machine_.Open("a", Create::kExclusive, 0, driver_.now);
  machine_.Open("a", Create::kExclusive, 0, driver_.now);
  EXPECT_EQ(driver_.Frame().opens_size(), 2);
}

TEST_F(ClientMachineTest, LeavingItTellsWhichAnswersItHasSeenAtOnce) {
  OpenOne();
  EXPECT_FALSE(machine_.Leave()) << "there is nothing to tell";
  driver_.Increment(ref_);
  EXPECT_EQ(driver_.Frame().deltas_size(), 1);
  EXPECT_FALSE(machine_.Leave());
  driver_.Give({Driver::Ack(1, 10)});
  EXPECT_TRUE(machine_.Leave());
  EXPECT_EQ(driver_.Frame().answers_seen_through(), 1u);
  EXPECT_FALSE(machine_.Leave());
  v1::NodeFrame none;
  EXPECT_FALSE(machine_.TakeFrame(&none, driver_.now));
}

TEST_F(ClientMachineTest, AnExclusiveOpenIsSentAgainAfterACutAsTheSameRequest) {
  driver_.AttachAs({});
  const Token token = machine_.Open("a", Create::kExclusive, 0, driver_.now);
  const v1::Open first = driver_.Frame().opens(0);
  driver_.Down();
  driver_.AttachAs({true});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).SerializeAsString(), first.SerializeAsString());
  driver_.Give({Driver::Opened(first.request(), 7, 3), Driver::CatchUp(3, 0, 1, 0, {})});
  EXPECT_OK(driver_.opens.at(token).copy);
}

TEST_F(ClientMachineTest, AnExclusiveOpenThatWasSentEndsWithItsIncarnation) {
  driver_.AttachAs({});
  const Token sent = machine_.Open("a", Create::kExclusive, 0, driver_.now);
  EXPECT_EQ(driver_.Frame().opens_size(), 1);
  driver_.Down();
  const Token unsent = machine_.Open("b", Create::kExclusive, 0, driver_.now);
  driver_.AttachAs({false, true});
  EXPECT_THAT(driver_.opens.at(sent).copy, StatusIs(StatusCode::kUnavailable, _));
  EXPECT_FALSE(driver_.opens.contains(unsent));
}

TEST_F(ClientMachineTest, ACopyAnswersUnlessAVersionIsAskedThatItLacks) {
  OpenOne();
  const Token held = machine_.Open("a", Create::kNever, 10, driver_.now);
  driver_.Collect();
  EXPECT_OK(driver_.opens.at(held).copy);
  const Token newer = machine_.Open("a", Create::kNever, 11, driver_.now);
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).version(), 10u);
  driver_.Give({Driver::Opened(frame.opens(0).request(), 7, 3), Driver::CatchUp(3, 10, 10, 0, {})});
  EXPECT_OK(driver_.opens.at(newer).copy);
}

TEST_F(ClientMachineTest, TellsWhyAnOpenIsRefused) {
  driver_.AttachAs({});
  const Token token = machine_.Open("a", Create::kNever, 0, driver_.now);
  driver_.Give({Driver::OpenRefused(driver_.Frame().opens(0).request(), v1::NOT_FOUND)});
  EXPECT_THAT(driver_.opens.at(token).copy, StatusIs(StatusCode::kNotFound, _));
}

TEST_F(ClientMachineTest, AnEndedSessionIsClosedAndItsNextLifeIsAnother) {
  OpenOne();
  driver_.Give({Driver::Ended(3)});
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kNotFound, _));
  const Token token = machine_.Open("a", Create::kIfMissing, 0, driver_.now);
  const v1::NodeFrame close = driver_.Frame();
  EXPECT_THAT(close.closes(), ElementsAre(3u));
  EXPECT_EQ(close.opens_size(), 0) << "an Open in the same frame would take effect first";
  const v1::NodeFrame open = driver_.Frame();
  EXPECT_EQ(open.opens(0).number(), 0u);
  driver_.Give({Driver::Opened(open.opens(0).request(), 8, 3), Driver::CatchUp(3, 0, 1, 0, {})});
  EXPECT_EQ(driver_.opens.at(token).copy->number, 8u);
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kNotFound, _));
}

// ---- the near cache's bounds ----

TEST_F(ClientMachineTest, ReadsNothingOlderThanStaleMax) {
  OpenOne();
  driver_.Down();
  driver_.now += Driver::kStaleMax;
  EXPECT_EQ(driver_.N(ref_), 100);
  driver_.now += milliseconds(1);
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kUnavailable, _));
  // To have reached the hub is not enough: this copy has not been brought up to date yet.
  driver_.AttachAs({.lease_held = true});
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kUnavailable, _));
  driver_.Frame();
  driver_.Give({Driver::CatchUp(3, 10, 10, 0, {})});
  EXPECT_EQ(driver_.N(ref_), 100);
}

TEST_F(ClientMachineTest, ReadsNothingOlderThanTheHubsLease) {
  driver_.AttachAs({.lease_ms = 4'000});
  ref_ = driver_.OpenAt("a", 7, 3, 10, 100);
  driver_.Down();
  driver_.now += seconds(4);
  EXPECT_EQ(driver_.N(ref_), 100);
  driver_.now += milliseconds(1);
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kUnavailable, _));
}

TEST(ClientMachineEviction, ClosesCopiesThatNobodyUses) {
  Driver driver(/*near_cache_bytes_max=*/300);
  driver.AttachAs({});
  const CopyRef a = driver.OpenAt("a", 7, 3, 10, 1);
  const CopyRef b = driver.OpenAt("b", 8, 4, 10, 2);
  EXPECT_EQ(driver.N(a), 1) << "held by a handle";
  driver.Increment(a);
  driver.machine.Unpin(a);
  EXPECT_EQ(driver.N(a), 2) << "held by a pending write";
  driver.Frame();
  driver.Give({Driver::Ack(1, 10)});
  EXPECT_EQ(driver.N(a), std::nullopt);
  EXPECT_EQ(driver.N(b), 2);
  EXPECT_THAT(driver.Frame().closes(), ElementsAre(3u));
}

}  // namespace
}  // namespace sessionhub::client
