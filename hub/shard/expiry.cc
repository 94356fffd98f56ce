#include "hub/shard/expiry.h"

#include <algorithm>

namespace sessionhub::hub {
namespace {

// A mixing step of SplitMix64: neighbouring numbers get unlike results, equal on every machine.
uint64_t Mix(uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

uint64_t IdleDeadlineOf(SessionNumber session, const stored::Meta& meta, const ServedTime& served) {
  const uint64_t jitter_us = JitterUs(session, meta.idle_timeout());
  const uint64_t deadline = served.HubTimeAt(meta.last_served() + meta.idle_timeout() + jitter_us);
  // Nodes that used it before the start may still have to say so.
  if (meta.last_served() <= served.At(served.start_us())) return deadline + served.lease_us();
  return std::max(deadline, served.start_us() + served.lease_us() + jitter_us);
}

void PutEntry(SessionNumber session, uint64_t at_us, stored::Meta* meta, TurnState* state) {
  if (meta->expiry_entry() != 0) {
    state->EraseDue({HomeSlot(session), meta->expiry_entry(), session});
  }
  meta->set_expiry_entry(at_us);
  if (at_us != 0) state->PutDue({HomeSlot(session), at_us, session}, stored::Due::EXPIRE);
}

// Writes the entry anew if the deadline is earlier. One that is left without a deadline goes when
// it is due.
void KeepEntry(SessionNumber session, const ServedTime& served, stored::Meta* meta,
               TurnState* state) {
  const uint64_t deadline = DeadlineOf(session, *meta, served);
  if (deadline == 0) return;
  if (meta->expiry_entry() == 0 || deadline < meta->expiry_entry()) {
    PutEntry(session, deadline, meta, state);
  }
}

}  // namespace

uint64_t JitterUs(SessionNumber session, uint64_t idle_timeout_us) {
  const uint64_t range_us = idle_timeout_us / 10;
  return range_us == 0 ? 0 : Mix(session) % range_us;
}

uint64_t DeadlineOf(SessionNumber session, const stored::Meta& meta, const ServedTime& served) {
  const uint64_t absolute = meta.absolute_deadline();
  if (meta.idle_timeout() == 0) return absolute;
  const uint64_t idle = IdleDeadlineOf(session, meta, served);
  return absolute == 0 ? idle : std::min(idle, absolute);
}

void NoteUse(SessionNumber session, uint64_t at_us, const ServedTime& served, TurnState* state) {
  stored::Meta* meta = state->MutableMeta(session);
  meta->set_last_access(std::max(meta->last_access(), at_us));
  if (meta->idle_timeout() == 0) return;
  meta->set_last_served(std::max(meta->last_served(), served.At(at_us)));
  KeepEntry(session, served, meta, state);
}

void SetTimeouts(SessionNumber session, const Settings& settings, uint64_t now_us,
                 const ServedTime& served, TurnState* state) {
  if (!settings.idle_timeout_ms && !settings.absolute_timeout_ms) return;
  stored::Meta* meta = state->MutableMeta(session);
  if (settings.idle_timeout_ms) {
    meta->set_idle_timeout(*settings.idle_timeout_ms * 1000);
    if (*settings.idle_timeout_ms == 0) meta->clear_last_served();
  }
  if (settings.absolute_timeout_ms) {
    const uint64_t timeout_us = *settings.absolute_timeout_ms * 1000;
    meta->set_absolute_deadline(timeout_us == 0 ? 0 : now_us + timeout_us);
  }
  NoteUse(session, now_us, served, state);
  KeepEntry(session, served, meta, state);
}

void MoveEntry(SessionNumber session, const ServedTime& served, TurnState* state) {
  stored::Meta* meta = state->MutableMeta(session);
  PutEntry(session, DeadlineOf(session, *meta, served), meta, state);
}

void EraseEntry(SessionNumber session, TurnState* state) {
  PutEntry(session, 0, state->MutableMeta(session), state);
}

}  // namespace sessionhub::hub
