#include "hub/shard/renames.h"

#include <xxhash.h>

#include <algorithm>

namespace sessionhub::hub {
namespace {

constexpr SessionNumber kNameBit = SessionNumber{1} << 63;

void Retire(const NameKey& key, SessionNumber session, uint64_t until, const NameTimes& times,
            TurnState* state) {
  stored::Name name;
  name.set_number(session);
  name.set_state(stored::Name::RENAMED);
  name.set_until(until);
  name.set_forget_at(times.forget_at);
  state->PutName(key, name);
  state->PutNameDue(DueOfName(key, times.due), key);
}

// The session of this record does not have the name.
void MarkStale(const NameNoteInput& note, const stored::Name& name, const NameTimes& times,
               TurnState* state) {
  const NameKey& key = note.name;
  switch (name.state()) {
    case stored::Name::LIVE:
      // It gave the name up, and a crash took the word of it.
      if (note.renamed) return Retire(key, name.number(), 0, times, state);
      return state->EraseName(key);
    case stored::Name::RENAMED:
      if (!IsGivenUp(name, times)) state->EraseName(key);
      return;
    default:
      if (!note.alive || name.forget_at() == note.stamp) state->EraseName(key);
  }
}

}  // namespace

NameKey NameOfSession(SessionNumber session, const stored::Identity& identity) {
  const Slot slot =
      identity.has_name_slot() ? static_cast<Slot>(identity.name_slot()) : HomeSlot(session);
  return {slot, identity.app(), identity.id()};
}

bool IsExact(const NameKey& key, const stored::Name& name) {
  return name.state() == stored::Name::LIVE && key.slot == HomeSlot(name.number());
}

bool IsAlias(const stored::Name& name, uint64_t now_us) {
  return name.state() == stored::Name::RENAMED && name.until() > now_us;
}

NameTimes NameTimesAt(uint64_t now_us, uint64_t resend_horizon_us, const ServedTime& served) {
  NameTimes times;
  times.served_us = served.At(now_us);
  times.forget_at = times.served_us + resend_horizon_us;
  times.due = served.HubTimeAt(times.forget_at);
  return times;
}

bool IsGivenUp(const stored::Name& name, const NameTimes& times) {
  return name.state() == stored::Name::RENAMED && name.forget_at() > times.served_us;
}

void SetId(SessionNumber session, const NameKey& name, TurnState* state) {
  const stored::Identity* before = state->FindIdentity(session);
  stored::Identity identity = before ? *before : stored::Identity();
  identity.set_id(name.id);
  identity.set_name_slot(name.slot);
  state->PutIdentity(session, identity);
}

uint64_t ReserveName(const NameKey& key, SessionNumber session, uint64_t now_us, TurnState* state) {
  const stored::Name* before = state->FindName(key);
  stored::Name name;
  name.set_forget_at(before ? std::max(now_us, before->forget_at() + 1) : now_us);
  name.set_number(session);
  name.set_state(stored::Name::RESERVED);
  state->PutName(key, name);
  return name.forget_at();
}

void NoteName(const NameNoteInput& note, const NameTimes& times, TurnState* state) {
  const stored::Name* name = state->FindName(note.name);
  if (name && name->number() != note.number) return;
  switch (note.kind) {
    case NameNoteInput::Kind::kLive: {
      stored::Name live;
      live.set_number(note.number);
      return state->PutName(note.name, live);
    }
    case NameNoteInput::Kind::kRenamed:
      return Retire(note.name, note.number, note.alias_until_us, times, state);
    case NameNoteInput::Kind::kStale:
      if (name) MarkStale(note, *name, times, state);
  }
}

DueKey DueOfName(const NameKey& name, uint64_t due) {
  const SessionNumber number = XXH3_64bits_withSeed(name.id.data(), name.id.size(), name.app);
  return {name.slot, due, number | kNameBit};
}

}  // namespace sessionhub::hub
