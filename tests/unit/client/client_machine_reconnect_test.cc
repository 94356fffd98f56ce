// ClientMachine over several streams: leases, resends, other hubs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
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

// Not of this client's making: a hub takes no frame that asks for more.
TEST_F(ClientMachineReconnectTest, AsksForMuchInSeveralFrames) {
  driver_.AttachAs({});
  constexpr size_t kCount = kFrameRequestsMax + 10;
  for (size_t n = 0; n < kCount; ++n) {
    machine_.Open("id" + std::to_string(n), Create::kNever, 0, driver_.now);
  }
  size_t opens = 0;
  for (v1::NodeFrame frame = driver_.Frame(); frame.opens_size() > 0; frame = driver_.Frame()) {
    EXPECT_LE(RequestsOf(frame), kFrameRequestsMax);
    opens += static_cast<size_t>(frame.opens_size());
    v1::HubFrame answers;
    for (const v1::Open& open : frame.opens()) {
      const uint32_t handle = open.request();
      *answers.add_items() = Driver::Opened(open.request(), 1000 + handle, handle);
      *answers.add_items() = Driver::CatchUp(handle, 0, 1, 0, {});
    }
    driver_.Give(answers);
  }
  EXPECT_EQ(opens, kCount);
  driver_.Down();
  driver_.AttachAs({.lease_held = true});
  EXPECT_EQ(RequestsOf(driver_.Frame()), kFrameRequestsMax);
  EXPECT_EQ(driver_.Frame().resumes_size(), 10);
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

TEST_F(ClientMachineReconnectTest, WhatIsReadAfterAStopAsLongAsTheLeaseMakesNoCopyFresh) {
  OpenOne();
  driver_.now += std::chrono::seconds(30);
  driver_.Give({Driver::Forward(3, 10, "n", 101)});
  EXPECT_FALSE(machine_.wants_reconnect()) << "the lease is held";
  EXPECT_EQ(driver_.N(ref_), 101);
  // The process stands still: nothing ticks, and what the hub says waits to be read.
  driver_.now += std::chrono::milliseconds(30'001);
  driver_.Give({Driver::Forward(3, 11, "n", 102)});
  EXPECT_TRUE(machine_.wants_reconnect()) << "the hub may have ended the lease since it said that";
  EXPECT_THAT(machine_.Read(ref_, driver_.now).status(), StatusIs(StatusCode::kUnavailable, _));
  driver_.Down();
  driver_.AttachAs({.lease_held = false});
  EXPECT_EQ(driver_.Frame().opens(0).number(), 7u);
}

// A hub speaks once in a heartbeat, however short its leases are.
TEST_F(ClientMachineReconnectTest, ASilenceLongerThanAShortLeaseIsNoStop) {
  OpenOne();
  driver_.Down();
  driver_.AttachAs({.lease_held = true, .lease_ms = 100});
  driver_.now += std::chrono::seconds(3);
  driver_.Give({Driver::Forward(3, 10, "n", 101)});
  EXPECT_FALSE(machine_.wants_reconnect());
  driver_.now += std::chrono::milliseconds(3'001);
  driver_.Give({Driver::Forward(3, 11, "n", 102)});
  EXPECT_TRUE(machine_.wants_reconnect()) << "ticks would have noticed";
}

// Nothing that a hub leaves out or says too much of passes what a duration holds.
TEST_F(ClientMachineReconnectTest, NoLeaseAndTheLongestOnesAreNoStop) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  // The first stream of a fresh machine: what none has named.
  driver_.AttachAs({.heartbeat_ms = 0, .lease_ms = 0});
  driver_.now += std::chrono::hours(24);
  driver_.Give(v1::HubFrame());
  EXPECT_FALSE(machine_.wants_reconnect());
  driver_.Down();
  driver_.AttachAs({.lease_held = true, .heartbeat_ms = kMost, .lease_ms = kMost});
  driver_.now += std::chrono::hours(24);
  machine_.Tick(driver_.now);
  driver_.Give(v1::HubFrame());
  EXPECT_FALSE(machine_.wants_reconnect());
  EXPECT_GT(machine_.heartbeat(), std::chrono::hours(24));
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

// The hub takes no lease for held of which the node may not have heard.
TEST_F(ClientMachineReconnectTest, KeepsItsLeaseAndItsCopiesAfterALostHello) {
  OpenOne();
  driver_.Down();
  EXPECT_FALSE(driver_.Hello().new_lease());
  driver_.Down();
  EXPECT_FALSE(driver_.AttachAs({.lease_held = true}).new_lease());
  EXPECT_EQ(driver_.N(ref_), 100);
  EXPECT_EQ(driver_.Frame().resumes_size(), 1);
}

// The hub may have given a handle that this side has not heard of: nobody would ever close it.
TEST_F(ClientMachineReconnectTest, AsksForANewLeaseAfterALostAnswerToAnOpen) {
  OpenOne();
  machine_.Open("b", Create::kNever, 0, driver_.now);
  driver_.Down();
  EXPECT_FALSE(driver_.AttachAs({.lease_held = true}).new_lease()) << "it was not sent";
  EXPECT_EQ(driver_.Frame().opens_size(), 1);
  driver_.Down();
  EXPECT_EQ(driver_.N(ref_), 100);
  EXPECT_TRUE(driver_.Hello().new_lease());
  EXPECT_THAT(machine_.Read(ref_, driver_.now), StatusIs(StatusCode::kUnavailable, _))
      << "no commit waits until this node has applied it";
  driver_.Down();
  EXPECT_TRUE(driver_.AttachAs({}).new_lease()) << "until there is an answer";
  const v1::NodeFrame frame = driver_.Frame();
  EXPECT_EQ(frame.resumes_size(), 0);
  EXPECT_EQ(frame.opens_size(), 2) << "the copy, and the one that waits";
  const auto own = std::find_if(frame.opens().begin(), frame.opens().end(),
                                [](const v1::Open& open) { return open.number() == 7; });
  ASSERT_NE(own, frame.opens().end());
  EXPECT_EQ(own->version(), 10u);
  driver_.Give({Driver::Opened(own->request(), 7, 1), Driver::CatchUp(1, 10, 11, 0, {{"n", 101}})});
  EXPECT_EQ(driver_.N(ref_), 101);
}

}  // namespace
}  // namespace sessionhub::client
