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

  // The disk stands still, and more waits behind it than the mailbox holds: the rest of the frame
  // waits with its stream.
  void FillMailbox() {
    writer_ = MakeNode("web-1", 'a');
    ASSERT_TRUE(writer_->Attach().has_attached());
    const uint64_t number = writer_->Open("ada").opened().number();
    store_->Hold(true);
    v1::NodeFrame first;
    first.set_first_seq(1);
    *first.add_deltas() = DeltaOn(number, IncrementInt("n", 1));
    ASSERT_TRUE(writer_->Send(first));
    ASSERT_TRUE(WaitFor([&] { return store_->syncs_held() > 0; }));
    ASSERT_FALSE(IsRefused()) << "what waits for the disk alone refuses nobody";
    v1::NodeFrame rest;
    rest.set_first_seq(2);
    const std::string text(1 << 10, 'x');
    for (size_t bytes = 0; bytes <= kMailboxBytes; bytes += text.size()) {
      *rest.add_deltas() = DeltaOn(number, PutString("t", text));
    }
    ASSERT_TRUE(writer_->Send(rest));
  }

  // What is between the last delta that found room and the bound is room for a node or two.
  bool IsRefused() const {
    auto node = MakeNode("web-2", 'b');
    return !node->Attach().has_attached() && !node->Finish().ok();
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
  EXPECT_TRUE(WaitFor([this] { return IsRefused(); }))
      << "the hub ends the stream after three heartbeats";
  store_->Hold(false);
  EXPECT_TRUE(WaitFor([this] { return MakeNode("web-2", 'b')->Attach().has_attached(); }));
}

}  // namespace
}  // namespace sessionhub
