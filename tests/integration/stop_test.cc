// How a hub stops: what it has taken is answered before the goodbye, new streams are told at once,
// and neither a node that does not read nor a disk that does not answer keeps it past its deadline.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "hub/hub.h"
#include "tests/support/held_store.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::DeltaOn;
using ::testing::HasSubstr;
using testing::HeldStore;
using testing::HubProbe;
using testing::HubProcess;
using testing::IncrementInt;
using testing::kPatience;
using testing::PutString;
using testing::RawNode;
using testing::WaitFor;

constexpr char kApp[] = "shop";
constexpr uint64_t kNever = std::chrono::milliseconds(4 * kPatience).count();

// A hub in this process, on a disk that the test holds back, with a commit in its sync.
class StopTest : public ::testing::Test {
 protected:
  void Start(uint64_t drain_ms) {
    config_.data_dir = "memory";
    config_.listen = "127.0.0.1:0";
    config_.drain_ms = drain_ms;
    auto hub = hub::Hub::Start(config_, store_);
    ASSERT_OK(hub);
    hub_ = *std::move(hub);
  }
  void TearDown() override { store_->Hold(false); }

  RawNode MakeNode(const std::string& name, char incarnation) const {
    return RawNode("127.0.0.1:" + std::to_string(hub_->port()), kApp, name, incarnation);
  }

  // Until the hub has taken a commit of `node` and waits for its disk.
  void CommitIntoAHeldSync(RawNode* node) {
    v1::NodeFrame hello;
    *hello.mutable_hello() = node->MakeHello();
    hello.mutable_hello()->set_features(v1::FEATURE_RECEIVED);
    ASSERT_TRUE(node->Send(hello));
    ASSERT_TRUE(node->Receive().value_or(v1::HubFrame()).has_attached());
    number_ = node->Open("ada").opened().number();
    store_->Hold(true);
    v1::NodeFrame frame;
    frame.set_first_seq(1);
    *frame.add_deltas() = DeltaOn(number_, IncrementInt("n", 1));
    frame.mutable_deltas(0)->set_received(true);
    ASSERT_TRUE(node->Send(frame));
    ASSERT_EQ(node->Receive().value_or(v1::HubFrame()).received_through(), 1u);
    ASSERT_TRUE(WaitFor([&] { return store_->syncs_held() > 0; }));
  }

  const std::shared_ptr<HeldStore> store_ = std::make_shared<HeldStore>();
  hub::Config config_;
  std::unique_ptr<hub::Hub> hub_;
  uint64_t number_ = 0;
};

TEST_F(StopTest, ACommitThatIsInItsSyncIsAnsweredBeforeTheGoodbye) {
  ASSERT_NO_FATAL_FAILURE(Start(kNever));
  RawNode node = MakeNode("web-1", 'a');
  ASSERT_NO_FATAL_FAILURE(CommitIntoAHeldSync(&node));
  std::future<void> drained = std::async(std::launch::async, [this] { hub_->Drain(); });
  // Whoever comes now is sent away: the stop has begun, and waits.
  EXPECT_TRUE(WaitFor([this] {
    RawNode late = MakeNode("web-2", 'b');
    return late.Attach().goodbye().why() == v1::Goodbye::DRAINING;
  }));
  EXPECT_EQ(drained.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  store_->Hold(false);
  const auto answer = node.ReceiveItem();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->handle(), 0u);
  EXPECT_EQ(answer->from(), 1u) << "it is its second version";
  EXPECT_FALSE(answer->has_refused());
  EXPECT_EQ(node.Farewell().why(), v1::Goodbye::DRAINING);
  EXPECT_EQ(node.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  drained.get();
}

// Its registration waits for the disk as well, which keeps the stop waiting.
TEST_F(StopTest, ANodeThatIsBeingRegisteredIsSentAwayAtOnce) {
  ASSERT_NO_FATAL_FAILURE(Start(kNever));
  RawNode node = MakeNode("web-1", 'a');
  ASSERT_NO_FATAL_FAILURE(CommitIntoAHeldSync(&node));
  RawNode early = MakeNode("web-2", 'b');
  v1::NodeFrame hello;
  *hello.mutable_hello() = early.MakeHello();
  ASSERT_TRUE(early.Send(hello));
  ASSERT_TRUE(WaitFor([this] { return store_->syncs_held() >= 2; }));
  std::future<void> drained = std::async(std::launch::async, [this] { hub_->Drain(); });
  EXPECT_EQ(early.Farewell().why(), v1::Goodbye::DRAINING);
  EXPECT_EQ(drained.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  store_->Hold(false);
  EXPECT_EQ(node.Farewell().why(), v1::Goodbye::DRAINING);
  drained.get();
}

TEST_F(StopTest, ADiskThatDoesNotAnswerDoesNotKeepTheNodesPastTheDeadline) {
  ASSERT_NO_FATAL_FAILURE(Start(1));
  RawNode node = MakeNode("web-1", 'a');
  ASSERT_NO_FATAL_FAILURE(CommitIntoAHeldSync(&node));
  std::future<void> drained = std::async(std::launch::async, [this] { hub_->Drain(); });
  EXPECT_FALSE(node.ReceiveItem().has_value()) << "nothing is answered that is not durable";
  EXPECT_EQ(node.Farewell().why(), v1::Goodbye::DRAINING);
  EXPECT_EQ(node.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(store_->syncs_held() > 0);
  store_->Hold(false);
  drained.get();
  // The turn was finished: sent again to the next hub, it is there already.
  hub_.reset();
  ASSERT_NO_FATAL_FAILURE(Start(kNever));
  RawNode again = MakeNode("web-1", 'a');
  ASSERT_TRUE(again.Attach().has_attached());
  const v1::Item answer = again.Commit(DeltaOn(number_, IncrementInt("n", 1)));
  EXPECT_TRUE(answer.already());
  EXPECT_EQ(answer.from(), 2u);
}

TEST_F(StopTest, TheDeadlineIsTheOneThatWasReloadedLast) {
  ASSERT_NO_FATAL_FAILURE(Start(kNever));
  RawNode node = MakeNode("web-1", 'a');
  ASSERT_NO_FATAL_FAILURE(CommitIntoAHeldSync(&node));
  config_.drain_ms = 1;
  ASSERT_OK(hub_->Reload(config_));
  std::future<void> drained = std::async(std::launch::async, [this] { hub_->Drain(); });
  EXPECT_EQ(node.Farewell().why(), v1::Goodbye::DRAINING);
  EXPECT_TRUE(store_->syncs_held() > 0) << "nobody has waited for the disk";
  store_->Hold(false);
  drained.get();
}

// A real hub. What waits for the deaf node cannot be written, nor can its goodbye.
TEST(StopOfAProcessTest, ANodeThatDoesNotReadIsLeftBehindAtTheDeadline) {
  // Room for 32 commits: it fills when nothing leaves it, not when what leaves it is slow for once.
  HubProcess hub({"--drain-ms", "200", "--outbox-bytes-max", "1048576"});
  ASSERT_OK(hub.Start());
  RawNode deaf(hub.endpoint(), kApp, "deaf", 'd');
  ASSERT_TRUE(deaf.Attach().has_attached());
  deaf.Open("page");
  RawNode writer(hub.endpoint(), kApp, "web-1", 'a');
  ASSERT_TRUE(writer.Attach().has_attached());
  const uint64_t number = writer.Open("page").opened().number();
  HubProbe probe(hub.endpoint());
  int64_t commits = 0;
  // Its outbox has overflowed, and what is left there does not leave.
  const auto is_stuck = [&] {
    return probe.Status().counters().lapses() > 0 && probe.Node("deaf").outbox_bytes() > 0;
  };
  while (!is_stuck()) {
    v1::Delta delta = DeltaOn(number, PutString("text", std::string(32 << 10, 'x')));
    *delta.add_ops() = IncrementInt("n", 1);
    ASSERT_GT(writer.Commit(delta).from(), 0u) << "it is not applied";
    ++commits;
  }
  hub.Terminate();
  EXPECT_EQ(writer.Farewell().why(), v1::Goodbye::DRAINING);
  EXPECT_EQ(hub.Wait().value_or(-1), 0) << hub.log();
  EXPECT_THAT(hub.log(), HasSubstr("event=stopped"));
  EXPECT_EQ(deaf.Farewell().why(), v1::Goodbye::WHY_UNSPECIFIED)
      << "it was never in the way of the stop";
  ASSERT_OK(hub.Start());
  EXPECT_EQ(HubProbe(hub.endpoint()).Integer(kApp, "page", "n"), commits);
}

}  // namespace
}  // namespace sessionhub
