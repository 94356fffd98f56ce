// InterestIndex and Leases against slow models that are obvious: maps and sets.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "interest/interest_index.h"
#include "interest/leases.h"
#include "tests/support/seed.h"

namespace sessionhub::interest {
namespace {

using ::sessionhub::testing::Below;
using ::sessionhub::testing::ForEachCase;
using ::sessionhub::testing::OneIn;
using ::sessionhub::testing::Random;

constexpr NodeNumber kNodes = 5;
constexpr uint64_t kSessions = 12;

// What the header says, in the words of maps.
struct Model {
  using NodeAndHandle = std::pair<NodeNumber, Handle>;

  std::map<std::pair<SessionNumber, NodeNumber>, Pair> pairs;
  std::map<NodeAndHandle, SessionNumber> handles;  // dead sessions too

  size_t HandleCountOf(NodeNumber node) const {
    size_t count = 0;
    for (const auto& [key, session] : handles) count += key.first == node ? 1 : 0;
    return count;
  }

  void RemoveNode(NodeNumber node) {
    std::erase_if(pairs, [node](const auto& entry) { return entry.first.second == node; });
    std::erase_if(handles, [node](const auto& entry) { return entry.first.first == node; });
  }

  void RemoveSession(SessionNumber session) {
    std::erase_if(pairs, [session](const auto& entry) { return entry.first.first == session; });
  }
};

void ExpectSamePair(const Pair& got, const Pair& want) {
  EXPECT_EQ(got.node, want.node);
  EXPECT_EQ(got.handle, want.handle);
  EXPECT_EQ(got.attach, want.attach);
  EXPECT_EQ(got.state, want.state);
}

// One index and its model, taking the same steps.
class Twins {
 public:
  Twins(Random* random, Handle first, Handle stride)
      : random_(*random), first_(first), stride_(stride), index_(first, stride) {}

  void Step() {
    switch (Below(random_, 10)) {
      case 0:
        return RemoveNode();
      case 1:
        return RemoveSession();
      case 2:
      case 3:
        return Close();
      case 4:
        return SetStates();
      default:
        return Add();
    }
  }

  void Compare() const {
    EXPECT_EQ(index_.pair_count(), model_.pairs.size());
    for (NodeNumber node = 1; node <= kNodes; ++node) {
      EXPECT_EQ(index_.HandleCountOf(node), model_.HandleCountOf(node));
      for (Handle handle = 0; handle <= first_ + 40 * stride_; ++handle)
        CompareHandle(node, handle);
    }
    for (SessionNumber session = oldest_; session < oldest_ + kSessions; ++session) {
      CompareSession(session);
    }
  }

 private:
  NodeNumber AnyNode() { return 1 + static_cast<NodeNumber>(Below(random_, kNodes)); }
  SessionNumber AnySession() { return oldest_ + Below(random_, kSessions); }

  void Add() {
    const SessionNumber session = AnySession();
    const NodeNumber node = AnyNode();
    const auto attach = static_cast<uint32_t>(Below(random_, 4));
    const auto known = model_.pairs.find({session, node});
    const Pair* pair = index_.Add(session, node, attach);
    ASSERT_NE(pair, nullptr);
    EXPECT_EQ((pair->handle - first_) % stride_, 0u);
    if (known != model_.pairs.end()) {
      EXPECT_EQ(pair->handle, known->second.handle);
    } else {
      const bool fresh = model_.handles.try_emplace({node, pair->handle}, session).second;
      EXPECT_TRUE(fresh) << "handle " << pair->handle << " was taken";
    }
    model_.pairs[{session, node}] = Pair{node, pair->handle, attach, PairState::kBehind};
  }

  void Close() {
    const NodeNumber node = AnyNode();
    const Handle handle = first_ + stride_ * static_cast<Handle>(Below(random_, 6));
    const auto held = model_.handles.find({node, handle});
    EXPECT_EQ(index_.Close(node, handle), held != model_.handles.end());
    if (held == model_.handles.end()) return;
    model_.pairs.erase({held->second, node});
    model_.handles.erase(held);
  }

  void RemoveNode() {
    const NodeNumber node = AnyNode();
    const size_t before = model_.pairs.size();
    model_.RemoveNode(node);
    EXPECT_EQ(index_.RemoveNode(node), before - model_.pairs.size());
  }

  // Lives end in the order of their numbers, and a number never comes back.
  void RemoveSession() {
    const SessionNumber session = oldest_++;
    const size_t before = model_.pairs.size();
    model_.RemoveSession(session);
    EXPECT_EQ(index_.RemoveSession(session).size(), before - model_.pairs.size());
    EXPECT_TRUE(index_.PairsOf(session).empty());
    EXPECT_TRUE(index_.RemoveSession(session).empty());
  }

  void SetStates() {
    const SessionNumber session = AnySession();
    const PairState state = OneIn(random_, 2) ? PairState::kLive : PairState::kBehind;
    for (Pair& pair : index_.MutablePairsOf(session)) {
      pair.state = state;
      model_.pairs[{session, pair.node}].state = state;
    }
  }

  void CompareHandle(NodeNumber node, Handle handle) const {
    const auto held = model_.handles.find({node, handle});
    const std::optional<SessionNumber> session = index_.SessionOf(node, handle);
    ASSERT_EQ(session.has_value(), held != model_.handles.end()) << node << " " << handle;
    if (session) {
      EXPECT_EQ(*session, held->second);
    }
  }

  void CompareSession(SessionNumber session) const {
    std::set<NodeNumber> nodes;
    for (const Pair& pair : index_.PairsOf(session)) {
      EXPECT_TRUE(nodes.insert(pair.node).second) << "node " << pair.node << " is there twice";
    }
    for (NodeNumber node = 1; node <= kNodes; ++node) {
      const auto want = model_.pairs.find({session, node});
      const Pair* got = index_.Find(session, node);
      ASSERT_EQ(got != nullptr, want != model_.pairs.end());
      EXPECT_EQ(nodes.contains(node), got != nullptr);
      if (got) ExpectSamePair(*got, want->second);
    }
  }

  Random& random_;
  const Handle first_;
  const Handle stride_;
  InterestIndex index_;
  Model model_;
  SessionNumber oldest_ = 256;
};

TEST(InterestModel, TheIndexDoesWhatTheModelDoes) {
  ForEachCase(50, [](Random& random) {
    const auto stride = 1 + static_cast<Handle>(Below(random, 4));
    Twins twins(&random, 1 + static_cast<Handle>(Below(random, stride)), stride);
    for (int step = 0; step < 150 && !::testing::Test::HasFailure(); ++step) {
      twins.Step();
      twins.Compare();
    }
  });
}

TEST(InterestModel, LeasesEndOnceAndInTheirTime) {
  ForEachCase(500, [](Random& random) {
    const uint64_t duration_us = 1 + Below(random, 20);
    Leases leases(duration_us);
    std::map<NodeNumber, uint64_t> model;
    for (uint64_t now_us = 0; now_us < 100; now_us += Below(random, 6)) {
      const auto node = static_cast<NodeNumber>(1 + Below(random, kNodes));
      if (OneIn(random, 2)) {
        leases.Start(node, now_us);
        model.try_emplace(node, now_us + duration_us);
      } else if (OneIn(random, 2)) {
        EXPECT_EQ(leases.Cancel(node), model.erase(node) == 1);
      } else {
        std::vector<NodeNumber> ended;
        for (const auto& [number, end_us] : model) {
          if (end_us <= now_us) ended.push_back(number);
        }
        std::erase_if(model, [now_us](const auto& lease) { return lease.second <= now_us; });
        EXPECT_EQ(leases.TakeEnded(now_us), ended);
      }
      EXPECT_EQ(leases.size(), model.size());
      EXPECT_EQ(leases.Running(node), model.contains(node));
    }
  });
}

}  // namespace
}  // namespace sessionhub::interest
