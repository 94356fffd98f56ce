// How the hub forgets a node: at once if it leaves in good order, after the resend horizon if it
// stays away; and what becomes of what it had pending.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "hub/store/rocks_store.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/relay.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::Apply;
using testing::ConnectTo;
using testing::HubProbe;
using testing::HubProcess;
using testing::IncrementInt;
using testing::kApp;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::RawNode;
using testing::Relay;
using testing::WaitFor;

class IncarnationsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(hub_.Start()); }

  // The hub has ended this many incarnations, as its log tells.
  bool Ended(int count) const {
    int ended = 0;
    const std::string log = hub_.log();
    constexpr char kEvent[] = "event=incarnations_ended count=";
    for (size_t at = log.find(kEvent); at != std::string::npos; at = log.find(kEvent, at + 1)) {
      ended += std::stoi(log.substr(at + sizeof(kEvent) - 1));
    }
    return ended >= count;
  }

  HubProcess hub_{{"--resend-horizon-ms", "1000", "--lease-ms", "100"}};
};

TEST_F(IncarnationsTest, ANodeAwayForTheResendHorizonMayNotResend) {
  {
    RawNode node(hub_.endpoint(), kApp, "web-1", 'a');
    EXPECT_FALSE(node.Attach().attached().incarnation_ended());
    EXPECT_FALSE(node.Open("ada").opened().has_refused());
  }
  ASSERT_TRUE(WaitFor([&] { return Ended(1); }));
  RawNode late(hub_.endpoint(), kApp, "web-1", 'a');
  v1::NodeFrame hello;
  *hello.mutable_hello() = late.MakeHello();
  hello.mutable_hello()->set_known_before(true);
  ASSERT_TRUE(late.Send(hello));
  const auto answer = late.Receive();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->attached().incarnation_ended());
  EXPECT_EQ(late.Farewell().why(), v1::Goodbye::SILENT);
}

TEST_F(IncarnationsTest, WhatANodePendedWhileItWasAwayTooLongEndsUnknownAndIsNeverApplied) {
  Relay relay(hub_.port());
  Client web1 = ConnectTo(relay.endpoint(), "web-1");
  const auto session = OpenOrCreate(web1, "ada");
  ASSERT_OK(session);
  relay.Refuse(true);
  relay.Cut(Relay::How::kReset);
  Outcomes outcomes;
  outcomes.Increment(*session, "n");
  ASSERT_TRUE(WaitFor([&] { return Ended(1); }));
  EXPECT_EQ(outcomes.open(), 1u);
  relay.Refuse(false);
  ASSERT_TRUE(WaitFor([&] { return outcomes.open() == 0; }));
  EXPECT_EQ(outcomes.failed(), 1u);

  // The node goes on as another incarnation.
  Edit edit = session->Begin();
  edit.Increment("n", 10);
  ASSERT_OK(Apply(std::move(edit)).status);
  EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, "ada", "n"), 10);
}

TEST_F(IncarnationsTest, ANodeThatStaysAttachedIsNotEnded) {
  Client stays = ConnectTo(hub_.endpoint(), "web-1");
  const auto session = OpenOrCreate(stays, "ada");
  ASSERT_OK(session);
  for (int n = 1; n <= 3; ++n) {
    RawNode(hub_.endpoint(), kApp, "web-2", static_cast<char>('a' + n)).Attach();
    ASSERT_TRUE(WaitFor([&] { return Ended(n); }));
  }
  EXPECT_EQ(stays.stats().attaches, 1u);
  Edit edit = session->Begin();
  edit.Set("a", 1);
  EXPECT_OK(Apply(std::move(edit)).status);
}

TEST(LeavingTest, ANodeThatLeavesInGoodOrderLeavesNothingToBeRemembered) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  uint64_t number = 0;
  for (int process = 1; process <= 5; ++process) {
    Client client = ConnectTo(hub.endpoint(), "job-" + std::to_string(process));
    const auto session = OpenOrCreate(client, "ada");
    ASSERT_OK(session);
    number = session->number();
    Edit edit = session->Begin();
    edit.Increment("n");
    ASSERT_OK(Apply(std::move(edit)).status);
    EXPECT_EQ(client.Close(testing::kPatience), 0u);
  }
  hub.Terminate();
  ASSERT_OK(hub.Wait());
  hub::RocksStoreOptions options;
  options.data_dir = hub.data_dir();
  const auto store = hub::RocksStore::Open(options);
  ASSERT_OK(store);
  hub::ReadSet reads;
  reads.metas.push_back(number);
  hub::Loaded loaded;
  ASSERT_OK((*store)->Load(reads, &loaded));
  // A row goes when its session is written next: only the last one is still there.
  EXPECT_EQ(loaded.metas.at(number)->writers_size(), 1);
}

}  // namespace
}  // namespace sessionhub
