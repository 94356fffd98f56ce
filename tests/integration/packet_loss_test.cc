// Packets that vanish without a word: no side's system tells it, so each must notice by the other's
// silence. The hub listens on every address of a loopback of this test's own; the node that is cut
// off reaches it at one, the others at another.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "tests/support/hub_process.h"
#include "tests/support/packet_filter.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::Apply;
using testing::ConnectTo;
using testing::HubProbe;
using testing::HubProcess;
using testing::IntegerAt;
using testing::kApp;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::PacketFilter;
using testing::WaitFor;

constexpr char kCutOff[] = "127.0.0.2";
constexpr int kHeartbeatMs = 300;

class PacketLossTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { entered_ = PacketFilter::EnterOwnNetwork(); }

  void SetUp() override {
    if (!entered_.ok()) GTEST_SKIP() << entered_;
    ASSERT_OK(PacketFilter::PassAll());
    ASSERT_OK(hub_.Start());
    node_ = std::make_unique<Client>(
        ConnectTo(std::string(kCutOff) + ":" + std::to_string(hub_.port()), "cut-off"));
    other_ = std::make_unique<Client>(ConnectTo(hub_.endpoint(), "other"));
    const auto opened = OpenOrCreate(*node_, "ada");
    ASSERT_OK(opened);
    session_ = std::make_unique<Session>(*opened);
    const auto opened_by_other = OpenOrCreate(*other_, "ada");
    ASSERT_OK(opened_by_other);
    session_of_other_ = std::make_unique<Session>(*opened_by_other);
    outcomes_.Increment(*session_, "n");
    ASSERT_TRUE(WaitFor([this] { return outcomes_.applied() == 1; }));
  }
  void TearDown() override {
    if (entered_.ok()) {
      EXPECT_OK(PacketFilter::PassAll());
    }
  }

  // Waits until it has, and says how long that took: a figure, not a condition.
  void WaitUntilNoticed(const char* who, const std::function<bool()>& noticed) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(WaitFor(noticed)) << who;
    const auto took = std::chrono::steady_clock::now() - begin;
    std::cout << who << "_noticed_ms="
              << std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
              << " heartbeat_ms=" << kHeartbeatMs << std::endl;
  }

  bool HubHasNoticed() { return !HubProbe(hub_.endpoint()).Node("cut-off").attached(); }
  bool NodeHasNoticed() const { return !node_->attached(); }

  // Nobody waits for the node that is cut off.
  void ExpectOthersServed() {
    Edit edit = session_of_other_->Begin();
    edit.Increment("m");
    EXPECT_OK(Apply(std::move(edit)).status);
    ++commits_of_other_;
  }

  // What the node had sent is applied, once; what it has missed arrives.
  void ExpectAllWellAgain() {
    ASSERT_OK(PacketFilter::PassAll());
    EXPECT_TRUE(WaitFor([this] { return outcomes_.open() == 0; }));
    EXPECT_EQ(outcomes_.failed(), 0u);
    EXPECT_TRUE(WaitFor([this] { return IntegerAt(*session_, "m") == commits_of_other_; }));
    EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, "ada", "n"),
              static_cast<int64_t>(outcomes_.submitted()));
    EXPECT_TRUE(node_->attached());
  }

  HubProcess hub_{{"--listen", "0.0.0.0:0", "--insecure-listen", "--heartbeat-ms",
                   std::to_string(kHeartbeatMs)}};
  std::unique_ptr<Client> node_;
  std::unique_ptr<Client> other_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> session_of_other_;
  Outcomes outcomes_;
  int64_t commits_of_other_ = 0;
  inline static absl::Status entered_;
};

TEST_F(PacketLossTest, BothSidesNotice) {
  ASSERT_OK(PacketFilter::DropTo(kCutOff));
  ASSERT_OK(PacketFilter::DropFrom(kCutOff));
  outcomes_.Increment(*session_, "n");
  ExpectOthersServed();
  WaitUntilNoticed("both", [this] { return HubHasNoticed() && NodeHasNoticed(); });
  EXPECT_EQ(outcomes_.open(), 1u);
  ExpectOthersServed();
  ExpectAllWellAgain();
}

// The node's packets still arrive, the hub's do not.
TEST_F(PacketLossTest, ANodeThatHearsNothingNotices) {
  ASSERT_OK(PacketFilter::DropFrom(kCutOff));
  outcomes_.Increment(*session_, "n");
  ExpectOthersServed();
  WaitUntilNoticed("node", [this] { return NodeHasNoticed(); });
  ExpectOthersServed();
  ExpectAllWellAgain();
}

// The hub's packets still arrive, the node's do not.
TEST_F(PacketLossTest, AHubThatHearsNothingNotices) {
  ASSERT_OK(PacketFilter::DropTo(kCutOff));
  outcomes_.Increment(*session_, "n");
  ExpectOthersServed();
  WaitUntilNoticed("hub", [this] { return HubHasNoticed(); });
  EXPECT_EQ(outcomes_.open(), 1u);
  ExpectOthersServed();
  ExpectAllWellAgain();
}

// A commit may arrive again and again after each cut; it is applied once.
TEST_F(PacketLossTest, CutsAgainAndAgainLoseNothing) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_OK(i % 2 == 0 ? PacketFilter::DropFrom(kCutOff) : PacketFilter::DropTo(kCutOff));
    outcomes_.Increment(*session_, "n");
    EXPECT_TRUE(WaitFor([this] { return NodeHasNoticed() || HubHasNoticed(); }));
    ExpectOthersServed();
    ExpectAllWellAgain();
  }
}

}  // namespace
}  // namespace sessionhub
