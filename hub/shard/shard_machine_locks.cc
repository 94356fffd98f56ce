// How locks of sessions are granted, prolonged, given back, and end.
#include <string>
#include <utility>

#include "hub/shard/locks.h"
#include "hub/shard/shard_machine.h"
#include "hub/shard/turn_out.h"

namespace sessionhub::hub {
namespace {

AnswerEffect Granted(const Origin& origin, uint32_t request, const stored::Meta& meta) {
  return {origin, request, {}, meta.lock().counter(), meta.version()};
}

AnswerEffect RefusedRequest(const Origin& origin, uint32_t request, v1::RefusalReason reason) {
  return {origin, request, {reason, ReasonText(reason)}};
}

}  // namespace

void ShardMachine::On(const LockInput& input, TurnOut* out) {
  const NodeState* node = Current(input.origin);
  if (!node) return;
  const SessionNumber session = SessionOf(input);
  const stored::Meta* meta = session != 0 ? out->state.FindMeta(session) : nullptr;
  if (!meta || meta->dead() || meta->app() != node->app) {
    const auto why = session == 0 ? v1::UNKNOWN_HANDLE : v1::GONE;
    out->effects.push_back(RefusedRequest(input.origin, input.request, why));
    return;
  }
  const uint64_t served_us = options_.served.At(out->now_us);
  const LockWaiter waiter{input.origin, input.request, node->incarnation, input.lease_us,
                          out->now_us + input.wait_us};
  if (input.token != 0) {
    if (!IsHeldWith(meta->lock(), input.token, served_us)) {
      out->effects.push_back(RefusedRequest(input.origin, input.request, v1::LOCK_LOST));
      return;
    }
    out->state.MutableMeta(session)->mutable_lock()->set_deadline(served_us + input.lease_us);
    locks_.SetFreeAt(session, out->now_us + input.lease_us);
    out->uses.emplace_back(session, out->now_us);
    out->effects.push_back(Granted(input.origin, input.request, *out->state.FindMeta(session)));
  } else if (IsHeldBy(meta->lock(), node->incarnation, input.request, served_us)) {
    // Its holder has not heard of it yet, and has all of the lease before it.
    out->state.MutableMeta(session)->mutable_lock()->set_deadline(served_us + input.lease_us);
    locks_.SetFreeAt(session, out->now_us + input.lease_us);
    out->effects.push_back(Granted(input.origin, input.request, *out->state.FindMeta(session)));
  } else if (!IsHeld(meta->lock(), served_us) && !locks_.HasWaiters(session)) {
    GrantLock(session, waiter, out);
  } else if (input.wait_us == 0) {
    out->effects.push_back(RefusedRequest(input.origin, input.request, v1::LOCKED));
  } else {
    WaitForLock(session, waiter, out);
  }
}

void ShardMachine::WaitForLock(SessionNumber session, const LockWaiter& waiter, TurnOut* out) {
  const uint64_t free_at_us =
      options_.served.HubTimeAt(out->state.FindMeta(session)->lock().deadline());
  const absl::Status added = locks_.Add(session, waiter, free_at_us);
  if (added.ok()) return;
  ++counters_.lock_waits_refused;
  out->effects.push_back(AnswerEffect{waiter.origin, waiter.request, RefusalOf(added)});
}

// The answer is an effect like any other: it leaves once the grant is durable.
void ShardMachine::GrantLock(SessionNumber session, const LockWaiter& waiter, TurnOut* out) {
  stored::Meta* meta = out->state.MutableMeta(session);
  Grant(waiter.owner, waiter.request, options_.served.At(out->now_us) + waiter.lease_us,
        meta->mutable_lock());
  locks_.SetFreeAt(session, out->now_us + waiter.lease_us);
  out->uses.emplace_back(session, out->now_us);
  ++counters_.locks_granted;
  out->effects.push_back(Granted(waiter.origin, waiter.request, *meta));
}

void ShardMachine::On(const UnlockInput& input, TurnOut* out) {
  const NodeState* node = Current(input.origin);
  const SessionNumber session = SessionOf(input);
  const stored::Meta* meta = node && session != 0 ? out->state.FindMeta(session) : nullptr;
  if (!meta || meta->dead() || meta->app() != node->app) return;
  // One that has ended, or is somebody else's by now, needs no giving back.
  if (!IsHeldWith(meta->lock(), input.token, options_.served.At(out->now_us))) return;
  Release(out->state.MutableMeta(session)->mutable_lock());
  locks_.SetFreeAt(session, out->now_us);
  if (const auto next = locks_.TakeNext(session)) GrantLock(session, *next, out);
}

// Locks whose lease has ended go to those who have waited longest.
void ShardMachine::LookAtLocks(TurnOut* out) {
  for (SessionNumber session : locks_.DueBy(out->now_us)) {
    const stored::Meta* meta = out->state.FindMeta(session);
    if (!meta) continue;  // it has become due in this very turn: the next tick has it loaded
    if (!IsHeld(meta->lock(), options_.served.At(out->now_us))) {
      if (const auto next = locks_.TakeNext(session)) GrantLock(session, *next, out);
    }
    for (const LockWaiter& late : locks_.TakeLate(session, out->now_us)) {
      out->effects.push_back(RefusedRequest(late.origin, late.request, v1::LOCKED));
    }
  }
}

// The session is no more, and its lock with it.
void ShardMachine::EndWaits(SessionNumber session, TurnOut* out) {
  for (const LockWaiter& waiter : locks_.RemoveSession(session)) {
    out->effects.push_back(RefusedRequest(waiter.origin, waiter.request, v1::GONE));
  }
}

}  // namespace sessionhub::hub
