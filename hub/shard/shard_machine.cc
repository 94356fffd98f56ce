#include "hub/shard/shard_machine.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>

#include "hub/record/field_value.h"
#include "hub/shard/dedupe.h"
#include "hub/shard/delta_step.h"
#include "hub/shard/life.h"
#include "hub/shard/plan.h"

namespace sessionhub::hub {
namespace {

using interest::Pair;
using interest::PairState;

// Hub time is stored at most this often: it only has to survive a restart roughly.
constexpr uint64_t kHubTimeStoredEveryUs = 1'000'000;

// Nodes that have left of which the machine remembers what they have seen.
constexpr size_t kDepartedMax = 10'000;

absl::Status Gone() {
  return StatusOf({v1::GONE, ""});
}

OpenedEffect RefusedOpen(const OpenInput& input, v1::RefusalReason reason, std::string message) {
  OpenedEffect effect;
  effect.to_node = input.origin;
  effect.request = input.request;
  effect.refusal = {reason, std::move(message)};
  return effect;
}

}  // namespace

// The turn in the making.
struct ShardMachine::Out {
  Out(const Loaded* loaded_state, uint64_t now)
      : loaded(loaded_state), state(loaded_state), now_us(now) {}

  const Loaded* loaded;
  TurnState state;
  uint64_t now_us;
  std::vector<Effect> effects;
  bool ticked = false;
};

ShardMachine::ShardMachine(const ShardMachineOptions& options)
    : options_(options), index_(options.shard + 1, options.shards) {
  for (uint32_t slot = options.shard; slot < kSlots; slot += options.shards) {
    slots_.push_back(static_cast<Slot>(slot));
  }
}

ReadSet ShardMachine::Plan(absl::Span<const Input> inputs, const Loaded& loaded,
                           uint64_t now_us) const {
  return hub::Plan(inputs, loaded, {&index_, &options_.limits, &slots_, now_us});
}

ShardMachine::Turn ShardMachine::Step(absl::Span<const Input> inputs, const Loaded& loaded,
                                      uint64_t now_us) {
  Out out(&loaded, now_us);
  for (const Input& input : inputs) {
    std::visit([this, &out](const auto& one) { On(one, &out); }, input);
  }
  StartCatchUps(&out);
  Turn turn{std::move(out.state).TakeRecord(), std::move(out.effects)};
  if (!turn.record.empty() && now_us >= stored_hub_time_us_ + kHubTimeStoredEveryUs) {
    turn.record.hub_time = now_us;
    stored_hub_time_us_ = now_us;
  }
  return turn;
}

// ---- nodes ----

ShardMachine::NodeState* ShardMachine::Current(const Origin& origin) {
  auto it = nodes_.find(origin.node);
  if (it == nodes_.end() || it->second.attach != origin.attach) return nullptr;
  return &it->second;
}

void ShardMachine::On(const AttachInput& input, Out* out) {
  if (ended_.contains(input.incarnation)) {  // ended while it was about to attach
    out->effects.push_back(IncarnationEndedEffect{input.origin});
    return;
  }
  present_.insert(input.incarnation);
  NodeState& node = nodes_[input.origin.node];
  node.attach = input.origin.attach;
  node.attached = true;
  node.blocked = false;
  node.app = input.app;
  node.incarnation = input.incarnation;
  node.queued.clear();
  node.behind.clear();  // each pair waits for its Resume, which says what the node holds
  catching_up_.erase(input.origin.node);
}

void ShardMachine::On(const DetachInput& input, Out*) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  node->attached = false;
  catching_up_.erase(input.origin.node);
}

void ShardMachine::On(const LeaseEndInput& input, Out*) {
  index_.RemoveNode(input.node);
  auto it = nodes_.find(input.node);
  if (it == nodes_.end()) return;
  present_.erase(it->second.incarnation);
  // What it has seen stays known for a while, so that its rows go when their sessions are written
  // next.
  departed_.push_back(it->second.incarnation);
  if (departed_.size() > kDepartedMax) {
    if (!present_.contains(departed_.front())) seen_through_.erase(departed_.front());
    departed_.pop_front();
  }
  catching_up_.erase(input.node);
  nodes_.erase(it);
}

void ShardMachine::On(const SeenInput& input, Out*) {
  if (const NodeState* node = Current(input.origin)) NoteSeen(node->incarnation, input.through);
}

void ShardMachine::NoteSeen(const Incarnation& incarnation, uint64_t through) {
  if (through == 0) return;
  uint64_t& seen_through = seen_through_[incarnation];
  seen_through = std::max(seen_through, through);
}

void ShardMachine::On(const RoomInput& input, Out*) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  node->blocked = false;
  if (!node->behind.empty()) catching_up_.insert(input.origin.node);
}

size_t ShardMachine::behind_count() const {
  size_t count = 0;
  for (const auto& [number, node] : nodes_) count += node.behind.size();
  return count;
}

bool ShardMachine::IsHeard(const Pair& pair) const {
  auto it = nodes_.find(pair.node);
  return it != nodes_.end() && it->second.attached && pair.attach == it->second.attach;
}

// ---- deltas ----

SessionNumber ShardMachine::SessionOf(const CommitInput& input) const {
  if (input.handle == 0) return input.number;
  return index_.SessionOf(input.origin.node, input.handle).value_or(0);
}

void ShardMachine::On(const CommitInput& input, Out* out) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  NoteSeen(node->incarnation, input.answers_seen_through);
  const SessionNumber session = SessionOf(input);
  if (session == 0) {
    ++counters_.deltas_refused;
    const std::string message = "handle " + std::to_string(input.handle) + " is not open";
    out->effects.push_back(RefusedEffect{input.origin, input.seq, {v1::UNKNOWN_HANDLE, message}});
    return;
  }
  Decide(input, *node, session, out);
}

void ShardMachine::Decide(const CommitInput& input, const NodeState& node, SessionNumber session,
                          Out* out) {
  const stored::Meta* meta = out->state.FindMeta(session);
  if (!meta || meta->app() != node.app) return Refuse(input, node, 0, Gone(), out);
  const Recognised recognised = Recognise(*meta, node.incarnation, input.seq);
  if (recognised.kind != Recognised::Kind::kNew) {
    ++counters_.deltas_duplicate;
    if (recognised.kind == Recognised::Kind::kApplied) {
      out->effects.push_back(AlreadyEffect{input.origin, input.seq, recognised.version});
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
  if (!input.admission.ok()) return Refuse(input, node, session, input.admission, out);

  if (input.delta.deletes_session) return Delete(input, node, session, out);
  auto operations = ApplyDelta(session, input.delta, options_.limits, &out->state);
  if (!operations.ok()) return Refuse(input, node, session, operations.status(), out);
  ++counters_.deltas_applied;
  stored::Meta* changed = out->state.MutableMeta(session);
  changed->set_last_access(out->now_us);
  RecordApplied(node.incarnation, input.seq, changed);
  const Version to = changed->version();
  out->effects.push_back(AppliedEffect{input.origin, input.seq, to - 1, to});
  Forward(input, session, to, *std::move(operations), out);
}

void ShardMachine::Delete(const CommitInput& input, const NodeState& node, SessionNumber session,
                          Out* out) {
  const stored::Identity* identity = out->state.FindIdentity(session);
  if (!identity) return Refuse(input, node, session, Gone(), out);
  // The slot of a name is that of its session until ids can change.
  const NameKey name{HomeSlot(session), node.app, identity->id()};
  const Version last = EndSession(name, session, out->now_us, &out->state);
  RecordApplied(node.incarnation, input.seq, out->state.MutableMeta(session));
  ++counters_.deltas_applied;
  out->effects.push_back(AppliedEffect{input.origin, input.seq, last - 1, last});
  TellEnded(session, out);
}

// Refuses for good. A session that lives remembers it (`session` not 0), so that a resend is
// refused again whatever has happened since; one that is gone stays gone by itself.
void ShardMachine::Refuse(const CommitInput& input, const NodeState& node, SessionNumber session,
                          const absl::Status& why, Out* out) {
  ++counters_.deltas_refused;
  Refusal refusal = RefusalOf(why);
  if (session != 0) {
    RecordRefused(node.incarnation, input.seq, refusal.reason, out->state.MutableMeta(session));
  }
  out->effects.push_back(RefusedEffect{input.origin, input.seq, std::move(refusal)});
}

// Drops what dedupe keeps for answers that have arrived. Called when the meta is rewritten anyway.
void ShardMachine::ForgetSeenAnswers(SessionNumber session, Out* out) {
  ForgetSeen(
      [this](const Incarnation& incarnation) {
        auto it = seen_through_.find(incarnation);
        return it == seen_through_.end() ? 0 : it->second;
      },
      out->state.MutableMeta(session));
}

// Ends the oldest writer that is away for good. Its pending commits end Unknown, should it ever
// come back, and are never applied: a table has to end somewhere, and nobody else may have to wait
// for it.
bool ShardMachine::MakeRoomForWriter(SessionNumber session, Out* out) {
  const auto ended = TakeOldestWriter(
      [this](const Incarnation& incarnation) { return !present_.contains(incarnation); },
      out->state.MutableMeta(session));
  if (!ended) return false;
  ended_.insert(*ended);
  out->state.EndIncarnation(*ended);
  return true;
}

void ShardMachine::Forward(const CommitInput& input, SessionNumber session, Version to,
                           std::vector<Operation> operations, Out* out) {
  ForwardEffect forward;
  for (const Pair& pair : index_.PairsOf(session)) {
    if (pair.node == input.origin.node || pair.state != PairState::kLive || !IsHeard(pair))
      continue;
    forward.targets.push_back({{pair.node, pair.attach}, pair.handle});
  }
  if (forward.targets.empty()) return;
  counters_.forwards += forward.targets.size();
  forward.app = nodes_[input.origin.node].app;
  forward.session = session;
  forward.from = to - 1;
  forward.to = to;
  forward.operations = std::move(operations);
  out->effects.push_back(std::move(forward));
}

// ---- interest ----

void ShardMachine::On(const OpenInput& input, Out* out) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  const stored::Name* name = out->state.FindName(input.name);
  if (name && input.create == v1::CREATE_EXCLUSIVE) {
    out->effects.push_back(RefusedOpen(input, v1::ALREADY_EXISTS, "a session with this id exists"));
    return;
  }
  if (input.number != 0 && (!name || name->number() != input.number)) {
    out->effects.push_back(RefusedOpen(input, v1::GONE, ReasonText(v1::GONE)));
    return;
  }
  const bool held = name && index_.Find(name->number(), input.origin.node) != nullptr;
  if (!held && index_.HandleCountOf(input.origin.node) >= options_.handles_per_node_max) {
    out->effects.push_back(RefusedOpen(
        input, v1::LIMIT_EXCEEDED,
        "node holds handles_per_node_max = " + std::to_string(options_.handles_per_node_max) +
            " sessions: close some"));
    return;
  }
  if (name) return Register(input, name->number(), false, node, out);
  if (input.create == v1::CREATE_NEVER) {
    out->effects.push_back(RefusedOpen(input, v1::NOT_FOUND, ReasonText(v1::NOT_FOUND)));
    return;
  }
  const std::optional<SessionNumber> number = CreateSession(input.name, out->now_us, &out->state);
  if (!number) return;  // unreachable: the plan loads the count of the slot of each creating Open
  ++counters_.sessions_created;
  Register(input, *number, true, node, out);
}

void ShardMachine::Register(const OpenInput& input, SessionNumber session, bool created,
                            NodeState* node, Out* out) {
  // A version held says something only of this very life.
  const Version held = input.number == session ? input.version : 0;
  const Pair* pair = index_.Add(session, input.origin.node, input.origin.attach, held);
  QueueCatchUp(input.origin.node, session, node);
  out->effects.push_back(
      OpenedEffect{input.origin, input.request, pair->handle, session, created, {}});
}

void ShardMachine::On(const ResumeInput& input, Out* out) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  const auto session = index_.SessionOf(input.origin.node, input.handle);
  Pair* pair = session ? index_.FindMutable(*session, input.origin.node) : nullptr;
  if (!pair) {
    const auto why = session ? v1::Ended::DELETED : v1::Ended::UNKNOWN;
    out->effects.push_back(EndedEffect{{{input.origin, input.handle}}, why});
    return;
  }
  pair->attach = input.origin.attach;
  pair->state = PairState::kBehind;
  pair->held = input.version;
  QueueCatchUp(input.origin.node, *session, node);
}

void ShardMachine::On(const CloseInput& input, Out*) {
  if (Current(input.origin)) index_.Close(input.origin.node, input.handle);
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

// The one mechanism for open, resume and lapse: a pair that is behind goes live at the end of a
// turn, with a catch-up to what this turn stores. Nodes share the turn evenly.
void ShardMachine::StartCatchUps(Out* out) {
  if (catching_up_.empty()) return;
  const size_t each_max =
      std::max<size_t>(1, options_.catch_ups_per_turn_max / catching_up_.size());
  for (auto it = catching_up_.begin(); it != catching_up_.end();) {
    NodeState& node = nodes_[*it];
    for (size_t n = 0; n < each_max && !node.behind.empty(); ++n) {
      const SessionNumber session = node.behind.front();
      node.behind.pop_front();
      node.queued.erase(session);
      Pair* pair = index_.FindMutable(session, *it);
      if (!pair || pair->state != PairState::kBehind || pair->attach != node.attach) continue;
      pair->state = PairState::kLive;
      ++counters_.catch_ups;
      const Target target{{*it, node.attach}, pair->handle};
      out->effects.push_back(
          CatchUpEffect{target, node.app, session, pair->held, node.incarnation});
    }
    it = node.behind.empty() ? catching_up_.erase(it) : std::next(it);
  }
}

// ---- the end of sessions ----

void ShardMachine::TellEnded(SessionNumber session, Out* out) {
  ++counters_.sessions_ended;
  EndedEffect ended;
  ended.why = v1::Ended::DELETED;
  for (const Pair& pair : index_.RemoveSession(session)) {
    if (IsHeard(pair)) ended.targets.push_back({{pair.node, pair.attach}, pair.handle});
  }
  if (!ended.targets.empty()) out->effects.push_back(std::move(ended));
}

void ShardMachine::On(const DeleteInput& input, Out* out) {
  DeletedEffect deleted;
  deleted.call = input.call;
  const stored::Name* name = out->state.FindName(input.name);
  if (!name) {
    deleted.status = StatusOf({v1::NOT_FOUND, ""});
    out->effects.push_back(std::move(deleted));
    return;
  }
  deleted.number = name->number();
  deleted.version = EndSession(input.name, deleted.number, out->now_us, &out->state);
  TellEnded(deleted.number, out);
  out->effects.push_back(std::move(deleted));
}

void ShardMachine::On(const TickInput&, Out* out) {
  if (std::exchange(out->ticked, true)) return;  // two of them see the same entries
  for (Slot slot : slots_) {
    auto due = out->loaded->due_ranges.find(DueRange{slot, out->now_us, kDuePerTurnMax});
    if (due == out->loaded->due_ranges.end()) continue;
    for (const DueEntry& entry : due->second) {
      if (entry.due.what() == stored::Due::PURGE) PurgeSession(entry.key, &out->state);
      if (entry.due.what() != stored::Due::SWEEP) continue;
      auto fields = out->loaded->field_ranges.find(
          FieldRange{entry.key.session, Path(), kSweptFieldsPerTurnMax});
      if (fields == out->loaded->field_ranges.end()) continue;
      SweepSession(entry.key, fields->second, out->now_us + options_.resend_horizon_us,
                   &out->state);
    }
  }
}

}  // namespace sessionhub::hub
