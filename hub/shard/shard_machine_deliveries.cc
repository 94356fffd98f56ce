// How commits wait until other nodes have applied them.
#include <string>
#include <utility>

#include "hub/shard/delivery.h"
#include "hub/shard/shard_machine.h"
#include "hub/shard/turn_out.h"

namespace sessionhub::hub {

using interest::Pair;
using interest::PairState;

Target ShardMachine::TargetOf(SessionNumber session, const Pair& pair) const {
  return {{pair.node, pair.attach}, pair.handle, deliveries_.Waits(session, pair.node)};
}

absl::Status ShardMachine::CheckRoomForDelivery(const CommitInput& input,
                                                SessionNumber session) const {
  if (!input.delivered) return absl::OkStatus();
  const size_t own = index_.Find(session, input.origin.node) == nullptr ? 0 : 1;
  if (deliveries_.HasRoom(index_.PairsOf(session).size() - own)) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "shard has delivery_waits_max = " + std::to_string(options_.delivery_waits_max) +
      " pairs of a delta and a node that has not applied it: commit as durable, or later");
}

void ShardMachine::StartDelivery(const CommitInput& input, SessionNumber session, Version version,
                                 TurnOut* out) {
  if (!input.delivered) return;
  if (out->now_us < options_.nodes_known_at_us) {
    out->effects.push_back(DeliveredEffect{input.origin, input.seq, {}, true});
    return;
  }
  Delivery delivery;
  delivery.committer = input.origin;
  delivery.seq = input.seq;
  delivery.version = version;
  delivery.ends = input.delta.deletes_session;
  delivery.begun_us = out->now_us;
  for (const Pair& pair : index_.PairsOf(session)) {
    if (pair.node == input.origin.node) continue;
    auto node = nodes_.find(pair.node);
    if (node == nodes_.end()) continue;
    if ((node->second.features & v1::FEATURE_DELIVERED) != 0) {
      delivery.waiting.push_back(pair.node);
    } else {
      delivery.missing.push_back(node->second.name);
    }
  }
  deliveries_.Add(session, std::move(delivery));
}

// The delta was applied before, and what was forwarded then may have asked for no receipt. So the
// copies that are live are brought to the newest version once more, which costs an empty catch-up
// for each.
void ShardMachine::RestartDelivery(const CommitInput& input, SessionNumber session, TurnOut* out) {
  const stored::Meta* meta = out->state.FindMeta(session);
  // Who held a session that is dead is not known any more.
  if (meta->dead() || !CheckRoomForDelivery(input, session).ok()) {
    out->effects.push_back(DeliveredEffect{input.origin, input.seq, {}, true});
    return;
  }
  StartDelivery(input, session, meta->version(), out);
  for (Pair& pair : index_.MutablePairsOf(session)) {
    if (!IsHeard(pair) || !deliveries_.Waits(session, pair.node)) continue;
    if (pair.state == PairState::kInvalidated) {
      Invalidate(session, meta->version(), /*again=*/true, &pair, out);
    }
    if (pair.state != PairState::kLive) continue;
    pair.state = PairState::kBehind;
    pair.held = meta->version();
    QueueCatchUp(pair.node, session, &nodes_[pair.node]);
  }
}

void ShardMachine::On(const ReceiptInput& input, TurnOut*) {
  if (!Current(input.origin)) return;
  const auto session = index_.SessionOf(input.origin.node, input.handle);
  if (!session) return;
  if (input.version != 0) {
    deliveries_.Applied(*session, input.origin.node, input.version);
    return;
  }
  // Of an end or an invalidation; a pair that has asked for a catch-up since is told by that.
  const Pair* pair = index_.Find(*session, input.origin.node);
  if (!pair || pair->state == PairState::kInvalidated) {
    deliveries_.Told(*session, input.origin.node);
  }
}

void ShardMachine::TellDeliveries(TurnOut* out) {
  for (Deliveries::Done& done : deliveries_.TakeDone()) {
    out->effects.push_back(
        DeliveredEffect{done.committer, done.seq, std::move(done.missing), done.unknown});
  }
}

}  // namespace sessionhub::hub
