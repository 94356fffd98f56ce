// How deltas are decided: recognised, refused or applied, and forwarded.
#include <string>
#include <utility>

#include "hub/shard/dedupe.h"
#include "hub/shard/delta_step.h"
#include "hub/shard/expiry.h"
#include "hub/shard/life.h"
#include "hub/shard/locks.h"
#include "hub/shard/shard_machine.h"
#include "hub/shard/turn_out.h"

namespace sessionhub::hub {
namespace {

using interest::Pair;
using interest::PairState;

// Far more than can be ended while one Attach is on its way from the registrar to the shard.
constexpr size_t kEndedMax = 1'000;

absl::Status Gone() {
  return StatusOf({v1::GONE, ""});
}

}  // namespace

void ShardMachine::On(const CommitInput& input, TurnOut* out) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  NoteSeen(node->incarnation, input.answers_seen_through);
  const SessionNumber session = SessionOf(input);
  if (session == 0) {
    ++counters_.deltas_refused;
    const std::string message = "handle " + std::to_string(input.handle) + " is not open";
    ledger_.Refused(node->app);
    out->effects.push_back(RefusedEffect{input.origin, input.seq, {v1::UNKNOWN_HANDLE, message}});
    return;
  }
  Decide(input, *node, session, out);
}

void ShardMachine::Decide(const CommitInput& input, const NodeState& node, SessionNumber session,
                          TurnOut* out) {
  const stored::Meta* meta = out->state.FindMeta(session);
  if (!meta || meta->app() != node.app) return Refuse(input, node, 0, Gone(), out);
  const Recognised recognised = Recognise(*meta, node.incarnation, input.seq);
  if (recognised.kind != Recognised::Kind::kNew) {
    ++counters_.deltas_duplicate;
    ledger_.Duplicate(node.app);
    if (recognised.kind == Recognised::Kind::kApplied) {
      out->effects.push_back(AlreadyEffect{input.origin, input.seq, recognised.version});
      if (input.delivered) RestartDelivery(input, session, out);
    } else {
      const Refusal refusal{recognised.reason, ReasonText(recognised.reason)};
      out->effects.push_back(RefusedEffect{input.origin, input.seq, refusal});
    }
    return;
  }
  if (meta->dead()) return Refuse(input, node, 0, Gone(), out);
  ForgetSeenAnswers(session, out);
  meta = out->state.FindMeta(session);
  if (!HasRoomForWriter(*meta, node.incarnation) && !MakeRoomForWriter(session, out)) {
    const std::string message = "session has " + std::to_string(kWritersMax) +
                                " attached writers that have not seen their answers: commit again";
    return Refuse(input, node, 0, absl::ResourceExhaustedError(message), out);
  }
  if (RefusalsAreFull(*meta, node.incarnation)) {
    const std::string message = "node has " + std::to_string(kRefusedRunsMax) +
                                " refusals on this session whose answers it has not said to have "
                                "seen: send answers_seen_through";
    return Refuse(input, node, session, absl::ResourceExhaustedError(message), out);
  }
  if (!input.admission.ok()) return Refuse(input, node, session, input.admission, out);
  if (absl::Status room = CheckRoomForDelivery(input, session); !room.ok()) {
    ++counters_.deliveries_refused;
    return Refuse(input, node, session, room, out);
  }
  if (input.delta.after_previous && LastWasRefused(*meta, node.incarnation)) {
    const Refusal refusal{v1::PREVIOUS_REFUSED, ReasonText(v1::PREVIOUS_REFUSED)};
    return Refuse(input, node, session, RefusalStatus(refusal.reason, refusal.message), out);
  }
  if (input.delta.lock_token != 0 &&
      !IsHeldWith(meta->lock(), input.delta.lock_token, options_.served.At(out->now_us))) {
    return Refuse(input, node, session, RefusalStatus(v1::LOCK_LOST, ReasonText(v1::LOCK_LOST)),
                  out);
  }
  if (absl::Status holds = CheckConditions(session, input.delta, out->state); !holds.ok()) {
    return Refuse(input, node, session, holds, out);
  }
  if (input.delta.deletes_session) return Delete(input, node, session, out);
  auto applied = ApplyDelta(session, input.delta, options_.limits, &out->state);
  if (!applied.ok()) return Refuse(input, node, session, applied.status(), out);
  ++counters_.deltas_applied;
  ledger_.Applied(node.app, session);
  ApplySettings(session, input.delta.settings, out->now_us, options_.served, &out->state);
  NoteUse(session, out->now_us, options_.served, &out->state);
  stored::Meta* changed = out->state.MutableMeta(session);
  RecordApplied(node.incarnation, input.seq, changed);
  const Version to = changed->version();
  out->effects.push_back(AppliedEffect{input.origin, input.seq, to - 1, to});
  reads_.Note(session, applied->operations);
  StartDelivery(input, session, to, out);
  Forward(input, session, to, *std::move(applied), out);
}

void ShardMachine::Delete(const CommitInput& input, const NodeState& node, SessionNumber session,
                          TurnOut* out) {
  if (!out->state.FindIdentity(session)) return Refuse(input, node, session, Gone(), out);
  ++counters_.deltas_applied;
  ledger_.Deleted(node.app);
  End(session, v1::Ended::DELETED, out, [&](Version last) {
    RecordApplied(node.incarnation, input.seq, out->state.MutableMeta(session));
    out->effects.push_back(AppliedEffect{input.origin, input.seq, last - 1, last});
    StartDelivery(input, session, last, out);
  });
}

// Refuses for good. A session that lives remembers it (`session` not 0), so that a resend is
// refused again whatever has happened since; one that is gone stays gone by itself.
void ShardMachine::Refuse(const CommitInput& input, const NodeState& node, SessionNumber session,
                          const absl::Status& why, TurnOut* out) {
  ++counters_.deltas_refused;
  ledger_.Refused(node.app);
  Refusal refusal = RefusalOf(why);
  if (session != 0) {
    RecordRefused(node.incarnation, input.seq, refusal.reason, out->state.MutableMeta(session));
  }
  out->effects.push_back(RefusedEffect{input.origin, input.seq, std::move(refusal)});
}

// Drops what dedupe keeps for answers that have arrived, or that nobody can ask for any more.
// Called when the meta is rewritten anyway.
void ShardMachine::ForgetSeenAnswers(SessionNumber session, TurnOut* out) {
  ForgetSeen(
      [this](const Incarnation& incarnation) {
        auto it = seen_through_.find(incarnation);
        return it == seen_through_.end() ? 0 : it->second;
      },
      out->state.MutableMeta(session));
  // What a node has sent may wait in the mailbox yet, though its incarnation has ended meanwhile.
  const auto alive = [this, out](const Incarnation& incarnation) {
    return present_.contains(incarnation) ? true : out->state.IsAlive(incarnation);
  };
  ForgetEnded(alive, out->now_us, out->state.MutableMeta(session));
}

// Ends the oldest writer that is away for good. Its pending commits end Unknown, should it ever
// come back, and are never applied: a table has to end somewhere, and nobody else may have to wait
// for it.
bool ShardMachine::MakeRoomForWriter(SessionNumber session, TurnOut* out) {
  const auto ended = TakeOldestWriter(
      [this](const Incarnation& incarnation) { return !present_.contains(incarnation); },
      out->state.MutableMeta(session));
  if (!ended) return false;
  ended_.push_back(*ended);
  if (ended_.size() > kEndedMax) ended_.pop_front();
  out->state.EndIncarnation(*ended);
  return true;
}

void ShardMachine::Forward(const CommitInput& input, SessionNumber session, Version to,
                           AppliedDelta applied, TurnOut* out) {
  ForwardEffect forward;
  forward.app = nodes_[input.origin.node].app;
  forward.session = session;
  forward.from = to - 1;
  forward.to = to;
  forward.idle_timeout_ms = input.delta.settings.idle_timeout_ms;
  ForwardEffect whole = forward;  // for nodes without splices
  for (Pair& pair : index_.MutablePairsOf(session)) {
    if (pair.node == input.origin.node || !IsHeard(pair)) continue;
    if (pair.invalidates) Invalidate(session, to, input.delivered, &pair, out);
    if (pair.state != PairState::kLive) continue;
    const bool splices =
        applied.without_splices.empty() || (nodes_[pair.node].features & v1::FEATURE_SPLICE) != 0;
    ForwardEffect& effect = splices ? forward : whole;
    effect.targets.push_back(TargetOf(session, pair));
  }
  counters_.forwards += forward.targets.size() + whole.targets.size();
  ledger_.Forwarded(forward.app, forward.targets.size() + whole.targets.size());
  forward.operations = std::move(applied.operations);
  whole.operations = std::move(applied.without_splices);
  if (!forward.targets.empty()) out->effects.push_back(std::move(forward));
  if (!whole.targets.empty()) out->effects.push_back(std::move(whole));
}

}  // namespace sessionhub::hub
