#include "hub/shard/renames.h"

#include <xxhash.h>

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

// True if a reservation that an earlier hub has left may have led to an id that the session had,
// and has given up since. A hub hears its own word, so that what it has reserved was in vain.
bool MayHaveBeenHad(const NameNoteInput& note, const stored::Name& name, const NameTimes& times) {
  return name.life() < times.life && note.renamed_at > 0 && note.renamed_at >= name.life();
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
      if (note.alive && name.forget_at() != note.stamp) return;  // reserved anew since
      if (note.renamed && MayHaveBeenHad(note, name, times)) {
        return Retire(key, name.number(), 0, times, state);
      }
      state->EraseName(key);
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
  times.life = served.start_us();
  return times;
}

bool IsGivenUp(const stored::Name& name, const NameTimes& times) {
  return name.state() == stored::Name::RENAMED && name.forget_at() > times.served_us;
}

void SetId(SessionNumber session, const NameKey& name, uint64_t now_us, TurnState* state) {
  const stored::Identity* before = state->FindIdentity(session);
  stored::Identity identity = before ? *before : stored::Identity();
  identity.set_id(name.id);
  identity.set_name_slot(name.slot);
  identity.set_renamed_at(now_us);
  state->PutIdentity(session, identity);
}

uint64_t RenamedAt(const stored::Identity& identity) {
  if (!identity.has_name_slot()) return 0;
  return identity.renamed_at() > 0 ? identity.renamed_at() : UINT64_MAX;
}

void ReserveName(const NameKey& key, SessionNumber session, uint64_t stamp, uint64_t life,
                 TurnState* state) {
  const stored::Name* before = state->FindName(key);
  const bool again = before && before->state() == stored::Name::RESERVED;
  stored::Name name;
  name.set_life(again ? before->life() : life);
  name.set_forget_at(stamp);
  name.set_number(session);
  name.set_state(stored::Name::RESERVED);
  state->PutName(key, name);
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
