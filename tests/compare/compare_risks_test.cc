// The trials of what is risked, on real processes in network namespaces: what sessionhub promises
// is kept, and what a broadcast cannot keep is seen to be lost.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "bench/compare/namespace_bed.h"
#include "bench/compare/risks.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

class CompareRisksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<TestBed>> bed = MakeNamespaceBed();
    if (absl::IsPermissionDenied(bed.status()) || absl::IsNotFound(bed.status())) {
      GTEST_SKIP() << bed.status();
    }
    ASSERT_OK(bed);
    bed_ = *std::move(bed);
    plan_ = QuickRisks(10);
    plan_.sessions_per_kill = 2;
    plan_.heal_max = UsualRisks(1).heal_max;
  }

  absl::StatusOr<RiskFigures> Measure(const std::string& strategy) {
    return MeasureRisks(*FindStrategy(strategy), plan_, bed_.get(), folder_.path(),
                        [](const std::string&) {});
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<TestBed> bed_;
  RiskPlan plan_;
};

std::string TextOf(const RiskFigures& figures) {
  return RisksJson(figures).dump(2);
}

TEST_F(CompareRisksTest, SessionhubLosesNothing) {
  const absl::StatusOr<RiskFigures> figures = Measure("sessionhub_push");
  ASSERT_OK(figures);
  SCOPED_TRACE(TextOf(*figures));
  ASSERT_TRUE(figures->failed.empty());
  // Ten kills, or ten sessions at least where a busy machine starts nodes slowly.
  EXPECT_GE(figures->killed->lost_by_kill.size(), 1u);
  EXPECT_GE(figures->killed->last.all(), 10u);
  EXPECT_EQ(figures->killed->last.lost(), 0u);
  EXPECT_GT(figures->reconnect->last.all(), 0u);
  EXPECT_GT(figures->reconnect->changes, 0u);
  EXPECT_EQ(figures->reconnect->last.lost(), 0u);
  EXPECT_EQ(figures->concurrent->trials, 10u);
  EXPECT_EQ(figures->concurrent->lost, 0u);
  EXPECT_EQ(figures->concurrent->refused, 0u);
  EXPECT_EQ(figures->burst->changed.lost() + figures->burst->created.lost(), 0u);
  EXPECT_EQ(figures->nodes_restart->left, plan_.restart_sessions);
  ASSERT_TRUE(figures->server_restart.has_value());
  EXPECT_EQ(figures->server_restart->left, plan_.restart_sessions);
}

// What nodes keep in their memory only does not outlive them.
TEST_F(CompareRisksTest, ABroadcastLosesAllSessionsWithItsNodes) {
  const ClusterOptions options = {.nodes = 1, .round_robin = true, .folder = folder_.path()};
  const std::unique_ptr<Cluster> cluster =
      FindStrategy("broadcast_fields")->make(bed_.get(), options);
  ASSERT_OK(cluster->Start());
  const auto site = RiskSite::Make(bed_.get(), cluster.get(), options);
  ASSERT_OK(site);
  const absl::StatusOr<RestartFigures> restart = TryNodesRestart(plan_, site->get());
  ASSERT_OK(restart);
  EXPECT_EQ(restart->sessions, plan_.restart_sessions);
  EXPECT_EQ(restart->left, 0u);
  const absl::StatusOr<std::optional<RestartFigures>> server = TryServerRestart(plan_, site->get());
  ASSERT_OK(server);
  EXPECT_FALSE(server->has_value()) << "there is no server";
  EXPECT_OK(cluster->Stop());
}

class Socket {
 public:
  Socket() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(fd_); }
  int fd() const { return fd_; }

 private:
  const int fd_;
};

constexpr int kPort = 7'000;

// Calls bind() or connect() with an address on the back network.
template <typename Call>
absl::Status OfBack(const Call& call, const Socket& socket, const std::string& ip) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
  if (call(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(std::strerror(errno));
}

TEST_F(CompareRisksTest, AHostThatIsCutLosesItsConnectionsAndComesBack) {
  ASSERT_OK(bed_->AddHost(1));
  ASSERT_OK(bed_->AddHost(2));
  std::optional<Socket> listener, connection, another;
  ASSERT_OK(bed_->DoOn(1, [&] {
    listener.emplace();
    const absl::Status status = OfBack(bind, *listener, bed_->BackIp(1));
    listen(listener->fd(), SOMAXCONN);
    return status;
  }));
  ASSERT_OK(bed_->DoOn(2, [&] {
    connection.emplace();
    return OfBack(connect, *connection, bed_->BackIp(1));
  }));
  ASSERT_OK(bed_->SetBackCable(2, false));
  const BackCounters before = *bed_->Count();
  const absl::StatusOr<size_t> broken = bed_->BreakBackConnections(2);
  if (absl::IsUnimplemented(broken.status())) GTEST_SKIP() << broken.status();
  ASSERT_OK(broken);
  EXPECT_EQ(*broken, 1u);
  char byte = 0;
  EXPECT_EQ(recv(connection->fd(), &byte, 1, 0), -1) << "its program sees that at once";
  EXPECT_EQ((*bed_->Count() - before).frames, 0u) << "nobody else hears of it";
  ASSERT_OK(bed_->SetBackCable(2, true));
  EXPECT_OK(bed_->DoOn(2, [&] {
    another.emplace();
    return OfBack(connect, *another, bed_->BackIp(1));
  }));
}

}  // namespace
}  // namespace sessionhub::bench
