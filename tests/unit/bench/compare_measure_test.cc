// Cells measured on web nodes that this process serves itself: which requests are sent, and what is
// told of those that fail. And what a comparison looks at before it measures anything.
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/compare/compare.h"
#include "bench/compare/driver.h"
#include "bench/compare/measure.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::StatusIs;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::HasSubstr;

constexpr char kLocalhost[] = "127.0.0.1";
constexpr uint64_t kStream = 7;

// Web nodes without a network of their own, which answer whatever they are asked.
class CountingCluster final : public Cluster {
 public:
  explicit CountingCluster(size_t nodes) {
    for (size_t node = 0; node < nodes; ++node) Serve(&servers_.emplace_back());
  }
  ~CountingCluster() override {
    for (Served& served : servers_) served.server.stop();
    for (Served& served : servers_) served.thread.join();
  }

  absl::Status Start() override { return absl::OkStatus(); }
  std::string FrontAddress(size_t node) const override {
    return std::string(kLocalhost) + ":" + std::to_string(servers_[node].port);
  }
  std::vector<pid_t> NodePids(size_t /*node*/) const override { return {getpid()}; }
  std::vector<pid_t> ServerPids() const override { return {}; }
  absl::Status KillNode(size_t /*node*/) override { return absl::UnimplementedError(""); }
  absl::Status StartNode(size_t /*node*/) override { return absl::UnimplementedError(""); }
  absl::Status RestartServer() override { return absl::UnimplementedError(""); }
  absl::Status Stop() override { return absl::OkStatus(); }

  std::atomic<size_t> created = 0;
  std::atomic<size_t> changes = 0;
  std::atomic<bool> refuses_creations = false;
  std::atomic<size_t> refuses_changes = 0;  // so many more

 private:
  struct Served {
    httplib::Server server;
    int port = 0;
    std::thread thread;
  };

  void Serve(Served* served) {
    httplib::Server& server = served->server;
    server.new_task_queue = [] { return new httplib::ThreadPool(8); };
    server.set_keep_alive_max_count(static_cast<size_t>(-1));
    server.Get("/ready", [](const httplib::Request&, httplib::Response&) {});
    server.Get("/read", [](const httplib::Request&, httplib::Response&) {});
    server.Post("/create", [this](const httplib::Request&, httplib::Response& response) {
      if (refuses_creations) response.status = 500;
      response.set_header("Set-Cookie", "JSESSIONID=s" + std::to_string(++created));
    });
    server.Post("/change", [this](const httplib::Request&, httplib::Response& response) {
      ++changes;
      if (refuses_changes > 0) {
        --refuses_changes;
        response.status = 404;
      }
    });
    served->port = server.bind_to_any_port(kLocalhost);
    served->thread = std::thread([&server] { server.listen_after_bind(); });
  }

  std::deque<Served> servers_;  // which cannot be moved
};

// Counts nothing.
class SilentBed final : public TestBed {
 public:
  std::string network() const override { return "none"; }
  bool has_networks() const override { return false; }
  absl::Status AddHost(size_t /*host*/) override { return absl::OkStatus(); }
  std::string FrontIp(size_t /*host*/) const override { return kLocalhost; }
  std::string BackIp(size_t /*host*/) const override { return kLocalhost; }
  std::string ClientIp(size_t /*client*/) const override { return ""; }
  absl::StatusOr<std::unique_ptr<ChildProcess>> StartOn(
      size_t /*host*/, const ChildProcess::Options& /*options*/) override {
    return absl::UnimplementedError("");
  }
  absl::Status DoOn(size_t /*host*/, const std::function<absl::Status()>& action) override {
    return action();
  }
  absl::StatusOr<BackCounters> Count() const override { return BackCounters{}; }
  absl::Status SetBackCable(size_t /*host*/, bool /*plugged*/) const override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<size_t> BreakBackConnections(size_t /*host*/) override {
    return absl::UnimplementedError("");
  }
};

class CompareMeasureTest : public ::testing::Test {
 protected:
  CompareMeasureTest() {
    cell_.sessions = 10;
    cell_.requests = 400;
  }

  const SilentBed bed_;
  Cell cell_;
  CountingCluster cluster_{2};
};

TEST_F(CompareMeasureTest, RequestsEndWithTheirTimeOnceTheLeastOfThemAreSent) {
  const auto driver = Driver::Make(bed_, cluster_, cell_);
  ASSERT_OK(driver);
  ASSERT_OK((*driver)->CreateSessions());
  const auto none = (*driver)->RunFor(std::chrono::milliseconds(0), cell_, kStream);
  ASSERT_OK(none);
  EXPECT_GE(none->changes, kRequestsMin);
  EXPECT_LE(none->changes, kRequestsMin + UsersOf(cell_));
  EXPECT_EQ(none->changes, cluster_.changes);
  const auto all = (*driver)->RunFor(std::chrono::hours(1), cell_, kStream);
  ASSERT_OK(all);
  EXPECT_EQ(all->changes, cell_.requests);
}

TEST_F(CompareMeasureTest, CellsThatDifferInTheShareOfReadsHaveTheSameSessions) {
  CellMeasure measure(&bed_, &cluster_, cell_.nodes);
  const auto first = measure.Run(cell_);
  ASSERT_OK(first);
  ASSERT_EQ(first->size(), 2u);
  EXPECT_EQ(first->front().what, "create");
  EXPECT_EQ(first->back().what, "change");
  EXPECT_EQ(cluster_.created, cell_.sessions);

  Cell reads = cell_;
  reads.read_percent = 100;
  const auto second = measure.Run(reads);
  ASSERT_OK(second);
  ASSERT_EQ(second->size(), 1u);
  EXPECT_EQ(second->front().what, "read");
  EXPECT_EQ(second->front().requests, cell_.requests);
  EXPECT_EQ(cluster_.created, cell_.sessions);
}

TEST_F(CompareMeasureTest, CellsThatDifferOtherwiseHaveSessionsOfTheirOwn) {
  CellMeasure measure(&bed_, &cluster_, cell_.nodes);
  ASSERT_OK(measure.Run(cell_));
  std::vector<Cell> others(5, cell_);
  others[0].round_robin = true;
  others[1].session_bytes *= 2;
  others[2].fields_changed = 2;
  others[3].connections = 2;
  others[4].seed = 2;
  for (size_t i = 0; i < others.size(); ++i) {
    const auto figures = measure.Run(others[i]);
    ASSERT_OK(figures);
    EXPECT_EQ(figures->size(), 2u) << i;
    EXPECT_EQ(cluster_.created, (i + 2) * cell_.sessions) << i;
  }
}

TEST_F(CompareMeasureTest, NothingFollowsSessionsThatWereNotCreated) {
  cluster_.refuses_creations = true;
  CellMeasure measure(&bed_, &cluster_, cell_.nodes);
  const auto figures = measure.Run(cell_);
  ASSERT_OK(figures);
  ASSERT_EQ(figures->size(), 1u);
  EXPECT_EQ(figures->front().what, "create");
  EXPECT_EQ(figures->front().errors, cell_.sessions);
  EXPECT_THAT(figures->front().first_error, HasSubstr("500"));
  EXPECT_EQ(cluster_.changes, 0u);
}

TEST_F(CompareMeasureTest, NothingFollowsAWarmUpOfWhichTooMuchHasFailed) {
  cluster_.refuses_changes = WarmUpRequests(cell_) / 100 + 1;
  CellMeasure measure(&bed_, &cluster_, cell_.nodes);
  EXPECT_THAT(measure.Run(cell_),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("failed before any counted")));
  EXPECT_EQ(cluster_.changes, WarmUpRequests(cell_));
  cluster_.refuses_changes = cell_.requests / 100 + 1;
  EXPECT_THAT(measure.MeasureIdle(cell_, /*seconds=*/0, cell_.requests),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("failed before any counted")));
}

TEST_F(CompareMeasureTest, ACellOfWhichOneRequestInAHundredHasFailedIsSound) {
  CellMeasure measure(&bed_, &cluster_, cell_.nodes);
  ASSERT_OK(measure.Run(cell_));  // with its warm-up
  cluster_.refuses_changes = 4;
  const auto sound = measure.Run(cell_);
  ASSERT_OK(sound);
  EXPECT_EQ(sound->back().errors, 4u);
  EXPECT_TRUE(IsSound(sound->back()));
  cluster_.refuses_changes = 5;
  const auto unsound = measure.Run(cell_);
  ASSERT_OK(unsound);
  EXPECT_EQ(unsound->back().errors, 5u);
  EXPECT_FALSE(IsSound(unsound->back()));
}

TEST(RunCompare, MustHaveSomethingToMeasure) {
  CompareOptions options;
  options.cells = false;
  options.sweep.quick = true;
  EXPECT_THAT(RunCompare(options), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("--risks has risks measured")));
}

TEST(RunCompare, LooksAtItsOutputsBeforeItMeasures) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "kept";
  CompareOptions options;
  options.only = {"sticky_only"};
  options.json_path = folder.path() + "/none/results.json";
  EXPECT_THAT(RunCompare(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("give --json a file")));
  options.json_path.clear();
  options.report_folder = file + "/report";
  EXPECT_THAT(RunCompare(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("give --report a folder")));
  EXPECT_EQ(std::filesystem::file_size(file), 4u);
}

}  // namespace
}  // namespace sessionhub::bench
