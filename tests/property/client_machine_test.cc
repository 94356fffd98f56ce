// The client machine against a small obvious hub, in one thread, from a seed: random commits, cuts,
// delays and lost leases. What must hold:
//
//   Once       every commit is applied exactly once, and told so exactly once.
//   Own writes a View shows each of this node's writes exactly once, at every single step. (Each
//   node has
//              a counter of its own in each session, so any write missing or doubled is seen at
//              once.)
//   Converged  in the end every copy is the hub's session, field for field.
//   In memory  whatever a View shows or the hub stores in a field that is changed by splices is a
//              value that some node has set, whole.
//   No leak    in the end the hub holds a handle for each copy, and no other.
#include "client/cpp/src/client_machine.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/model_hub.h"

namespace sessionhub::client {
namespace {

using testing::ModelHub;

constexpr int kNodes = 3;
constexpr int kSessions = 4;
constexpr int kSteps = 1'500;

const Path kText = *Path::FromText("cart/text");

std::string IdOf(int session) {
  return "session-" + std::to_string(session);
}

struct Node {
  Node() : machine({"shop", "web", 1 << 20, 1 << 10, std::chrono::hours(1)}) {}

  ClientMachine machine;
  bool up = false;
  std::map<Token, int> opening;      // token -> session
  std::map<int, CopyRef> open;       // session -> the handle held
  std::map<Token, int> committing;   // token -> session
  std::map<int, int64_t> counted;    // session -> own commits
  std::deque<v1::NodeFrame> to_hub;  // on their way
};

class World {
 public:
  explicit World(uint64_t seed) : random_(seed), hub_(seed + 1), nodes_(kNodes) {}

  void Run() {
    for (int step = 0; step < kSteps; ++step) {
      Act();
      CheckOwnWrites();
      CheckTexts();
      if (::testing::Test::HasFatalFailure()) return;
    }
    Settle();
    CheckEnd();
  }

 private:
  bool Chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  int Index(const Node& node) const { return static_cast<int>(&node - nodes_.data()); }

  void Act() {
    now_ += std::chrono::milliseconds(random_() % 20);
    Node& node = nodes_[random_() % kNodes];
    const int session = static_cast<int>(random_() % kSessions);
    const auto what = random_() % 100;
    if (!node.up) {
      if (what < 30)
        Connect(&node);
      else if (what < 60)
        Commit(&node, session);
    } else if (what < 10) {
      Open(&node, session);
    } else if (what < 35) {
      Commit(&node, session);
    } else if (what < 37) {
      Cut(&node);
    } else if (what < 38) {
      CrashHub();
    } else if (what < 42) {
      Close(&node, session);
    } else if (what < 70) {
      Send(&node);
    } else {
      Deliver(&node);
    }
    Take(&node);
  }

  void Connect(Node* node) {
    Incarnation fresh;
    for (uint8_t& byte : fresh) byte = static_cast<uint8_t>(random_());
    hub_.Connect(Index(*node));
    node->machine.StreamUp(fresh, now_);
    node->up = true;
  }

  void Cut(Node* node) {
    hub_.Cut(Index(*node));
    // What is on its way may be lost at any point.
    node->to_hub.clear();
    node->machine.StreamDown();
    node->up = false;
  }

  void CrashHub() {
    for (Node& node : nodes_) {
      if (node.up) Cut(&node);
    }
    if (Chance(50)) hub_.EndLeases();
  }

  void Open(Node* node, int session) {
    if (node->open.count(session) > 0) return;
    for (const auto& [token, opening] : node->opening) {
      if (opening == session) return;
    }
    node->opening[node->machine.Open(IdOf(session), Create::kIfMissing, 0, now_)] = session;
  }

  void Close(Node* node, int session) {
    auto open = node->open.find(session);
    if (open == node->open.end()) return;
    node->machine.Unpin(open->second);
    node->open.erase(open);
  }

  void Commit(Node* node, int session) {
    auto open = node->open.find(session);
    if (open == node->open.end()) return;
    if (Chance(40)) return SetText(node, session, open->second);
    absl::StatusOr<Token> token = node->machine.Commit(open->second, SomeDelta(*node));
    ASSERT_TRUE(token.ok()) << token.status();
    node->committing[*token] = session;
    ++node->counted[session];
  }

  // Changes a little of what the node sees, so that it goes out as a splice. Cuts make the base of
  // others wrong, and erases take it away.
  void SetText(Node* node, int session, const CopyRef& ref) {
    const std::shared_ptr<const ViewImpl> view = node->machine.ReadAnyAge(ref);
    const auto held = view->fields->map.find(kText);
    std::string text =
        held == view->fields->map.end() ? std::string(100, '.') : *held->second.AsString();
    text.insert(random_() % text.size(), std::to_string(random_() % 1'000));
    if (text.size() > 200) text.erase(random_() % 100, 50);
    had_.insert(text);
    Delta delta{{{Operation::Kind::kPut, kText, text}}};
    delta.after_previous = Chance(30);
    Splices splices = FindSplices(view->fields->map, delta);
    absl::StatusOr<Token> token =
        node->machine.Commit(ref, std::move(delta), Ack::kDurable, std::move(splices));
    ASSERT_TRUE(token.ok()) << token.status();
    node->committing[*token] = session;
    ++texts_;
  }

  void CheckText(const FieldMap& fields) {
    auto text = fields.find(kText);
    if (text == fields.end()) return;
    ASSERT_EQ(had_.count(*text->second.AsString()), 1u) << text->second.DebugString();
  }

  void CheckTexts() {
    for (int session = 0; session < kSessions; ++session) {
      if (const auto* truth = hub_.FindSession(IdOf(session))) CheckText(truth->fields);
      for (Node& node : nodes_) {
        auto open = node.open.find(session);
        if (open == node.open.end()) continue;
        CheckText(node.machine.ReadAnyAge(open->second)->fields->map);
      }
    }
  }

  Path CounterOf(const Node& node) const {
    return *Path::FromText("counter/" + std::to_string(Index(node)));
  }

  Delta SomeDelta(const Node& node) {
    using Kind = Operation::Kind;
    Delta delta;
    delta.operations.push_back({Kind::kIncrement, CounterOf(node), Value(1)});
    const Path field = *Path::FromText("cart/" + std::to_string(random_() % 6) + "/qty");
    const auto kind = random_() % 10;
    if (kind < 5) delta.operations.push_back({Kind::kPut, field, Value(std::to_string(random_()))});
    if (kind == 5) delta.operations.push_back({Kind::kErase, field, Value()});
    if (kind == 6)
      delta.operations.push_back({Kind::kEraseSubtree, *Path::FromText("cart"), Value()});
    return delta;
  }

  void Send(Node* node) {
    v1::NodeFrame frame;
    if (node->to_hub.size() < 3 && node->machine.TakeFrame(&frame, now_)) {
      node->to_hub.push_back(frame);
    }
    if (node->to_hub.empty() || Chance(30)) return;
    hub_.Receive(Index(*node), node->to_hub.front());
    node->to_hub.pop_front();
  }

  void Deliver(Node* node) {
    if (std::optional<v1::HubFrame> frame = hub_.Take(Index(*node))) {
      node->machine.Receive(*frame, now_);
    }
  }

  void Take(Node* node) {
    Outputs outputs = node->machine.TakeOutputs();
    for (OpenDone& done : outputs.opens) {
      ASSERT_EQ(node->opening.count(done.token), 1u) << "an Open ended twice";
      ASSERT_TRUE(done.copy.ok()) << done.copy.status();
      node->open[node->opening[done.token]] = *done.copy;
      node->opening.erase(done.token);
    }
    for (CommitDone& done : outputs.commits) {
      ASSERT_EQ(node->committing.erase(done.token), 1u) << "a commit ended twice";
      ASSERT_TRUE(done.committed.applied()) << done.committed.status;
    }
  }

  void CheckOwnWrites() {
    for (Node& node : nodes_) {
      for (const auto& [session, ref] : node.open) {
        // Also of a copy that is opened anew and is not to be shown to others meanwhile.
        auto view = node.machine.Read(ref, now_, /*allow_stale=*/true);
        ASSERT_TRUE(view.ok()) << view.status();
        const FieldMap& fields = (*view)->fields->map;
        auto counter = fields.find(CounterOf(node));
        const int64_t shown = counter == fields.end() ? 0 : *counter->second.AsInt();
        ASSERT_EQ(shown, node.counted[session]) << "node " << Index(node) << ", " << IdOf(session);
      }
    }
  }

  void Settle() {
    for (int round = 0; round < 2'000; ++round) {
      for (Node& node : nodes_) {
        if (!node.up) Connect(&node);
        if (node.machine.wants_reconnect()) Cut(&node);
        Send(&node);
        Deliver(&node);
        Take(&node);
      }
    }
  }

  void CheckEnd() {
    uint64_t commits = 0;
    for (Node& node : nodes_) {
      EXPECT_TRUE(node.opening.empty());
      EXPECT_TRUE(node.committing.empty());
      EXPECT_EQ(node.machine.unanswered(), 0u);
      EXPECT_EQ(hub_.HandleCount(Index(node)), node.machine.stats().cached_sessions);
      for (const auto& [session, count] : node.counted) commits += static_cast<uint64_t>(count);
      for (const auto& [session, ref] : node.open) {
        auto view = node.machine.Read(ref, now_);
        ASSERT_TRUE(view.ok()) << view.status();
        const ModelHub::ModelSession* truth = hub_.FindSession(IdOf(session));
        EXPECT_EQ((*view)->version, truth->version);
        EXPECT_TRUE((*view)->fields->map == truth->fields) << IdOf(session);
      }
    }
    // A text that was overwritten before it could be repeated is not applied by itself.
    EXPECT_GE(hub_.applied(), commits + texts_ / 2);
    EXPECT_GE(hub_.applied() + hub_.bases_changed(), commits + texts_) << "each was refused once";
    EXPECT_LE(hub_.applied(), commits + texts_);
    EXPECT_GT(hub_.bases_changed(), 0u) << "nothing was tried";
    EXPECT_GT(commits, 50u);
  }

  std::mt19937_64 random_;
  ModelHub hub_;
  std::set<std::string> had_;  // texts that a node had in memory
  uint64_t texts_ = 0;         // commits of them
  std::vector<Node> nodes_;
  Time now_ = Time() + std::chrono::hours(1);
};

class ClientMachineProperty : public ::testing::TestWithParam<uint64_t> {};

TEST_P(ClientMachineProperty, AppliedOnceShownOnceConverged) {
  const uint64_t seed = GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  World(seed).Run();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ClientMachineProperty, ::testing::Range<uint64_t>(1, 41));

}  // namespace
}  // namespace sessionhub::client
