// How sessions end, and what is due for those that have ended.
#include <algorithm>
#include <utility>

#include "hub/shard/expiry.h"
#include "hub/shard/life.h"
#include "hub/shard/plan.h"
#include "hub/shard/renames.h"
#include "hub/shard/shard_machine.h"
#include "hub/shard/turn_out.h"

namespace sessionhub::hub {

using interest::Pair;

Version ShardMachine::End(SessionNumber session, v1::Ended::Why why, TurnOut* out,
                          absl::FunctionRef<void(Version)> answer) {
  if (const stored::Identity* identity = out->state.FindIdentity(session)) {
    NameNoteInput note;
    note.name = NameOfSession(session, *identity);
    note.number = session;
    if (note.name.slot == HomeSlot(session)) {
      out->state.EraseName(note.name);
    } else {
      out->effects.push_back(PostEffect{std::move(note)});
    }
  }
  const Version last = EndSession(session, out->now_us, &out->state);
  EndWaits(session, out);
  ++counters_.sessions_ended;
  if (why == v1::Ended::EXPIRED) ++counters_.sessions_expired;
  answer(last);
  EndReads(reads_.TakeSession(session), out);
  EndedEffect ended;
  ended.why = why;
  for (const Pair& pair : index_.RemoveSession(session)) {
    if (IsHeard(pair)) ended.targets.push_back(TargetOf(session, pair));
  }
  if (!ended.targets.empty()) out->effects.push_back(std::move(ended));
  return last;
}

void ShardMachine::On(const DeleteInput& input, TurnOut* out) {
  if (input.name.id.empty()) {
    const stored::Identity* identity = out->state.FindIdentity(input.number);
    const bool owned = identity && identity->app() == input.name.app && !input.owner.empty() &&
                       identity->owner() == input.owner;
    return DeleteFor(input, owned ? input.number : 0, out);
  }
  const stored::Name* name = out->state.FindName(input.name);
  if (name && !IsExact(input.name, *name)) return LookUp(input.name, *name, input, out);
  DeleteFor(input, name ? name->number() : 0, out);
}

void ShardMachine::DeleteFor(const DeleteInput& input, SessionNumber session, TurnOut* out) {
  DeletedEffect deleted;
  deleted.call = input.call;
  deleted.number = session;
  const stored::Meta* meta = out->state.FindMeta(session);
  if (!meta || meta->dead()) {
    deleted.status = StatusOf({v1::NOT_FOUND, ""});
  } else {
    const auto why = input.as_expired ? v1::Ended::EXPIRED : v1::Ended::DELETED;
    deleted.version = End(session, why, out);
  }
  out->effects.push_back(std::move(deleted));
}

void ShardMachine::On(const TickInput&, TurnOut* out) {
  if (std::exchange(out->ticked, true)) return;  // two of them see the same entries
  if (out->now_us > options_.delivery_wait_max_us) {
    deliveries_.GiveUp(out->now_us - options_.delivery_wait_max_us);
  }
  for (const DueRange& range : agenda_.RangesAt(out->now_us)) {
    auto due = out->loaded->due_ranges.find(range);
    if (due == out->loaded->due_ranges.end()) continue;
    for (const DueEntry& entry : due->second) {
      if (entry.key.due <= out->now_us) SeeToDue(entry, out);
    }
    agenda_.SeenTo(range, due->second);
  }
  LookAtLocks(out);
}

void ShardMachine::SeeToDue(const DueEntry& entry, TurnOut* out) {
  if (entry.due.what() == stored::Due::EXPIRE) return Expire(entry, out);
  if (entry.due.what() == stored::Due::PURGE) return Purge(entry.key, out);
  if (entry.due.what() == stored::Due::NAME) return LookAtOldName(entry, out);
  if (entry.due.what() != stored::Due::SWEEP) return;
  auto fields = out->loaded->field_ranges.find(SweepOf(entry.key.session));
  if (fields == out->loaded->field_ranges.end()) return;
  if (fields->second.size() >= kSweptFieldsPerTurnMax) out->due_again.push_back(entry.key);
  SweepSession(entry.key, fields->second, out->now_us + options_.resend_horizon_us, &out->state);
}

void ShardMachine::Expire(const DueEntry& entry, TurnOut* out) {
  const SessionNumber session = entry.key.session;
  const stored::Meta* meta = out->state.FindMeta(session);
  // Ended in this very turn: its entry went with it, and the sweep may have the same key.
  if (meta && meta->dead() && entry.key.due == out->now_us) return;
  if (!meta || meta->dead() || meta->expiry_entry() != entry.key.due) {  // of an earlier deadline
    out->state.EraseDue(entry.key);
    return;
  }
  const bool used_now = std::any_of(out->uses.begin(), out->uses.end(),
                                    [session](const auto& use) { return use.first == session; });
  const uint64_t deadline = DeadlineOf(session, *meta, options_.served);
  if (deadline == 0 || deadline > out->now_us || used_now) {
    out->moves.push_back(session);
    return;
  }
  if (MayBeUsedUnheard(session, out->now_us)) {
    out->uses.emplace_back(session, out->now_us);
    out->moves.push_back(session);
    return;
  }
  // Its timeout has changed in this very turn: the next tick has its identity loaded.
  if (!out->state.FindIdentity(session)) {
    out->due_again.push_back(entry.key);
    return;
  }
  End(session, v1::Ended::EXPIRED, out);
}

// True if a node that is not read at present, or was not within a lease, has its interest.
bool ShardMachine::MayBeUsedUnheard(SessionNumber session, uint64_t now_us) const {
  const auto pairs = index_.PairsOf(session);
  return std::any_of(pairs.begin(), pairs.end(), [&](const interest::Pair& pair) {
    const auto node = nodes_.find(pair.node);
    return node != nodes_.end() && node->second.unread_us &&
           now_us - *node->second.unread_us <= options_.served.lease_us();
  });
}

void ShardMachine::On(const TouchInput& input, TurnOut* out) {
  const NodeState* node = Current(input.origin);
  const SessionNumber session = SessionOf(input);
  const stored::Meta* meta = node && session != 0 ? out->state.FindMeta(session) : nullptr;
  if (!meta || meta->dead() || meta->app() != node->app) return;
  ++counters_.touches;
  out->uses.emplace_back(session, out->now_us - std::min(out->now_us, input.ago_us));
}

void ShardMachine::On(const UnreadInput& input, TurnOut* out) {
  if (NodeState* node = Current(input.origin)) node->unread_us = out->now_us;
}

// Last in a turn: whatever the turn decides of these sessions, it has decided.
void ShardMachine::WriteUses(TurnOut* out) {
  for (const auto& [session, at_us] : out->uses) {
    const stored::Meta* meta = out->state.FindMeta(session);
    if (!meta || meta->dead() || meta->idle_timeout() == 0) continue;
    NoteUse(session, at_us, options_.served, &out->state);
  }
  for (SessionNumber session : out->moves) {
    const stored::Meta* meta = out->state.FindMeta(session);
    if (meta && !meta->dead()) MoveEntry(session, options_.served, &out->state);
  }
}

// Removes what is left of a dead session, unless somebody may still resend a delta that it has
// decided: to him it would look like one that never was.
void ShardMachine::Purge(const DueKey& key, TurnOut* out) {
  if (out->state.FindMeta(key.session)) {
    ForgetSeenAnswers(key.session, out);
    if (out->state.FindMeta(key.session)->writers_size() > 0) {
      const uint64_t again_us = std::max<uint64_t>(1, options_.resend_horizon_us / 8);
      return PostponePurge(key, out->now_us + again_us, &out->state);
    }
  }
  FreeNameOfDead(key.session, out);
  PurgeSession(key, &out->state);
}

}  // namespace sessionhub::hub
