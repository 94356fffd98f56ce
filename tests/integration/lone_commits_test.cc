// A node that has one commit under way at a time: the hub reads behind its answers, and still hears
// what else it says.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "hub/hub.h"
#include "sessionhub/v1/admin.grpc.pb.h"
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
  static constexpr uint64_t kOften = 100;
  static constexpr uint64_t kNever = 600'000;
  static constexpr int kCalls = 200;

  // `heartbeat_ms`: twice in each the hub hears the node, whatever it waits for.
  void Start(uint64_t heartbeat_ms) {
    hub::Config config;
    config.data_dir = "memory";
    config.listen = "127.0.0.1:0";
    config.shards = 1;
    config.heartbeat_ms = heartbeat_ms;
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

  void SendWhatIsWrong() {
    v1::NodeFrame wrong;
    wrong.add_paths();  // without a number
    ASSERT_TRUE(node_->Send(wrong));
  }

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
  ASSERT_NO_FATAL_FAILURE(Start(kOften));
  for (uint64_t seq = kLone + 1; seq <= 2 * kLone; ++seq) SendCommit(seq);
  HubProbe probe(endpoint());
  EXPECT_TRUE(WaitFor([&] { return probe.Integer(kApp, "ada", "n") == 2 * kLone; }));
}

TEST_F(LoneCommitsTest, ANodeIsHeardWhileItsAnswerIsLate) {
  ASSERT_NO_FATAL_FAILURE(Start(kOften));
  store_->Hold(true);
  SendCommit(kLone + 1);
  ASSERT_TRUE(WaitFor([&] { return store_->syncs_held() > 0; }));
  SendWhatIsWrong();
  EXPECT_EQ(node_->Farewell().why(), v1::Goodbye::PROTOCOL_ERROR);
}

// A hub that read at once would say goodbye at once: the node would get no answer any more.
TEST_F(LoneCommitsTest, WhatComesBehindALoneCommitIsReadBehindItsAnswer) {
  ASSERT_NO_FATAL_FAILURE(Start(kNever));
  store_->Hold(true);
  SendCommit(kLone + 1);
  ASSERT_TRUE(WaitFor([&] { return store_->syncs_held() > 0; }));
  SendWhatIsWrong();
  // The hub has had the time to read it: it has answered calls that came later.
  const auto admin = v1::Admin::NewStub(testing::NewChannel(endpoint()));
  for (int i = 0; i < kCalls; ++i) {
    grpc::ClientContext context;
    v1::ListBackupsResponse response;
    EXPECT_EQ(admin->ListBackups(&context, {}, &response).error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
  }
  store_->Hold(false);
  const std::optional<v1::Item> answer = node_->ReceiveItem();
  ASSERT_TRUE(answer.has_value()) << "the goodbye came first";
  EXPECT_EQ(answer->handle(), 0u);
  EXPECT_EQ(answer->what_case(), v1::Item::WHAT_NOT_SET) << answer->ShortDebugString();
  EXPECT_EQ(node_->Farewell().why(), v1::Goodbye::PROTOCOL_ERROR);
}

}  // namespace
}  // namespace sessionhub
