// A real hub, killed again and again while two real nodes commit: every increment that was applied
// is there, each exactly once. The nodes reach the hub through a relay, so that the test sees what
// a new hub holds before they send anything again.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/relay.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::Below;
using testing::ConnectTo;
using testing::HubProbe;
using testing::HubProcess;
using testing::IntegerAt;
using testing::kApp;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::Random;
using testing::Relay;
using testing::WaitFor;

constexpr int kKills = 20;
constexpr int kNodes = 2;
constexpr uint64_t kInFlight = 16;          // of each node and session, always
constexpr uint64_t kAckedPerLifeMax = 400;  // before the kill

// One node: increments a field of its own in a session that both share, and a session of its own.
class LoadedNode {
 public:
  LoadedNode(const std::string& endpoint, int number)
      : name_("web-" + std::to_string(number)), client_(ConnectTo(endpoint, name_)) {}

  absl::Status Open() {
    shared_ = OpenOrCreate(client_, "shared");
    if (!shared_.ok()) return shared_.status();
    own_ = OpenOrCreate(client_, name_);
    return own_.status();
  }

  void KeepBusy() {
    while (on_shared_.open() < kInFlight) on_shared_.Increment(*shared_, name_);
    while (on_own_.open() < kInFlight) on_own_.Increment(*own_, name_);
  }

  void CommitOneMore() {
    on_shared_.Increment(*shared_, name_);
    on_own_.Increment(*own_, name_);
  }

  bool attached() const { return client_.attached(); }
  uint64_t applied() const { return on_shared_.applied() + on_own_.applied(); }
  uint64_t open() const { return on_shared_.open() + on_own_.open(); }
  uint64_t failed() const { return on_shared_.failed() + on_own_.failed(); }
  const std::string& name() const { return name_; }
  const Session& shared() const { return *shared_; }
  const Outcomes& on_shared() const { return on_shared_; }
  const Outcomes& on_own() const { return on_own_; }
  ClientStats stats() const { return client_.stats(); }

 private:
  const std::string name_;
  Client client_;
  absl::StatusOr<Session> shared_;
  absl::StatusOr<Session> own_;
  Outcomes on_shared_;
  Outcomes on_own_;
};

class HubCrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    relay_ = std::make_unique<Relay>(hub_.port());
    for (int i = 0; i < kNodes; ++i) {
      nodes_[i] = std::make_unique<LoadedNode>(relay_->endpoint(), i + 1);
      ASSERT_OK(nodes_[i]->Open());
    }
  }

  uint64_t Applied() const { return nodes_[0]->applied() + nodes_[1]->applied(); }

  // Under load until the hub has acked a random number of commits, then SIGKILL: some are on their
  // way, some synced, some acked. Those that are committed once it is frozen cannot be answered.
  void LoadAndKill(Random& random) {
    const uint64_t enough = Applied() + 1 + Below(random, kAckedPerLifeMax);
    ASSERT_TRUE(WaitFor([&] {
      for (auto& node : nodes_) node->KeepBusy();
      return Applied() >= enough;
    }));
    hub_.Freeze();
    for (auto& node : nodes_) node->CommitOneMore();
    relay_->Refuse(true);
    hub_.Kill();
    ASSERT_TRUE(WaitFor([&] { return !nodes_[0]->attached() && !nodes_[1]->attached(); }));
    unacked_at_kills_ += nodes_[0]->open() > 0 && nodes_[1]->open() > 0 ? 1 : 0;
  }

  // Before any node is back: a session holds what was acked, one version for each increment.
  void CheckNothingAckedIsLost(HubProbe& probe, const std::string& session,
                               const std::vector<const Outcomes*>& outcomes) {
    SCOPED_TRACE(session);
    uint64_t all = 0;
    for (size_t i = 0; i < outcomes.size(); ++i) {
      const std::string& field = outcomes.size() == 1 ? session : nodes_[i]->name();
      const auto found = static_cast<uint64_t>(probe.Integer(kApp, session, field).value_or(0));
      EXPECT_GE(found, outcomes[i]->applied());
      EXPECT_LE(found, outcomes[i]->submitted());
      EXPECT_GE(probe.Version(kApp, session), outcomes[i]->version());
      all += found;
    }
    EXPECT_EQ(probe.Version(kApp, session), 1 + all);
  }

  void CheckNothingAckedIsLost() {
    HubProbe probe(hub_.endpoint());
    CheckNothingAckedIsLost(probe, "shared", {&nodes_[0]->on_shared(), &nodes_[1]->on_shared()});
    for (const auto& node : nodes_) {
      CheckNothingAckedIsLost(probe, node->name(), {&node->on_own()});
    }
  }

  HubProcess hub_;
  std::unique_ptr<Relay> relay_;
  std::array<std::unique_ptr<LoadedNode>, kNodes> nodes_;
  int unacked_at_kills_ = 0;  // kills that met commits of each node without an answer
};

TEST_F(HubCrashTest, EveryIncrementIsThereExactlyOnceAfterTwentyKills) {
  int kills = 0;
  testing::ForEachCase(kKills, [&](Random& random) {
    ASSERT_NO_FATAL_FAILURE(LoadAndKill(random));
    ASSERT_OK(hub_.Start());
    CheckNothingAckedIsLost();
    ASSERT_FALSE(HasFailure());
    relay_->Refuse(false);
    ++kills;
  });
  EXPECT_EQ(unacked_at_kills_, kills);
  ::testing::Test::RecordProperty("unacked_at_kills", unacked_at_kills_);
  ASSERT_TRUE(WaitFor([&] { return nodes_[0]->open() + nodes_[1]->open() == 0; }));

  HubProbe probe(hub_.endpoint());
  uint64_t shared = 0;
  uint64_t resent = 0;
  for (const auto& node : nodes_) {
    EXPECT_EQ(node->failed(), 0u);
    EXPECT_EQ(probe.Integer(kApp, "shared", node->name()), node->on_shared().submitted());
    EXPECT_EQ(probe.Integer(kApp, node->name(), node->name()), node->on_own().submitted());
    EXPECT_EQ(probe.Version(kApp, node->name()), 1 + node->on_own().submitted());
    resent += node->stats().resent;
    shared += node->on_shared().submitted();
  }
  EXPECT_EQ(probe.Version(kApp, "shared"), 1 + shared);
  EXPECT_GT(resent, 0u);
  // And both copies of the shared session say the same.
  for (const auto& reader : nodes_) {
    for (const auto& writer : nodes_) {
      const auto all = static_cast<int64_t>(writer->on_shared().submitted());
      EXPECT_TRUE(WaitFor([&] { return IntegerAt(reader->shared(), writer->name()) == all; }));
    }
  }
}

}  // namespace
}  // namespace sessionhub
