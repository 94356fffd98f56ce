#include "interest/interest_index.h"

#include <algorithm>
#include <utility>

namespace sessionhub::interest {
namespace {

template <typename Pairs>
auto* FindNode(Pairs& pairs, NodeNumber node) {
  auto it = std::find_if(pairs.begin(), pairs.end(),
                         [node](const Pair& pair) { return pair.node == node; });
  return it == pairs.end() ? nullptr : &*it;
}

}  // namespace

Pair* InterestIndex::Add(SessionNumber session, NodeNumber node, uint32_t attach, Version held) {
  Pairs& pairs = pairs_[session];
  Pair* pair = FindNode(pairs, node);
  if (!pair) {
    Pair fresh;
    fresh.node = node;
    fresh.handle = TakeHandle(&nodes_[node], session);
    pair = &pairs.emplace_back(fresh);
    ++pair_count_;
  }
  pair->attach = attach;
  pair->state = PairState::kBehind;
  pair->held = held;
  return pair;
}

bool InterestIndex::Close(NodeNumber node, Handle handle) {
  const std::optional<SessionNumber> session = SessionOf(node, handle);
  if (!session) return false;
  RemovePair(*session, node, handle);
  NodeSessions& sessions = nodes_[node];
  sessions.by_handle[(handle - first_handle_) / stride_] = 0;
  sessions.free.push_back(handle);
  --sessions.count;
  return true;
}

size_t InterestIndex::RemoveNode(NodeNumber node) {
  auto it = nodes_.find(node);
  if (it == nodes_.end()) return 0;
  const size_t before = pair_count_;
  const std::vector<SessionNumber>& by_handle = it->second.by_handle;
  for (size_t index = 0; index < by_handle.size(); ++index) {
    if (by_handle[index] != 0) RemovePair(by_handle[index], node, HandleAt(index));
  }
  nodes_.erase(it);
  return before - pair_count_;
}

std::vector<Pair> InterestIndex::RemoveSession(SessionNumber session) {
  auto it = pairs_.find(session);
  if (it == pairs_.end()) return {};
  std::vector<Pair> removed(it->second.begin(), it->second.end());
  pairs_.erase(it);
  pair_count_ -= removed.size();
  return removed;
}

absl::Span<const Pair> InterestIndex::PairsOf(SessionNumber session) const {
  auto it = pairs_.find(session);
  return it == pairs_.end() ? absl::Span<const Pair>() : absl::Span<const Pair>(it->second);
}

absl::Span<Pair> InterestIndex::MutablePairsOf(SessionNumber session) {
  auto it = pairs_.find(session);
  return it == pairs_.end() ? absl::Span<Pair>() : absl::MakeSpan(it->second);
}

const Pair* InterestIndex::Find(SessionNumber session, NodeNumber node) const {
  auto it = pairs_.find(session);
  return it == pairs_.end() ? nullptr : FindNode(it->second, node);
}

Pair* InterestIndex::FindMutable(SessionNumber session, NodeNumber node) {
  auto it = pairs_.find(session);
  return it == pairs_.end() ? nullptr : FindNode(it->second, node);
}

std::optional<SessionNumber> InterestIndex::SessionOf(NodeNumber node, Handle handle) const {
  auto it = nodes_.find(node);
  if (it == nodes_.end() || handle < first_handle_) return std::nullopt;
  if ((handle - first_handle_) % stride_ != 0) return std::nullopt;
  const size_t index = (handle - first_handle_) / stride_;
  const std::vector<SessionNumber>& by_handle = it->second.by_handle;
  if (index >= by_handle.size() || by_handle[index] == 0) return std::nullopt;
  return by_handle[index];
}

size_t InterestIndex::HandleCountOf(NodeNumber node) const {
  auto it = nodes_.find(node);
  return it == nodes_.end() ? 0 : it->second.count;
}

Handle InterestIndex::TakeHandle(NodeSessions* sessions, SessionNumber session) {
  ++sessions->count;
  if (!sessions->free.empty()) {
    const Handle handle = sessions->free.back();
    sessions->free.pop_back();
    sessions->by_handle[(handle - first_handle_) / stride_] = session;
    return handle;
  }
  sessions->by_handle.push_back(session);
  return HandleAt(sessions->by_handle.size() - 1);
}

void InterestIndex::RemovePair(SessionNumber session, NodeNumber node, Handle handle) {
  auto it = pairs_.find(session);
  if (it == pairs_.end()) return;
  Pair* pair = FindNode(it->second, node);
  if (!pair || pair->handle != handle) return;
  *pair = it->second.back();
  it->second.pop_back();
  if (it->second.empty()) pairs_.erase(it);
  --pair_count_;
}

}  // namespace sessionhub::interest
