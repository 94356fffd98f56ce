// Catch-ups that are too large for a turn: what becomes of a pair while a reader makes its
// catch-up.
#include <algorithm>
#include <utility>

#include "hub/shard/shard_machine.h"
#include "hub/shard/turn_out.h"

namespace sessionhub::hub {

using interest::Pair;
using interest::PairState;

uint64_t ShardMachine::NewReadNumber() {
  return ++last_read_ * options_.shards + options_.shard;
}

// What a node has got of an unfinished catch-up stays good, if it says that it still has it and the
// rest will cover what it holds. Otherwise whoever asks often would never get to the end of one.
bool ShardMachine::ReadGoesOn(SessionNumber session, NodeNumber node, Version held) {
  const LargeRead* read = reads_.Find(session, node);
  return read && (read->replace || held >= read->since);
}

void ShardMachine::EndReads(const std::vector<LargeRead>& reads, TurnOut* out) {
  for (const LargeRead& read : reads) out->effects.push_back(EndReadEffect{read.number});
  if (!reads.empty()) QueueWaiting();
}

void ShardMachine::EndRead(SessionNumber session, NodeNumber node, TurnOut* out) {
  if (const auto read = reads_.Take(session, node)) EndReads({*read}, out);
}

void ShardMachine::On(const ReadDoneInput& input, TurnOut* out) {
  LargeRead* read = reads_.Find(input.session, input.node);
  if (!read || read->number != input.read) return;
  if (input.status.ok()) {
    read->read = true;
    QueueCatchUp(input.node, input.session, &nodes_[input.node]);
    return;
  }
  const Origin origin = read->node;
  EndRead(input.session, input.node, out);
  const Pair* pair = index_.Find(input.session, input.node);
  if (!pair) return;
  out->effects.push_back(EndedEffect{{{origin, pair->handle}}, v1::Ended::UNREADABLE});
  index_.RemovePair(input.session, input.node, pair->handle);
  const NodeState& node = nodes_[input.node];
  deliveries_.Closed(input.session, input.node, node.name);
}

// All of the read has left: what has changed since then makes the pair live, in this very turn. If
// that was too much to be kept, the copy gets to where the read began, and the next catch-up goes
// on from there.
void ShardMachine::FinishRead(const Target& target, const NodeState& node, SessionNumber session,
                              TurnOut* out) {
  finishing_.push_back(*reads_.Take(session, target.node.node));
  out->effects.push_back(
      FinishCatchUpEffect{target, node.app, node.incarnation, finishing_.back()});
}

void ShardMachine::Released(absl::Span<const LapsedPair> lapsed,
                            absl::Span<const LargePair> large) {
  bool ended = false;
  for (LargeRead& read : std::exchange(finishing_, {})) {
    const bool refused = std::any_of(lapsed.begin(), lapsed.end(), [&](const LapsedPair& pair) {
      return pair.session == read.session && pair.node.node == read.node.node &&
             pair.node.attach == read.node.attach;
    });
    if (refused) {
      reads_.Add(std::move(read));
    } else {
      Finished(read);
      ended = true;
    }
  }
  Lapse(lapsed);
  for (const LargePair& pair : large) AddLarge(pair);
  // Last: who found no reader free in this very turn may have been looked at before these ended,
  // and there may be no other end to come.
  if (ended) QueueWaiting();
}

void ShardMachine::Finished(const LargeRead& read) {
  if (!read.overrun) return;
  NodeState* node = Current(read.node);
  Pair* pair = index_.FindMutable(read.session, read.node.node);
  if (!node || !pair) return;
  pair->state = PairState::kBehind;
  pair->held = read.version;
  QueueCatchUp(read.node.node, read.session, node);
}

void ShardMachine::AddLarge(const LargePair& large) {
  Pair* pair = index_.FindMutable(large.read.session, large.read.node.node);
  if (!pair) return;
  pair->state = PairState::kBehind;
  pair->held = large.read.since;
  if (large.started) {
    ++counters_.large_catch_ups;
    reads_.Add(large.read);
  } else {
    waiting_.Add({large.read.node.node, large.read.node.attach, large.read.session});
  }
}

// A read has ended, so one of those that wait may begin: all of them are looked at again, those
// that have waited longest first.
void ShardMachine::QueueWaiting() {
  for (const auto& [number, attach, session] : waiting_.TakeAll()) {
    NodeState* node = Current({number, attach});
    if (node) QueueCatchUp(number, session, node);
  }
}

}  // namespace sessionhub::hub
