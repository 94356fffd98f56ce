// ClientMachine over several streams: leases, resends, other hubs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/cpp/src/client_machine.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/client/machine_driver.h"

namespace sessionhub::client {
namespace {

using absl::StatusCode;
using Driver = MachineDriver;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

class ClientMachineReconnectTest : public ::testing::Test {
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

TEST_F(ClientMachineReconnectTest, ResumesInsideTheLeaseAndSendsAgainInOrder) {
  OpenOne();
  driver_.Increment(ref_);
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Increment(ref_);
  driver_.Give({Driver::Ack(1, 10)});
  driver_.Down();
  const v1::Hello hello = driver_.AttachAs({.lease_held = true});
  EXPECT_TRUE(hello.known_before());
  EXPECT_EQ(hello.history_id(), "h1");
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.resumes_size(), 1);
  EXPECT_EQ(frame.resumes(0).version(), 11u);
  EXPECT_EQ(frame.opens_size(), 0);
  EXPECT_EQ(frame.first_seq(), 2u);
  EXPECT_EQ(frame.deltas_size(), 2);
  EXPECT_EQ(machine_.stats().resent, 1u);
}

TEST_F(ClientMachineReconnectTest, OpensByNumberOnceTheLeaseIsLost) {
  OpenOne();
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Down();
  driver_.AttachAs({.lease_held = false});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).id(), "a");
  EXPECT_EQ(frame.opens(0).number(), 7u);
  EXPECT_EQ(frame.opens(0).version(), 10u);
  EXPECT_EQ(frame.deltas(0).number(), 7u);
  EXPECT_EQ(frame.resumes_size(), 0);
}

TEST_F(ClientMachineReconnectTest, ALeaseThatMayHaveBegunWithALostHelloIsNotTrusted) {
  OpenOne();
  driver_.Down();
  driver_.Hello();
  driver_.Down();
  driver_.AttachAs({.lease_held = true});
  EXPECT_THAT(driver_.Frame().closes(), ElementsAre(3u));
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.resumes_size(), 0);
  ASSERT_EQ(frame.opens_size(), 1);
  // The hub has heard a close, and waits for nobody who may still show the session.
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kUnavailable, _));
  driver_.Give({Driver::Opened(frame.opens(0).request(), 7, 3), Driver::CatchUp(3, 10, 10, 0, {})});
  EXPECT_EQ(driver_.N(ref_), 100);
}

TEST_F(ClientMachineReconnectTest, ACopyWhoseLifeIsOverAtReopenEnds) {
  OpenOne();
  driver_.Down();
  driver_.AttachAs({});
  const uint32_t request = driver_.Frame().opens(0).request();
  driver_.Give({Driver::OpenRefused(request, v1::GONE)});
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kNotFound, _));
}

TEST_F(ClientMachineReconnectTest, OpensAgainAHandleThatTheHubDoesNotKnow) {
  OpenOne();
  driver_.Down();
  driver_.AttachAs({.lease_held = true});
  driver_.Frame();
  driver_.Give({Driver::Ended(3, v1::Ended::UNKNOWN)});
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.opens_size(), 1);
  EXPECT_EQ(frame.opens(0).number(), 7u);
  EXPECT_EQ(driver_.N(ref_), 100);
}

TEST_F(ClientMachineReconnectTest, GoesBackWithAHubOfOlderDataAndTellsIt) {
  OpenOne();
  driver_.Increment(ref_);
  driver_.Frame();
  driver_.Give({Driver::Ack(1, 11)});  // answered; the change before it is missing
  driver_.Down();
  driver_.AttachAs({.lease_held = false});
  const uint32_t request = driver_.Frame().opens(0).request();
  driver_.log.clear();
  driver_.Give({Driver::Opened(request, 7, 4), Driver::CatchUp(4, 0, 8, 0, {{"n", 80}})});
  EXPECT_EQ(driver_.VersionOf(ref_), 8u);
  EXPECT_EQ(driver_.N(ref_), 80);
  ASSERT_EQ(driver_.log.size(), 1u);
  EXPECT_EQ(driver_.log[0].first, LogSeverity::kWarning);
  EXPECT_THAT(driver_.log[0].second, HasSubstr("session 7 goes back from version 10 to 8"));
  // What passed while the copy was ahead looked old: it is asked for once, and no more.
  const v1::NodeFrame frame = driver_.Frame();
  ASSERT_EQ(frame.resumes_size(), 1);
  EXPECT_EQ(frame.resumes(0).version(), 8u);
  driver_.Give({Driver::CatchUp(4, 8, 9, 0, {{"n", 90}})});
  EXPECT_EQ(driver_.N(ref_), 90);
  EXPECT_EQ(driver_.Frame().resumes_size(), 0);
  EXPECT_EQ(driver_.log.size(), 1u);
}

TEST_F(ClientMachineReconnectTest, AnotherHistoryDropsCopiesAndPendingEndsUnknown) {
  OpenOne();
  ASSERT_OK(machine_.Watch(ref_));
  const Token token = driver_.Increment(ref_);
  driver_.Frame();
  driver_.Down();
  driver_.AttachAs({.lease_held = true, .history = "h2"});
  ASSERT_EQ(driver_.events.size(), 1u);
  EXPECT_EQ(driver_.events[0].event.kind, Event::Kind::kLost);
  EXPECT_EQ(driver_.commits.at(token).kind, Committed::Kind::kUnknown);
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kNotFound, _));
  EXPECT_EQ(driver_.Frame().ByteSizeLong(), 0u);
}

TEST_F(ClientMachineReconnectTest, AnEndedIncarnationEndsPendingAndStartsAnew) {
  OpenOne();
  const Token token = driver_.Increment(ref_);
  driver_.Frame();
  driver_.Down();
  const v1::Hello old = driver_.AttachAs({.incarnation_ended = true});
  EXPECT_EQ(driver_.commits.at(token).kind, Committed::Kind::kUnknown);
  EXPECT_TRUE(machine_.wants_reconnect());
  EXPECT_EQ(driver_.N(ref_), 100);
  driver_.Down();
  const v1::Hello fresh = driver_.AttachAs({});
  EXPECT_NE(fresh.incarnation(), old.incarnation());
  EXPECT_FALSE(fresh.known_before());
  driver_.Increment(ref_);
  EXPECT_EQ(driver_.Frame().first_seq(), 1u);
}

TEST_F(ClientMachineReconnectTest, AFinalGoodbyeEndsEverything) {
  OpenOne();
  const Token commit = driver_.Increment(ref_);
  const Token open = machine_.Open("b", Create::kNever, 0, driver_.now);
  driver_.Goodbye(v1::Goodbye::REPLACED);
  EXPECT_EQ(driver_.commits.at(commit).kind, Committed::Kind::kUnknown);
  EXPECT_THAT(driver_.opens.at(open).copy,
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("REPLACED")));
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kFailedPrecondition, _));
  EXPECT_THAT(machine_.standing(), StatusIs(StatusCode::kFailedPrecondition, _));
}

TEST_F(ClientMachineReconnectTest, ComesBackAfterDraining) {
  OpenOne();
  driver_.Goodbye(v1::Goodbye::DRAINING);
  EXPECT_TRUE(machine_.wants_reconnect());
  EXPECT_OK(machine_.standing());
  EXPECT_EQ(driver_.N(ref_), 100);
}

TEST_F(ClientMachineReconnectTest, ClosesAgainWhatTheHubMayNotHaveRead) {
  OpenOne();
  driver_.Give({Driver::Ended(3)});
  EXPECT_THAT(driver_.Frame().closes(), ElementsAre(3u));
  driver_.Down();
  driver_.AttachAs({.lease_held = true});
  EXPECT_THAT(driver_.Frame().closes(), ElementsAre(3u));
  EXPECT_EQ(driver_.Frame().closes_size(), 0) << "once on each stream";
  driver_.Down();
  driver_.AttachAs({.lease_held = false});
  EXPECT_EQ(driver_.Frame().closes_size(), 0) << "the handle is void";
  driver_.Down();
  driver_.AttachAs({.lease_held = true});
  EXPECT_EQ(driver_.Frame().closes_size(), 0);
}

TEST_F(ClientMachineReconnectTest, DoesNotCloseAgainWhatWasGivenAnew) {
  OpenOne();
  driver_.Give({Driver::Ended(3)});
  driver_.Frame();
  driver_.OpenAt("b", 8, 3, 10, 0);
  driver_.Down();
  driver_.AttachAs({.lease_held = true});
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.closes_size(), 0);
  EXPECT_EQ(frame.resumes_size(), 1);
}

TEST_F(ClientMachineReconnectTest, ClosesOnALeaseThatMayHaveBegunWithALostHello) {
  OpenOne();
  driver_.Give({Driver::Ended(3)});
  driver_.Down();
  driver_.Hello();
  driver_.Down();
  driver_.AttachAs({.lease_held = true});
  EXPECT_THAT(driver_.Frame().closes(), ElementsAre(3u));
}

}  // namespace
}  // namespace sessionhub::client
