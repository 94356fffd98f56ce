// The levels of acknowledgement from outside: a hub whose disk the test holds back, real nodes over
// real sockets, and a node that takes part in the protocol but never says what it has applied.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "hub/hub.h"
#include "tests/support/held_store.h"
#include "tests/support/raw_node.h"
#include "tests/support/relay.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using std::chrono_literals::operator""ms;
using Kind = Committed::Kind;
using testing::ConnectTo;
using ::testing::ElementsAre;
using testing::HeldStore;
using testing::HubProbe;
using testing::IntegerAt;
using ::testing::IsEmpty;
using testing::kApp;
using testing::kPatience;
using testing::OpenOrCreate;
using testing::RawNode;
using testing::Relay;
using testing::WaitFor;

class AcksTest : public ::testing::Test {
 protected:
  static constexpr auto kLease = 60'000ms;

  void SetUp() override {
    hub::Config config;
    config.data_dir = "memory";
    config.listen = "127.0.0.1:0";
    config.lease_ms = kLease.count();
    config.heartbeat_ms = kLease.count();
    auto hub = hub::Hub::Start(config, store_);
    ASSERT_OK(hub);
    hub_ = *std::move(hub);
  }
  void TearDown() override { store_->Hold(false); }

  // What was here before this hub is known: any lease of then is over.
  void PassALease() { hub_->AdvanceTime(kLease.count() * 1000 + 1000); }
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(hub_->port()); }

  static Edit Increment(const Session& session) {
    Edit edit = session.Begin();
    edit.Increment("n");
    return edit;
  }
  // Commits, and gives the end to whoever asks for it.
  static std::future<Committed> Start(Edit edit, Ack ack) {
    auto done = std::make_shared<std::promise<Committed>>();
    std::future<Committed> future = done->get_future();
    std::move(edit).Commit(ack, [done](const Committed& end) { done->set_value(end); });
    return future;
  }
  // Commits at kDelivered, which nobody will tell of, waiting longer each time until the change is
  // durable when the wait ends.
  static Committed CommitUntilDurable(const Session& session) {
    Committed late;
    for (auto wait = 1ms; !late.applied() && wait < kPatience; wait *= 2) {
      late = Increment(session).Commit(Ack::kDelivered, wait);
      if (late.applied()) break;
      EXPECT_EQ(late.kind, Kind::kUnknown);
      EXPECT_TRUE(absl::IsDeadlineExceeded(late.status)) << late.status;
      EXPECT_FALSE(late.delivered);
    }
    return late;
  }
  // A node that has agreed to give receipts, and gives none by itself.
  std::unique_ptr<RawNode> NewSilentNode() const {
    auto silent = std::make_unique<RawNode>(endpoint(), kApp, "web-2", 'b');
    v1::NodeFrame hello;
    *hello.mutable_hello() = silent->MakeHello();
    hello.mutable_hello()->set_features(v1::FEATURE_DELIVERED);
    EXPECT_TRUE(silent->Send(hello));
    EXPECT_EQ(silent->Receive()->attached().features(), uint64_t{v1::FEATURE_DELIVERED});
    return silent;
  }
  static bool GiveReceipt(RawNode* node, uint32_t handle, Version version) {
    v1::NodeFrame frame;
    frame.add_receipts()->set_handle(handle);
    frame.mutable_receipts(0)->set_version(version);
    return node->Send(frame);
  }
  static bool Ended(const std::future<Committed>& future) {
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  const std::shared_ptr<HeldStore> store_ = std::make_shared<HeldStore>();
  std::unique_ptr<hub::Hub> hub_;
};

TEST_F(AcksTest, ReceivedEndsWhileTheSyncIsHeldBackAndDurableDoesNot) {
  Client web = ConnectTo(endpoint(), "web-1");
  const auto session = OpenOrCreate(web, "ada");
  ASSERT_OK(session);
  store_->Hold(true);
  std::future<Committed> durable = Start(Increment(*session), Ack::kDurable);
  const Committed received = Increment(*session).Commit(Ack::kReceived, kPatience);
  EXPECT_EQ(received.kind, Kind::kReceived);
  EXPECT_OK(received.status);
  EXPECT_EQ(received.version, 0u);
  EXPECT_FALSE(Ended(durable));
  EXPECT_EQ(web.stats().pending, 2u) << "it completes the caller's wait and nothing else";
  EXPECT_EQ(web.stats().commits_applied, 0u);
  store_->Hold(false);
  EXPECT_TRUE(durable.get().applied());
  EXPECT_TRUE(WaitFor([&] { return web.stats().pending == 0; }));
  EXPECT_EQ(web.stats().commits_applied, 2u);
  EXPECT_EQ(IntegerAt(*session, "n"), 2);
}

TEST_F(AcksTest, DeliveredMeansThatTheOtherNodeHasAppliedIt) {
  PassALease();
  Client web1 = ConnectTo(endpoint(), "web-1");
  Client web2 = ConnectTo(endpoint(), "web-2");
  const auto here = OpenOrCreate(web1, "ada");
  const auto there = OpenOrCreate(web2, "ada");
  ASSERT_OK(here);
  ASSERT_OK(there);
  for (int i = 1; i <= 20; ++i) {
    const Committed done = Increment(*here).Commit(Ack::kDelivered, kPatience);
    ASSERT_TRUE(done.applied());
    EXPECT_TRUE(done.delivered);
    EXPECT_THAT(done.missing_nodes, IsEmpty());
    // Not by and by: now.
    EXPECT_EQ(IntegerAt(*there, "n"), i);
  }
  Session session = *here;
  const Committed gone = session.Delete(kPatience, Ack::kDelivered);
  EXPECT_TRUE(gone.applied() && gone.delivered);
  EXPECT_TRUE(absl::IsNotFound(there->Read().status()));
}

TEST_F(AcksTest, DeliveredWaitsForANodeThatIsSilentAndDurableDoesNot) {
  PassALease();
  Client web1 = ConnectTo(endpoint(), "web-1");
  const auto session = OpenOrCreate(web1, "ada");
  ASSERT_OK(session);
  std::unique_ptr<RawNode> silent = NewSilentNode();
  const uint32_t handle = silent->Open("ada").handle();

  std::future<Committed> delivered = Start(Increment(*session), Ack::kDelivered);
  EXPECT_TRUE(Increment(*session).Commit(Ack::kDurable, kPatience).applied());
  const auto forward = silent->ReceiveItem();
  ASSERT_TRUE(forward && forward->has_changes());
  EXPECT_TRUE(forward->receipt());
  EXPECT_FALSE(Ended(delivered));
  // Its wait ends: durable, and no more is known.
  const Committed late = CommitUntilDurable(*session);
  EXPECT_TRUE(late.applied());
  EXPECT_FALSE(late.delivered);
  EXPECT_THAT(late.missing_nodes, IsEmpty());
  EXPECT_FALSE(Ended(delivered));

  ASSERT_TRUE(GiveReceipt(silent.get(), handle, forward->from() + 1));
  const Committed done = delivered.get();
  EXPECT_TRUE(done.applied() && done.delivered);
  EXPECT_THAT(done.missing_nodes, IsEmpty());

  // One that goes away is waited for until its lease ends, and named.
  ASSERT_TRUE(WaitFor([&] { return web1.stats().pending == 0; }));
  const uint64_t applied = web1.stats().commits_applied;
  delivered = Start(Increment(*session), Ack::kDelivered);
  ASSERT_TRUE(WaitFor([&] { return web1.stats().commits_applied == applied + 1; }));
  HubProbe probe(endpoint());
  silent.reset();
  ASSERT_TRUE(WaitFor([&] { return !probe.Node("web-2").attached(); }));
  EXPECT_FALSE(Ended(delivered));
  PassALease();
  const Committed missing = delivered.get();
  EXPECT_TRUE(missing.applied() && missing.delivered);
  EXPECT_THAT(missing.missing_nodes, ElementsAre("web-2"));
}

TEST_F(AcksTest, CutAfterItsAnswerDeliveryIsUnknownAndNothingIsLost) {
  PassALease();
  Relay relay(hub_->port());
  Client web1 = ConnectTo(relay.endpoint(), "web-1");
  const auto session = OpenOrCreate(web1, "ada");
  ASSERT_OK(session);
  const std::unique_ptr<RawNode> slow = NewSilentNode();
  const uint32_t handle = slow->Open("ada").handle();

  std::future<Committed> cut = Start(Increment(*session), Ack::kDelivered);
  ASSERT_TRUE(WaitFor([&] { return web1.stats().commits_applied == 1; }));
  EXPECT_FALSE(Ended(cut));
  relay.Cut(Relay::How::kReset);
  const Committed unknown = cut.get();
  EXPECT_TRUE(unknown.applied()) << unknown.status;
  EXPECT_EQ(unknown.version, 2u);
  EXPECT_FALSE(unknown.delivered);
  EXPECT_THAT(unknown.missing_nodes, IsEmpty());

  // The next one waits for the same node, and gets its word.
  std::future<Committed> next = Start(Increment(*session), Ack::kDelivered);
  for (uint64_t from = 1; from <= 2; ++from) {
    const auto forward = slow->ReceiveItem();
    ASSERT_TRUE(forward && forward->has_changes());
    EXPECT_EQ(forward->from(), from);
    EXPECT_TRUE(forward->receipt());
  }
  EXPECT_FALSE(Ended(next));
  ASSERT_TRUE(GiveReceipt(slow.get(), handle, 3));
  EXPECT_TRUE(next.get().delivered);
  EXPECT_EQ(web1.stats().attaches, 2u);
  EXPECT_EQ(HubProbe(endpoint()).Integer(kApp, "ada", "n"), 2);
  EXPECT_EQ(IntegerAt(*session, "n"), 2);
}

TEST_F(AcksTest, CutBeforeItsAnswerItAsksAgain) {
  PassALease();
  Relay relay(hub_->port());
  Client web1 = ConnectTo(relay.endpoint(), "web-1");
  const auto session = OpenOrCreate(web1, "ada");
  ASSERT_OK(session);
  const std::unique_ptr<RawNode> slow = NewSilentNode();
  const uint32_t handle = slow->Open("ada").handle();

  relay.Hold(Relay::kToNode);
  std::future<Committed> cut = Start(Increment(*session), Ack::kDelivered);
  const auto forward = slow->ReceiveItem();
  ASSERT_TRUE(forward && forward->has_changes());
  relay.Cut(Relay::How::kReset);
  relay.Release(Relay::kToNode);
  // It is not applied again; the copy that may have it is asked again.
  const auto again = slow->ReceiveItem();
  ASSERT_TRUE(again && again->has_catch_up());
  EXPECT_TRUE(again->receipt());
  EXPECT_FALSE(Ended(cut));
  ASSERT_TRUE(GiveReceipt(slow.get(), handle, 2));
  const Committed done = cut.get();
  EXPECT_TRUE(done.applied() && done.delivered);
  EXPECT_THAT(done.missing_nodes, IsEmpty());
  EXPECT_EQ(done.version, 2u);
  EXPECT_EQ(HubProbe(endpoint()).Integer(kApp, "ada", "n"), 1);
  EXPECT_EQ(HubProbe(endpoint()).Status().counters().deltas_duplicate(), 1u);
}

TEST_F(AcksTest, WithinALeaseOfTheStartDeliveryIsUnknown) {
  Client web = ConnectTo(endpoint(), "web-1");
  const auto session = OpenOrCreate(web, "ada");
  ASSERT_OK(session);
  const Committed early = Increment(*session).Commit(Ack::kDelivered, kPatience);
  EXPECT_TRUE(early.applied());
  EXPECT_FALSE(early.delivered);
  PassALease();
  EXPECT_TRUE(Increment(*session).Commit(Ack::kDelivered, kPatience).delivered);
}

}  // namespace
}  // namespace sessionhub
