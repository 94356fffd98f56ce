// A hub whose disk stands still: what waits for its shards has a bound, also the coming and going
// of nodes.
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
using testing::IncrementInt;
using testing::kApp;
using testing::PutString;
using testing::RawNode;
using testing::WaitFor;

class FullMailboxTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kMailboxBytes = 64 << 10;

  void SetUp() override {
    hub::Config config;
    config.data_dir = "memory";
    config.listen = "127.0.0.1:0";
    config.shards = 1;
    config.mailbox_bytes_max = kMailboxBytes;
    config.heartbeat_ms = 100;
    auto hub = hub::Hub::Start(config, store_);
    ASSERT_OK(hub);
    hub_ = *std::move(hub);
  }
  void TearDown() override { store_->Hold(false); }

  std::unique_ptr<RawNode> MakeNode(const std::string& name, char incarnation) const {
    return std::make_unique<RawNode>("127.0.0.1:" + std::to_string(hub_->port()), kApp, name,
                                     incarnation);
  }

  // Sends it, and returns once it is in the mailbox.
  static void Post(RawNode* node, uint64_t seq, v1::Delta delta) {
    v1::NodeFrame frame;
    frame.set_first_seq(seq);
    delta.set_received(true);
    *frame.add_deltas() = std::move(delta);
    ASSERT_TRUE(node->Send(frame));
    ASSERT_EQ(node->Receive().value_or(v1::HubFrame()).received_through(), seq);
  }

  // The disk stands still, and a mailbox is full behind it.
  void FillMailbox() {
    writer_ = MakeNode("web-1", 'a');
    v1::NodeFrame hello;
    *hello.mutable_hello() = writer_->MakeHello();
    hello.mutable_hello()->set_features(v1::FEATURE_RECEIVED);
    ASSERT_TRUE(writer_->Send(hello));
    ASSERT_TRUE(writer_->Receive().value_or(v1::HubFrame()).has_attached());
    const uint64_t number = writer_->Open("ada").opened().number();
    store_->Hold(true);
    ASSERT_NO_FATAL_FAILURE(Post(writer_.get(), 1, DeltaOn(number, IncrementInt("n", 1))));
    ASSERT_TRUE(WaitFor([&] { return store_->syncs_held() > 0; }));
    const std::string text(kMailboxBytes + 1, 'x');
    ASSERT_NO_FATAL_FAILURE(Post(writer_.get(), 2, DeltaOn(number, PutString("t", text))));
  }

  const std::shared_ptr<HeldStore> store_ = std::make_shared<HeldStore>();
  std::unique_ptr<hub::Hub> hub_;
  std::unique_ptr<RawNode> writer_;
};

TEST_F(FullMailboxTest, ANodeAttachesOnceThereIsRoom) {
  // The hub knows it, so that nothing of its attach waits for the disk.
  auto node = MakeNode("web-2", 'b');
  ASSERT_TRUE(node->Attach().has_attached());
  node.reset();
  ASSERT_NO_FATAL_FAILURE(FillMailbox());
  node = MakeNode("web-2", 'b');
  EXPECT_FALSE(node->Attach().has_attached()) << "the hub ends the stream after three heartbeats";
  EXPECT_FALSE(node->Finish().ok());
  store_->Hold(false);
  EXPECT_TRUE(WaitFor([this] { return MakeNode("web-2", 'b')->Attach().has_attached(); }));
}

}  // namespace
}  // namespace sessionhub
