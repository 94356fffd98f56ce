// A node that has one commit under way at a time: the hub reads behind its answers, and still hears
// what else it says.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "hub/hub.h"
#include "tests/support/held_store.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::DeltaOn;
using testing::HeldStore;
using testing::HubProbe;
using testing::IncrementInt;
using testing::kApp;
using testing::RawNode;
using testing::WaitFor;

class LoneCommitsTest : public ::testing::Test {
 protected:
  // So many that the hub has begun to read behind the answers, and is not about to look.
  static constexpr int kLone = 20;

  void SetUp() override {
    hub::Config config;
    config.data_dir = "memory";
    config.listen = "127.0.0.1:0";
    config.shards = 1;
    config.heartbeat_ms = 100;
    auto hub = hub::Hub::Start(config, store_);
    ASSERT_OK(hub);
    hub_ = *std::move(hub);
    node_ = std::make_unique<RawNode>(endpoint(), kApp, "web-1", 'a');
    ASSERT_TRUE(node_->Attach().has_attached());
    number_ = node_->Open("ada").opened().number();
    for (int i = 0; i < kLone; ++i) {
      ASSERT_FALSE(node_->Commit(DeltaOn(number_, IncrementInt("n", 1))).has_refused());
    }
  }
  void TearDown() override { store_->Hold(false); }

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(hub_->port()); }

  void SendCommit(uint64_t seq) {
    v1::NodeFrame frame;
    frame.set_first_seq(seq);
    *frame.add_deltas() = DeltaOn(number_, IncrementInt("n", 1));
    ASSERT_TRUE(node_->Send(frame));
  }

  const std::shared_ptr<HeldStore> store_ = std::make_shared<HeldStore>();
  std::unique_ptr<hub::Hub> hub_;
  std::unique_ptr<RawNode> node_;
  uint64_t number_ = 0;
};

TEST_F(LoneCommitsTest, WhatIsSentOnBeforeTheAnswerIsDecidedToo) {
  for (uint64_t seq = kLone + 1; seq <= 2 * kLone; ++seq) SendCommit(seq);
  HubProbe probe(endpoint());
  EXPECT_TRUE(WaitFor([&] { return probe.Integer(kApp, "ada", "n") == 2 * kLone; }));
}

TEST_F(LoneCommitsTest, ANodeIsHeardWhileItsAnswerIsLate) {
  store_->Hold(true);
  SendCommit(kLone + 1);
  ASSERT_TRUE(WaitFor([&] { return store_->syncs_held() > 0; }));
  v1::NodeFrame wrong;
  wrong.add_paths();  // without a number
  ASSERT_TRUE(node_->Send(wrong));
  EXPECT_EQ(node_->Farewell().why(), v1::Goodbye::PROTOCOL_ERROR);
}

}  // namespace
}  // namespace sessionhub
