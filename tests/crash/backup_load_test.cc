// Backups of a real hub while nodes commit all the time, the hub killed, and each backup restored
// and served under the same nodes: every commit that was acked before the call is there, none that
// was begun after its answer, and no commit in parts.
//
// What is acked is noted outside of hub and client. Nodes reach the hub through a relay, so that
// the test sees what a restored hub holds before they send anything again.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/relay.h"
#include "tests/support/shell.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::ConnectTo;
using testing::HubProbe;
using testing::HubProcess;
using testing::IntegerAt;
using testing::kApp;
using testing::OpenOrCreate;
using testing::Relay;
using testing::RunShell;
using testing::ShellRun;
using testing::WaitFor;

constexpr int kNodes = 2;
constexpr int kBackups = 3;
constexpr uint64_t kInFlight = 32;         // of each node, always
constexpr uint64_t kAckedBetween = 1'000;  // commits of each node, before and after each backup
constexpr char kFill[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// A node whose n-th commit sets two fields of its own session to n.
class CountingNode {
 public:
  CountingNode(const std::string& endpoint, int number)
      : name_("web-" + std::to_string(number)), client_(ConnectTo(endpoint, name_)) {}

  absl::Status Open() {
    auto session = OpenOrCreate(client_, name_);
    if (!session.ok()) return session.status();
    session_ = std::make_unique<Session>(*std::move(session));
    return absl::OkStatus();
  }

  void KeepBusy() {
    while (begun_ < counts_->ended + kInFlight) CommitNext();
  }
  void CommitNext() {
    const uint64_t n = ++begun_;
    Edit edit = session_->Begin();
    edit.Set("first", static_cast<int64_t>(n));
    edit.Set("fill/" + std::to_string(n % 100), kFill + std::to_string(n));
    edit.Set("second", static_cast<int64_t>(n));
    std::move(edit).Commit(Ack::kDurable, [counts = counts_, n](const Committed& done) {
      // In order: the hub answers a node's commits as it has sent them.
      if (done.applied()) counts->acked = n;
      if (!done.applied()) ++counts->failed;
      ++counts->ended;
    });
  }

  // Numbers of commits.
  uint64_t begun() const { return begun_; }
  uint64_t acked() const { return counts_->acked; }
  uint64_t failed() const { return counts_->failed; }
  uint64_t open() const { return begun_ - counts_->ended; }

  const std::string& name() const { return name_; }
  Client& client() { return client_; }
  const Session& session() const { return *session_; }

 private:
  struct Counts {
    std::atomic<uint64_t> acked = 0;
    std::atomic<uint64_t> failed = 0;
    std::atomic<uint64_t> ended = 0;
  };
  const std::string name_;
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
  std::atomic<uint64_t> begun_ = 0;
  std::unique_ptr<Session> session_;
  Client client_;
};

// What was known when a backup was asked for, and when it was there.
struct Taken {
  uint32_t id = 0;
  std::vector<uint64_t> acked_before;
  std::vector<uint64_t> begun_after;
};

class BackupLoadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    relay_ = std::make_unique<Relay>(hub_.port());
    for (int i = 0; i < kNodes; ++i) {
      nodes_.push_back(std::make_unique<CountingNode>(relay_->endpoint(), i + 1));
      ASSERT_OK(nodes_.back()->Open());
    }
    history_ = HubProbe(hub_.endpoint()).Status().history_id();
  }

  // Until each node has so many more acks.
  void LoadFor(uint64_t commits) {
    std::vector<uint64_t> enough;
    for (const auto& node : nodes_) enough.push_back(node->acked() + commits);
    ASSERT_TRUE(WaitFor([&] {
      bool all = true;
      for (size_t i = 0; i < nodes_.size(); ++i) {
        nodes_[i]->KeepBusy();
        all = all && nodes_[i]->acked() >= enough[i];
      }
      return all;
    }));
  }

  // Called beside the load, which goes on.
  Taken Take() {
    Taken taken;
    const auto admin = v1::Admin::NewStub(testing::NewChannel(hub_.endpoint()));
    grpc::ClientContext context;
    v1::CreateBackupResponse response;
    for (const auto& node : nodes_) taken.acked_before.push_back(node->acked());
    const grpc::Status status = admin->CreateBackup(&context, {}, &response);
    for (const auto& node : nodes_) taken.begun_after.push_back(node->begun());
    EXPECT_TRUE(status.ok()) << status.error_message();
    taken.id = response.backup().id();
    return taken;
  }

  void TakeUnderLoad() {
    ASSERT_NO_FATAL_FAILURE(LoadFor(kAckedBetween));
    std::future<Taken> taken = std::async(std::launch::async, [this] { return Take(); });
    ASSERT_TRUE(WaitFor([&] {
      for (const auto& node : nodes_) node->KeepBusy();
      return taken.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }));
    taken_.push_back(taken.get());
    // So that there is something that must not be in it.
    ASSERT_NO_FATAL_FAILURE(LoadFor(kAckedBetween));
  }

  // With the operator's command.
  void Restore(uint32_t id, const std::string& data_dir) {
    const ShellRun run =
        RunShell(std::string(SESSIONHUBCTL_PATH) + " backup restore --backup-dir " + backups() +
                 " --backup " + std::to_string(id) + " --data-dir " + data_dir);
    ASSERT_EQ(run.code, 0) << run.output;
    const ShellRun doctor =
        RunShell(std::string(SESSIONHUBCTL_PATH) + " doctor --data-dir " + data_dir);
    EXPECT_EQ(doctor.code, 0) << doctor.output;
  }

  void CheckHeld(const Taken& taken) {
    HubProbe probe(hub_.endpoint());
    EXPECT_NE(probe.Status().history_id(), history_);
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const std::string& name = nodes_[i]->name();
      SCOPED_TRACE(name);
      const auto held = static_cast<uint64_t>(probe.Integer(kApp, name, "first").value_or(0));
      EXPECT_EQ(probe.Integer(kApp, name, "second").value_or(0), static_cast<int64_t>(held));
      EXPECT_GE(held, taken.acked_before[i]) << "an acked commit is missing";
      EXPECT_LE(held, taken.begun_after[i]) << "a commit that came later is there";
      EXPECT_EQ(probe.Version(kApp, name), 1 + held) << "one version for each commit";
    }
  }

  std::string backups() const { return folder_.path() + "/backups"; }

  const testing::TemporaryFolder folder_;
  HubProcess hub_{{"--backup-dir", folder_.path() + "/backups"}};
  std::unique_ptr<Relay> relay_;
  std::vector<std::unique_ptr<CountingNode>> nodes_;
  std::string history_;
  std::vector<Taken> taken_;
};

TEST_F(BackupLoadTest, RestoresToWholeCommitsFromBeforeTheCallAndNoneFromAfterTheAnswer) {
  for (int i = 0; i < kBackups; ++i) ASSERT_NO_FATAL_FAILURE(TakeUnderLoad());
  hub_.Freeze();
  for (auto& node : nodes_) node->CommitNext();  // which nobody answers
  relay_->Refuse(true);
  hub_.Kill();
  ASSERT_TRUE(
      WaitFor([&] { return !nodes_[0]->client().attached() && !nodes_[1]->client().attached(); }));
  for (const Taken& taken : taken_) {
    SCOPED_TRACE("backup " + std::to_string(taken.id));
    const std::string data_dir = folder_.path() + "/restored-" + std::to_string(taken.id);
    ASSERT_NO_FATAL_FAILURE(Restore(taken.id, data_dir));
    hub_.set_data_dir(data_dir);
    ASSERT_OK(hub_.Start());
    CheckHeld(taken);
    if (taken.id != taken_.back().id) hub_.Kill();
  }
  ASSERT_FALSE(HasFailure());

  // Under the nodes that live on: they cannot know what became of what was pending, drop their
  // copies, and work on with what there is.
  relay_->Refuse(false);
  for (auto& node : nodes_) {
    ASSERT_TRUE(WaitFor([&] { return node->open() == 0; }));
    EXPECT_GT(node->failed(), 0u);
    EXPECT_FALSE(node->session().Read().ok()) << "a copy of another history";
    ASSERT_OK(node->Open());
    const int64_t held = IntegerAt(node->session(), "first");
    EXPECT_LE(held, static_cast<int64_t>(taken_.back().begun_after[node->name().back() - '1']));
    Edit edit = node->session().Begin();
    edit.Increment("first");
    const Committed done = testing::Apply(std::move(edit));
    EXPECT_TRUE(done.applied()) << done.status;
    EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, node->name(), "first"), held + 1);
  }
}

}  // namespace
}  // namespace sessionhub
