// Strategies of sharing sessions in service on a network of hosts: what the nodes then have is what
// users have written, and what the hosts have sent is more than what had to be told.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/compare/cluster.h"
#include "bench/compare/driver.h"
#include "bench/compare/namespace_bed.h"
#include "bench/compare/strategies.h"
#include "bench/compare/test_bed.h"
#include "bench/compare/workload.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using bench::Cell;
using bench::Cluster;
using bench::Driver;
using bench::RequestTally;
using bench::SessionFields;
using bench::TestBed;
using testing::WaitFor;

constexpr size_t kChanges = 100;
constexpr uint64_t kFirstStream = 1;

class CompareTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto bed = bench::MakeNamespaceBed();
    if (absl::IsPermissionDenied(bed.status()) || absl::IsNotFound(bed.status())) {
      GTEST_SKIP() << bed.status();
    }
    ASSERT_OK(bed);
    bed_ = *std::move(bed);
    cell_.sessions = 10;
    cell_.requests = kChanges;
  }

  // NotFound if a server is not installed.
  absl::Status Start(const std::string& strategy) {
    const bench::ComparedStrategy* const found = bench::FindStrategy(strategy);
    cluster_ = found->make(
        bed_.get(),
        {.nodes = cell_.nodes, .round_robin = cell_.round_robin, .folder = folder_.path()});
    return cluster_->Start();
  }

  // Creates the sessions and makes the changes; what hosts sent for these.
  uint64_t SentForChanges() {
    auto driver = Driver::Make(*bed_, *cluster_, cell_);
    EXPECT_OK(driver);
    driver_ = *std::move(driver);
    const auto created = driver_->CreateSessions();
    EXPECT_OK(created);
    EXPECT_EQ(created->errors, 0u) << created->first_error;
    const auto before = bed_->Count();
    Change();
    const auto after = bed_->Count();
    return (*after - *before).bytes;
  }

  // Each time other values.
  void Change() {
    const auto changed = driver_->Run(kChanges, kFirstStream + streams_++);
    EXPECT_OK(changed);
    EXPECT_EQ(changed->errors, 0u) << changed->first_error;
    EXPECT_EQ(changed->changes, kChanges);
  }

  // The sessions as the requests leave them.
  std::vector<SessionFields> Expected() const {
    std::vector<SessionFields> sessions;
    for (size_t session = 0; session < cell_.sessions; ++session) {
      sessions.push_back(bench::FirstFields(cell_, session));
    }
    for (size_t stream = 0; stream < streams_; ++stream) {
      for (size_t user = 0; user < UsersOf(cell_); ++user) {
        ApplyRequests(bench::UserRequests(cell_, user, kFirstStream + stream), &sessions);
      }
    }
    return sessions;
  }

  static void ApplyRequests(bench::UserRequests requests, std::vector<SessionFields>* sessions) {
    for (size_t i = 0; i < requests.count(); ++i) {
      const bench::WebRequest request = requests.Next();
      for (const auto& [name, value] : request.changes) (*sessions)[request.session][name] = value;
    }
  }

  bool Has(size_t node, size_t session) {
    const auto fields = driver_->Dump(node, session);
    return fields.ok() && *fields == Expected()[session];
  }
  bool HasAll(size_t node) {
    for (size_t session = 0; session < cell_.sessions; ++session) {
      if (!Has(node, session)) return false;
    }
    return true;
  }
  void ExpectAllNodesHaveAll() {
    for (size_t node = 0; node < cell_.nodes; ++node) {
      EXPECT_TRUE(WaitFor([&] { return HasAll(node); })) << "node " << node;
    }
  }

  const testing::TemporaryFolder folder_;
  std::unique_ptr<TestBed> bed_;
  Cell cell_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Driver> driver_;
  size_t streams_ = 0;  // of changes that were made
};

TEST_F(CompareTest, BroadcastOfFieldsBringsEachChangeToTheOtherNode) {
  ASSERT_OK(Start("broadcast_fields"));
  EXPECT_GT(SentForChanges(), kChanges * bench::kHotValueBytes);
  ExpectAllNodesHaveAll();
  EXPECT_TRUE(cluster_->ServerPids().empty());
  EXPECT_TRUE(absl::IsFailedPrecondition(cluster_->RestartServer()));
  EXPECT_OK(cluster_->Stop());
}

TEST_F(CompareTest, BroadcastOfSessionsSendsThemWhole) {
  cell_.round_robin = true;
  ASSERT_OK(Start("broadcast_sessions"));
  EXPECT_GT(SentForChanges(), kChanges * cell_.session_bytes);
  ExpectAllNodesHaveAll();
  EXPECT_OK(cluster_->Stop());
}

TEST_F(CompareTest, ANodeThatStartsAgainGetsWhatItsPeersHave) {
  cell_.nodes = 3;
  ASSERT_OK(Start("broadcast_fields"));
  SentForChanges();
  ExpectAllNodesHaveAll();
  ASSERT_OK(cluster_->KillNode(1));
  EXPECT_FALSE(driver_->Dump(1, 0).ok());
  ASSERT_OK(cluster_->StartNode(1));
  ExpectAllNodesHaveAll();
  // Its peers name sessions and fields as they did before, and it names them anew.
  Change();
  ExpectAllNodesHaveAll();
}

TEST_F(CompareTest, TheHubPushesEachChangeAndKeepsItOverItsRestart) {
  ASSERT_OK(Start("sessionhub_push"));
  EXPECT_GT(SentForChanges(), kChanges * bench::kHotValueBytes);
  ExpectAllNodesHaveAll();
  ASSERT_EQ(cluster_->ServerPids().size(), 1u);
  ASSERT_OK(cluster_->RestartServer());
  // A node without a copy has to ask the hub.
  ASSERT_OK(cluster_->KillNode(0));
  ASSERT_OK(cluster_->StartNode(0));
  ExpectAllNodesHaveAll();
  EXPECT_OK(cluster_->Stop());
}

TEST_F(CompareTest, TheHubInvalidatesAndNodesInTurnReadWhatIsNew) {
  cell_.round_robin = true;
  ASSERT_OK(Start("sessionhub_invalidate"));
  EXPECT_GT(SentForChanges(), kChanges * bench::kHotValueBytes);
  ExpectAllNodesHaveAll();
  EXPECT_OK(cluster_->Stop());
}

TEST_F(CompareTest, StickyNodesSayNothingAndTheBalancerKeepsUsersWhereTheyAre) {
  if (const absl::Status status = Start("sticky_only"); absl::IsNotFound(status)) {
    GTEST_SKIP() << status;
  } else {
    ASSERT_OK(status);
  }
  EXPECT_EQ(SentForChanges(), 0u);
  for (size_t session = 0; session < cell_.sessions; ++session) {
    EXPECT_TRUE(Has(HomeOf(cell_, session), session));
    EXPECT_FALSE(Has(1 - HomeOf(cell_, session), session));
  }
  EXPECT_OK(cluster_->Stop());
}

TEST_F(CompareTest, AHostIsKnownOnceItIsAdded) {
  EXPECT_TRUE(absl::IsFailedPrecondition(bed_->DoOn(7, [] { return absl::OkStatus(); })));
  ASSERT_OK(bed_->AddHost(7));
  ASSERT_OK(bed_->AddHost(7));
  EXPECT_TRUE(absl::IsAborted(bed_->DoOn(7, [] { return absl::AbortedError("as told"); })));
  const auto sent = bed_->Count();
  ASSERT_OK(sent);
  EXPECT_EQ(sent->bytes, 0u);
}

}  // namespace
}  // namespace sessionhub
