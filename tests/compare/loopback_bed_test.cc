// The bed of the loopback interface: real sockets, whose payloads are counted, and the whole
// comparison where network namespaces are refused.
#include "bench/compare/loopback_bed.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "bench/compare/programs.h"
#include "bench/compare/risks.h"
#include "bench/compare/workload.h"
#include "proto/session/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

using ::testing::_;
using ::testing::HasSubstr;
using testing::StatusIs;

class LoopbackBedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<TestBed>> bed = MakeLoopbackBed();
    // There may be no `ss`, or another comparison on this machine. A bed that counts nothing would
    // be Unimplemented, and fails.
    if (absl::IsNotFound(bed.status()) || absl::IsFailedPrecondition(bed.status())) {
      GTEST_SKIP() << bed.status();
    }
    ASSERT_OK(bed);
    bed_ = *std::move(bed);
    for (const size_t host : {1, 2}) ASSERT_OK(bed_->AddHost(host));
  }

  std::unique_ptr<TestBed> bed_;
};

// A TCP connection of this process with itself.
class Connection {
 public:
  Connection(const std::string& to, const std::string& from) {
    sockaddr_in address = Address(to);
    EXPECT_EQ(bind(listener_, Generic(&address), sizeof(address)), 0) << std::strerror(errno);
    EXPECT_EQ(listen(listener_, 1), 0);
    socklen_t bytes = sizeof(address);
    getsockname(listener_, Generic(&address), &bytes);
    if (!from.empty()) {
      sockaddr_in own = Address(from);
      EXPECT_EQ(bind(near_, Generic(&own), sizeof(own)), 0) << std::strerror(errno);
    }
    EXPECT_EQ(connect(near_, Generic(&address), sizeof(address)), 0) << std::strerror(errno);
    far_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    EXPECT_GE(far_, 0);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    for (const int fd : {near_, far_, listener_}) close(fd);
  }

  void SendThere(size_t bytes) const { Send(near_, bytes); }
  void SendBack(size_t bytes) const { Send(far_, bytes); }

 private:
  static sockaddr* Generic(sockaddr_in* address) { return reinterpret_cast<sockaddr*>(address); }
  static sockaddr_in Address(const std::string& ip) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, ip.c_str(), &address.sin_addr), 1);
    return address;
  }
  static void Send(int fd, size_t bytes) {
    const std::string text(bytes, 'x');
    EXPECT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes));
  }

  const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int near_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int far_ = -1;
};

TEST_F(LoopbackBedTest, CountsThePayloadOfEachDirectionOnce) {
  const BackCounters before = *bed_->Count();
  uint64_t expected_bytes = 0;
  const auto sent = [&] { return (*bed_->Count() - before).bytes; };
  {
    const Connection connection(bed_->BackIp(2), "");
    connection.SendThere(1'000);
    EXPECT_EQ(sent(), expected_bytes += 1'000);
    connection.SendBack(70);
    EXPECT_EQ(sent(), expected_bytes += 70);
    const Connection between_hosts(bed_->BackIp(2), bed_->BackIp(1));
    between_hosts.SendThere(5);
    EXPECT_EQ(sent(), expected_bytes += 5);
  }
  EXPECT_EQ(sent(), expected_bytes) << "what has gone stays counted";
  const Connection another(bed_->BackIp(1), "");
  another.SendBack(3);
  EXPECT_EQ(sent(), expected_bytes + 3);
  EXPECT_FALSE(bed_->Count()->frames.has_value());
}

TEST_F(LoopbackBedTest, DoesNotCountTheFrontNetwork) {
  const BackCounters before = *bed_->Count();
  const Connection request(bed_->FrontIp(1), bed_->ClientIp(0));
  request.SendThere(1'000);
  request.SendBack(1'000);
  EXPECT_EQ((*bed_->Count() - before).bytes, 0u);
}

TEST_F(LoopbackBedTest, HasClientsThatDifferInTheThirdNumber) {
  EXPECT_EQ(bed_->ClientIp(0), "127.19.128.1");
  EXPECT_EQ(bed_->ClientIp(99), "127.19.227.1");
  EXPECT_EQ(bed_->ClientIp(100), "127.19.128.2");
}

TEST_F(LoopbackBedTest, KnowsAHostOnceItIsAdded) {
  EXPECT_THAT(bed_->AddHost(0), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(bed_->AddHost(kHostMax + 1), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(bed_->DoOn(7, [] { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no host 7")));
  EXPECT_THAT(bed_->StartOn(7, {.argv = {"/bin/true"}, .output_path = "/dev/null"}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no host 7")));
  ASSERT_OK(bed_->AddHost(7));
  EXPECT_THAT(bed_->DoOn(7, [] { return absl::AbortedError("as told"); }),
              StatusIs(absl::StatusCode::kAborted, "as told"));
  const auto process = bed_->StartOn(7, {.argv = {"/bin/true"}, .output_path = "/dev/null"});
  ASSERT_OK(process);
  EXPECT_EQ((*process)->Wait(std::chrono::seconds(10)).value(), 0);
}

TEST_F(LoopbackBedTest, IsAloneOnItsInterface) {
  EXPECT_THAT(MakeLoopbackBed(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("one comparison")));
  bed_.reset();
  EXPECT_OK(MakeLoopbackBed());
}

TEST_F(LoopbackBedTest, TheTrialThatNeedsACableIsNamedAndNoFailure) {
  const testing::TemporaryFolder folder;
  RiskPlan plan = QuickRisks(2);
  plan.restart_sessions = 2;
  const absl::StatusOr<RiskFigures> figures =
      MeasureRisks(*FindStrategy("broadcast_fields"), plan, bed_.get(), folder.path(),
                   [](const std::string&) {});
  ASSERT_OK(figures);
  ASSERT_EQ(figures->failed.size(), 1u) << RisksJson(*figures).dump(2);
  EXPECT_EQ(figures->failed[0].trial, "reconnect");
  EXPECT_THAT(figures->failed[0].why, HasSubstr("no cable"));
  EXPECT_FALSE(AnyFailed(*figures));
  EXPECT_FALSE(figures->reconnect.has_value());
  EXPECT_TRUE(figures->killed.has_value() && figures->concurrent.has_value() &&
              figures->burst.has_value() && figures->nodes_restart.has_value());
}

TEST_F(LoopbackBedTest, ATomcatIsNotThereForWantOfMulticast) {
  const testing::TemporaryFolder folder;
  const auto cluster =
      FindStrategy("tomcat_delta_sync")->make(bed_.get(), {.folder = folder.path()});
  EXPECT_THAT(cluster->Start(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("multicast")));
}

// The program itself, in a user namespace of its own, whose limits are its own too: no network
// namespace is below them.
class RefusedNamespaces : public LoopbackBedTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(LoopbackBedTest::SetUp());
    if (IsSkipped()) return;
    bed_.reset();  // the program is to have the interface
    const absl::Status refused = Run("true");
    if (!refused.ok()) GTEST_SKIP() << "no user namespace to refuse networks in: " << refused;
  }

  absl::Status Run(const std::string& command) const {
    ASSIGN_OR_RETURN(const std::string unshare, FindProgram("unshare", "util-linux"));
    return RunHelper({unshare, "--user", "--map-root-user", "/bin/sh", "-c",
                      "echo 0 > /proc/sys/user/max_net_namespaces && exec " + command},
                     output_path(), std::chrono::minutes(5));
  }

  // What had to be told for a request, without any protocol: whole sessions, by their size, or a
  // session's id with a field's name and value, to the hub and on to the other node.
  static double ToldBytes(const nlohmann::json& cell) {
    constexpr double kIdBytes = 32, kNameBytes = 3;
    const double session_bytes = cell["session_bytes"];
    const bool reads = cell["what"] == "read";
    if (cell["what"] == "create") return session_bytes;
    if (cell["strategy"] == "redis_whole") return reads ? session_bytes : 2 * session_bytes;
    return reads ? 0 : 2 * (kIdBytes + kNameBytes + kHotValueBytes);
  }

  static void ExpectPlausible(const nlohmann::json& cell) {
    const double bytes = cell["bytes_per_change"];
    const double told_bytes = ToldBytes(cell);
    EXPECT_GE(bytes, told_bytes);
    // A node that has a copy reads without a word, but the connection may have to say something.
    EXPECT_LE(bytes, told_bytes > 0 ? 3 * told_bytes : 100);
  }

  std::string Output() const {
    std::ostringstream text;
    text << std::ifstream(output_path()).rdbuf();
    return text.str();
  }
  std::string output_path() const { return folder_.path() + "/output"; }

  const testing::TemporaryFolder folder_;
};

TEST_F(RefusedNamespaces, ComparesByThePayloadsOfSockets) {
  const std::string json_path = folder_.path() + "/run.json";
  ASSERT_OK(Run(OwnProgram("sessionhub-bench") +
                " compare --quick --only sessionhub_push --only redis_whole --nodes 2 --json " +
                json_path))
      << Output();
  EXPECT_THAT(Output(), HasSubstr("hosts share the loopback interface"));
  const nlohmann::json run = nlohmann::json::parse(std::ifstream(json_path));
  EXPECT_EQ(run["network"], "socket payloads");
  EXPECT_TRUE(run["skipped"].empty()) << run["skipped"];
  std::map<std::string, size_t> cells;
  for (const nlohmann::json& cell : run["cells"]) {
    SCOPED_TRACE(cell.dump());
    ++cells[cell["strategy"]];
    EXPECT_TRUE(cell["frames_per_change"].is_null());
    ExpectPlausible(cell);
  }
  EXPECT_GT(cells["sessionhub_push"], 0u);
  EXPECT_GT(cells["redis_whole"], 0u);
}

}  // namespace
}  // namespace sessionhub::bench
