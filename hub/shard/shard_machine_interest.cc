// How interest begins and ends, and how pairs that are behind go live.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "hub/shard/life.h"
#include "hub/shard/renames.h"
#include "hub/shard/shard_machine.h"
#include "hub/shard/turn_out.h"

namespace sessionhub::hub {
namespace {

using interest::Pair;
using interest::PairState;

// Of one node in a turn, when more wait than a turn takes.
constexpr size_t kCatchUpsAtOnce = 16;

OpenedEffect RefusedOpen(const OpenInput& input, v1::RefusalReason reason, std::string message) {
  OpenedEffect effect;
  effect.to_node = input.origin;
  effect.request = input.request;
  effect.refusal = {reason, std::move(message)};
  return effect;
}

}  // namespace

void ShardMachine::On(const OpenInput& input, TurnOut* out) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  const stored::Name* name = out->state.FindName(input.name);
  if (name && !IsExact(input.name, *name)) return LookUp(input.name, *name, input, out);
  OpenSession(input, name ? name->number() : 0, node, out);
}

void ShardMachine::OpenSession(const OpenInput& input, SessionNumber session, NodeState* node,
                               TurnOut* out) {
  const bool again = session != 0 && input.create == v1::CREATE_EXCLUSIVE &&
                     IsCreator(node->incarnation, input.request, session, out->state);
  if (session != 0 && input.create == v1::CREATE_EXCLUSIVE && !again) {
    out->effects.push_back(RefusedOpen(input, v1::ALREADY_EXISTS, "a session with this id exists"));
    return;
  }
  if (input.number != 0 && session != input.number) {
    out->effects.push_back(RefusedOpen(input, v1::GONE, ReasonText(v1::GONE)));
    return;
  }
  const bool held = session != 0 && index_.Find(session, input.origin.node) != nullptr;
  if (!held && index_.HandleCountOf(input.origin.node) >= options_.handles_per_node_max) {
    out->effects.push_back(RefusedOpen(
        input, v1::LIMIT_EXCEEDED,
        "node holds handles_per_node_max = " + std::to_string(options_.handles_per_node_max) +
            " sessions: close some"));
    return;
  }
  if (session != 0) {
    // A node that brings a copy only comes back with it; whoever uses the copy touches.
    if (input.number == 0) out->uses.emplace_back(session, out->now_us);
    return Register(input, session, again, node, out);
  }
  if (input.create == v1::CREATE_NEVER) {
    out->effects.push_back(RefusedOpen(input, v1::NOT_FOUND, ReasonText(v1::NOT_FOUND)));
    return;
  }
  if (input.makes_none) {
    out->effects.push_back(RefusedOpen(input, v1::LIMIT_EXCEEDED,
                                       "hub's disk has less than disk_free_bytes_min left, so no "
                                       "session is created: free space on "
                                       "it, and this goes on by itself"));
    return;
  }
  if (!input.why_app_full.empty()) {
    ++counters_.sessions_refused;
    out->effects.push_back(RefusedOpen(input, v1::LIMIT_EXCEEDED, input.why_app_full));
    return;
  }
  const std::optional<SessionNumber> number = CreateSession(input.name, out->now_us, &out->state);
  if (!number) return;  // unreachable: the plan loads the count of the slot of each creating Open
  if (input.create == v1::CREATE_EXCLUSIVE) {
    NoteCreator(node->incarnation, input.request, *number, &out->state);
  }
  ApplySettings(*number, input.settings, out->now_us, options_.served, &out->state);
  ++counters_.sessions_created;
  Register(input, *number, true, node, out);
}

void ShardMachine::Register(const OpenInput& input, SessionNumber session, bool created,
                            NodeState* node, TurnOut* out) {
  // A version held says something only of this very life.
  const Version held = input.number == session ? input.version : 0;
  const bool goes_on = input.number == session && ReadGoesOn(session, input.origin.node, held);
  Pair* pair = index_.Add(session, input.origin.node, input.origin.attach, held);
  pair->invalidates = input.invalidates;
  if (!goes_on) {
    EndRead(session, input.origin.node, out);
    QueueCatchUp(input.origin.node, session, node);
  }
  out->effects.push_back(
      OpenedEffect{input.origin, input.request, pair->handle, session, created, {}});
  const stored::Identity* identity = out->state.FindIdentity(session);
  // Through an alias: from here on the node knows the session by its own id.
  if (identity && identity->id() != input.name.id) TellId(session, pair, out);
}

void ShardMachine::On(const ResumeInput& input, TurnOut* out) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  const auto session = index_.SessionOf(input.origin.node, input.handle);
  Pair* pair = session ? index_.FindMutable(*session, input.origin.node) : nullptr;
  if (!pair) {
    const auto why = session ? v1::Ended::DELETED : v1::Ended::UNKNOWN;
    const bool receipt = session && deliveries_.Waits(*session, input.origin.node);
    out->effects.push_back(EndedEffect{{{input.origin, input.handle, receipt}}, why});
    return;
  }
  if (ReadGoesOn(*session, input.origin.node, input.version)) return;
  EndRead(*session, input.origin.node, out);
  pair->attach = input.origin.attach;
  pair->state = PairState::kBehind;
  pair->held = input.version;
  if (pair->renamed) TellId(*session, pair, out);
  QueueCatchUp(input.origin.node, *session, node);
}

void ShardMachine::On(const CloseInput& input, TurnOut* out) {
  const NodeState* node = Current(input.origin);
  const auto session = index_.SessionOf(input.origin.node, input.handle);
  if (!node || !session) return;
  EndRead(*session, input.origin.node, out);
  index_.Close(input.origin.node, input.handle);
  deliveries_.Closed(*session, input.origin.node, node->name);
}

// Tells a pair once that its copy is old; `again` asks for one more receipt.
void ShardMachine::Invalidate(SessionNumber session, Version to, bool again, Pair* pair,
                              TurnOut* out) {
  if (pair->state == PairState::kBehind) return;  // its catch-up is newer
  if (pair->state == PairState::kInvalidated && !again) return;
  if (pair->state == PairState::kLive) pair->held = to - 1;
  pair->state = PairState::kInvalidated;
  out->effects.push_back(InvalidatedEffect{TargetOf(session, *pair), session, pair->held, to});
}

void ShardMachine::Lapse(absl::Span<const LapsedPair> pairs) {
  for (const LapsedPair& lapsed : pairs) {
    NodeState* node = Current(lapsed.node);
    if (!node) continue;
    node->blocked = true;
    catching_up_.erase(lapsed.node.node);
    Pair* pair = index_.FindMutable(lapsed.session, lapsed.node.node);
    if (!pair || pair->state == PairState::kBehind) continue;
    ++counters_.lapses;
    pair->state = PairState::kBehind;
    pair->held = lapsed.held;
    QueueCatchUp(lapsed.node.node, lapsed.session, node);
  }
}

void ShardMachine::QueueCatchUp(NodeNumber number, SessionNumber session, NodeState* node) {
  if (node->queued.insert(session).second) node->behind.push_back(session);
  if (!node->blocked) catching_up_.insert(number);
}

// Nodes share the turn. Each gets several at a time, since every one that is told something in a
// turn costs a frame; so when many wait, they take turns.
void ShardMachine::StartCatchUps(TurnOut* out) {
  if (catching_up_.empty()) return;
  size_t left = options_.catch_ups_per_turn_max;
  const size_t each_max = std::max(std::min(kCatchUpsAtOnce, left), left / catching_up_.size());
  for (size_t nodes = catching_up_.size(); nodes > 0 && left > 0; --nodes) {
    auto next = catching_up_.upper_bound(last_caught_up_);
    if (next == catching_up_.end()) next = catching_up_.begin();
    last_caught_up_ = *next;
    left -= StartCatchUpsOf(*next, std::min(each_max, left), out);
    if (nodes_[*next].behind.empty()) catching_up_.erase(next);
  }
}

// The one mechanism for open, resume and lapse: a pair that is behind goes live at the end of a
// turn, with a catch-up to what this turn stores. Returns how many pairs it has looked at.
size_t ShardMachine::StartCatchUpsOf(NodeNumber number, size_t count_max, TurnOut* out) {
  NodeState& node = nodes_[number];
  size_t count = 0;
  for (; count < count_max && !node.behind.empty(); ++count) {
    const SessionNumber session = node.behind.front();
    node.behind.pop_front();
    node.queued.erase(session);
    Pair* pair = index_.FindMutable(session, number);
    if (!pair || pair->state != PairState::kBehind || pair->attach != node.attach) continue;
    const LargeRead* read = reads_.Find(session, number);
    if (read && !read->read) continue;  // it comes by itself
    pair->state = PairState::kLive;
    const Target target = TargetOf(session, *pair);
    if (read) {
      FinishRead(target, node, session, out);
      continue;
    }
    ++counters_.catch_ups;
    out->effects.push_back(
        CatchUpEffect{target, node.app, session, pair->held, node.incarnation, NewReadNumber()});
  }
  return count;
}

}  // namespace sessionhub::hub
