// Fleet, Traffic and NodeKiller against nodes that are real processes and only pretend: a shell
// script that answers requests. The process web-1 is given at first never acks when it is told so.
#include "bench/demo/fleet.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "bench/demo/kills.h"
#include "bench/demo/traffic.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

using Kind = CommitEvent::Kind;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

// $1: "mute" if the first process of web-1 acks nothing. Then --name NAME --log PATH.
constexpr char kScript[] = R"(
tab=$(printf '\t')
tell() {
  line=$(printf "$1\t$request\t$session\t$code\t$2\t$least\t1\t_")
  line=${line%_}
  printf '%s\n' "$line" >> "$log"
  printf '%s\n' "$line"
}
mode=$1 log=$5 version=1
: > "$log"
while IFS=$tab read -r word request session code create least; do
  case "$word" in
    R) tell S 9
      case "$mode$log" in
        mute*web-1.1.log) ;;
        *) version=$((version + 1)); tell A $version ;;
      esac ;;
    O) tell O 0 ;;
    quit) exit 0 ;;
    die) exit 1 ;;
    *) echo "=$word $$" ;;
  esac
done
)";

class FleetTest : public ::testing::Test {
 protected:
  FleetTest() : folder_(::testing::TempDir() + "fleet." + std::to_string(getpid())) {
    signal(SIGPIPE, SIG_IGN);
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/node.sh") << kScript;
  }
  ~FleetTest() override { std::filesystem::remove_all(folder_); }

  Fleet::Options Options(const std::string& mode) const {
    return {.argv = {"/bin/sh", folder_ + "/node.sh", mode}, .nodes = 3, .folder = folder_};
  }
  // Which nodes submitted each session.
  static std::map<std::string, std::set<std::string>> NodesOfSessions(const Fleet& fleet) {
    std::map<std::string, std::set<std::string>> nodes;
    const auto logs = fleet.ReadLogs();
    EXPECT_OK(logs);
    for (const NodeLog& log : *logs) {
      for (const CommitEvent& event : log.events) nodes[event.session].insert(log.node);
    }
    return nodes;
  }

  const std::string folder_;
  const std::vector<Basket> baskets_ = GenerateBaskets(12, 1);
};

TEST_F(FleetTest, AsksAndStops) {
  Fleet fleet(Options("ack"));
  ASSERT_OK(fleet.Start());
  const auto pids = fleet.AskAll("pid");
  ASSERT_OK(pids);
  EXPECT_EQ(std::set<std::string>(pids->begin(), pids->end()).size(), 3u);
  EXPECT_OK(fleet.Stop());
}

TEST_F(FleetTest, ANodeThatEndsByItselfIsTold) {
  Fleet fleet(Options("ack"));
  ASSERT_OK(fleet.Start());
  ASSERT_OK(fleet.Send(1, "die\n"));
  // Nobody else says anything, so the first news is its end.
  EXPECT_THAT(fleet.Pump(std::chrono::seconds(30)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("web-2 has ended")));
}

TEST_F(FleetTest, StickyTrafficStaysAtOneNode) {
  Fleet fleet(Options("ack"));
  ASSERT_OK(fleet.Start());
  Traffic traffic(baskets_, {.label = "sticky", .routing = Routing::kSticky, .users = 5}, &fleet);
  ASSERT_OK(traffic.Run(nullptr));
  EXPECT_EQ(traffic.finished(), CountItems(baskets_));
  const auto nodes = NodesOfSessions(fleet);
  EXPECT_EQ(nodes.size(), baskets_.size());
  for (const auto& [session, names] : nodes) EXPECT_EQ(names.size(), 1u) << session;
}

TEST_F(FleetTest, RoundRobinTrafficKeepsToTheNodesUsed) {
  Fleet fleet(Options("ack"));
  ASSERT_OK(fleet.Start());
  Traffic traffic(
      baskets_,
      {.label = "round-robin", .routing = Routing::kRoundRobin, .nodes_used = 2, .users = 5},
      &fleet);
  ASSERT_OK(traffic.Run(nullptr));
  const auto nodes = NodesOfSessions(fleet);
  for (size_t i = 0; i < baskets_.size(); ++i) {
    EXPECT_EQ(nodes.at(SessionId(i)).size(), std::min<size_t>(baskets_[i].size(), 2)) << i;
    EXPECT_EQ(nodes.at(SessionId(i)).count("web-3"), 0u) << i;
  }
}

// The first process of web-1 acks nothing, so its users go on only because it is killed.
TEST_F(FleetTest, UsersOfAKilledNodeGoOnElsewhere) {
  Fleet fleet(Options("mute"));
  ASSERT_OK(fleet.Start());
  Traffic traffic(baskets_, {.label = "kills", .routing = Routing::kSticky, .users = 6}, &fleet);

  class KillWhenStuck : public Disturbance {
   public:
    explicit KillWhenStuck(Fleet* victims) : fleet_(*victims) {}
    absl::Status OnTurn(Traffic* users) override {
      if (killed_ || users->CountOutstanding(0) == 0) return absl::OkStatus();
      const auto log = fleet_.Freeze(0);
      if (!log.ok()) return log.status();
      if (CountUnanswered(*log) < users->CountOutstanding(0)) {
        fleet_.Thaw(0);
        return absl::OkStatus();
      }
      killed_ = CountUnanswered(*log);
      absl::Status status = fleet_.Kill(0);
      users->NodeKilled(0, *log);
      return status.ok() ? fleet_.Restart(0) : status;
    }
    void OnEvent(const CommitEvent&) override {}
    size_t killed() const { return killed_; }

   private:
    Fleet& fleet_;
    size_t killed_ = 0;
  };
  KillWhenStuck killer(&fleet);
  ASSERT_OK(traffic.Run(&killer));
  EXPECT_EQ(killer.killed(), 2u);  // of six users over three nodes
  size_t submitted = 0, acked = 0;
  const auto logs = fleet.ReadLogs();
  ASSERT_OK(logs);
  for (const NodeLog& log : *logs) {
    for (const CommitEvent& event : log.events) {
      submitted += event.kind == Kind::kSubmitted ? 1 : 0;
      acked += event.kind == Kind::kAcked ? 1 : 0;
    }
  }
  EXPECT_EQ(submitted, CountItems(baskets_));
  EXPECT_EQ(acked, CountItems(baskets_) - killer.killed());
}

// The first process of web-1 acks nothing, so its users go on only because it is stopped.
TEST_F(FleetTest, UsersOfAStoppedNodeGoOnElsewhere) {
  Fleet fleet(Options("mute"));
  ASSERT_OK(fleet.Start());
  Traffic traffic(baskets_, {.label = "stops", .routing = Routing::kRoundRobin, .users = 6},
                  &fleet);

  class StopWhenStuck : public Disturbance {
   public:
    explicit StopWhenStuck(Fleet* victims) : fleet_(*victims) {}
    absl::Status OnTurn(Traffic* users) override {
      if (given_up_ > 0 || users->CountOutstanding(0) < 6) return absl::OkStatus();
      given_up_ = users->CountOutstanding(0);
      const absl::Status status = fleet_.Freeze(0).status();
      users->NodeStopped(0);
      return status;
    }
    void OnEvent(const CommitEvent&) override {}
    size_t given_up() const { return given_up_; }

   private:
    Fleet& fleet_;
    size_t given_up_ = 0;
  };
  StopWhenStuck stopper(&fleet);
  ASSERT_OK(traffic.Run(&stopper));
  EXPECT_EQ(traffic.finished(), CountItems(baskets_));
  EXPECT_EQ(stopper.given_up(), 6u);  // each of them comes to it, and is stuck
  fleet.Thaw(0);
  traffic.NodeContinued(0);
  ASSERT_OK(fleet.Stop());
  size_t acked = 0;
  const auto logs = fleet.ReadLogs();
  ASSERT_OK(logs);
  for (const NodeLog& log : *logs) {
    for (const CommitEvent& event : log.events) acked += event.kind == Kind::kAcked ? 1 : 0;
  }
  EXPECT_EQ(acked, CountItems(baskets_) - stopper.given_up());
}

TEST_F(FleetTest, TrafficEndsEarlyWithADisturbanceThatIsDone) {
  Fleet fleet(Options("ack"));
  ASSERT_OK(fleet.Start());
  Traffic traffic(baskets_, {.label = "early", .routing = Routing::kSticky, .users = 3}, &fleet);

  class DoneAfterOneAck : public Disturbance {
   public:
    absl::Status OnTurn(Traffic*) override { return absl::OkStatus(); }
    void OnEvent(const CommitEvent& event) override { done_ |= event.kind == Kind::kAcked; }
    bool done() const override { return done_; }

   private:
    bool done_ = false;
  };
  DoneAfterOneAck disturbance;
  ASSERT_OK(traffic.Run(&disturbance));
  EXPECT_LT(traffic.finished(), CountItems(baskets_));
  for (size_t node = 0; node < fleet.size(); ++node) EXPECT_EQ(traffic.CountOutstanding(node), 0u);
}

// The fleet's last node is used by nobody; it opens what users are busy with.
TEST_F(FleetTest, ReopensSessionsThatAreLargeEnough) {
  Fleet fleet(Options("ack"));
  ASSERT_OK(fleet.Start());
  Traffic traffic(baskets_,
                  {.label = "reopen", .routing = Routing::kRoundRobin, .nodes_used = 2, .users = 5},
                  &fleet);

  class ReopenOnce : public Disturbance {
   public:
    absl::Status OnTurn(Traffic* users) override {
      if (users->finished() < 10 || reopened_) return absl::OkStatus();
      reopened_ = true;
      const absl::Status none = users->Reopen(/*count=*/1000, /*bytes_min=*/1 << 20);
      return none.ok() ? users->Reopen(/*count=*/3, /*bytes_min=*/5) : none;
    }
    void OnEvent(const CommitEvent&) override {}

   private:
    bool reopened_ = false;
  };
  ReopenOnce disturbance;
  ASSERT_OK(traffic.Run(&disturbance));
  ASSERT_OK(fleet.Stop());
  const auto logs = fleet.ReadLogs();
  ASSERT_OK(logs);
  std::vector<size_t> opened;
  for (const NodeLog& log : *logs) {
    opened.push_back(0);
    for (const CommitEvent& event : log.events) opened.back() += event.kind == Kind::kOpened;
  }
  EXPECT_EQ(opened, (std::vector<size_t>{0, 0, 3}));
}

}  // namespace
}  // namespace sessionhub::bench
