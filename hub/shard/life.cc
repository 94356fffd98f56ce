#include "hub/shard/life.h"

#include "hub/shard/expiry.h"
#include "hub/shard/plan.h"

namespace sessionhub::hub {

std::optional<SessionNumber> CreateSession(const NameKey& name, uint64_t now_us, TurnState* state) {
  const std::optional<SessionNumber> number = state->NewSessionNumber(name.slot);
  if (!number) return std::nullopt;
  stored::Name record;
  record.set_number(*number);
  state->PutName(name, record);

  stored::Identity identity;
  identity.set_id(name.id);
  identity.set_app(name.app);
  identity.set_created(now_us);
  state->PutIdentity(*number, identity);

  stored::Meta* meta = state->MutableMeta(*number);
  meta->set_app(name.app);
  meta->set_version(1);
  meta->set_last_access(now_us);
  return number;
}

void NoteCreator(const Incarnation& incarnation, uint32_t request, SessionNumber session,
                 TurnState* state) {
  const stored::Identity* known = state->FindIdentity(session);
  if (!known) return;
  stored::Identity identity = *known;
  identity.set_creator(Id128ToBytes(incarnation));
  identity.set_creator_request(request);
  state->PutIdentity(session, identity);
}

bool IsCreator(const Incarnation& incarnation, uint32_t request, SessionNumber session,
               const TurnState& state) {
  const stored::Identity* identity = state.FindIdentity(session);
  return identity && identity->creator_request() == request &&
         identity->creator() == Id128ToBytes(incarnation);
}

void ApplySettings(SessionNumber session, const Settings& settings, uint64_t now_us,
                   const ServedTime& served, TurnState* state) {
  SetTimeouts(session, settings, now_us, served, state);
  if (settings.owner) SetOwner(session, *settings.owner, state);
}

void SetOwner(SessionNumber session, const std::string& owner, TurnState* state) {
  const stored::Identity* known = state->FindIdentity(session);
  if (!known || known->owner() == owner) return;
  stored::Identity identity = *known;
  identity.set_owner(owner);
  state->PutIdentity(session, identity);
}

Version EndSession(SessionNumber session, uint64_t now_us, TurnState* state) {
  stored::Meta* meta = state->MutableMeta(session);
  meta->set_version(meta->version() + 1);
  meta->set_dead(true);
  meta->clear_lock();
  SetOwner(session, "", state);
  EraseEntry(session, state);
  state->PutDue({HomeSlot(session), now_us, session}, stored::Due::SWEEP);
  return meta->version();
}

void SweepSession(const DueKey& key, const std::vector<FieldEntry>& fields, uint64_t purge_at_us,
                  TurnState* state) {
  for (const FieldEntry& entry : fields) state->EraseField(key.session, entry.path);
  if (fields.size() >= kSweptFieldsPerTurnMax) return;  // the entry stays due: there may be more
  state->EraseDue(key);
  state->PutDue({key.slot, purge_at_us, key.session}, stored::Due::PURGE);
}

void PostponePurge(const DueKey& key, uint64_t purge_at_us, TurnState* state) {
  state->EraseDue(key);
  state->PutDue({key.slot, purge_at_us, key.session}, stored::Due::PURGE);
}

void PurgeSession(const DueKey& key, TurnState* state) {
  state->EraseDue(key);
  state->EraseMeta(key.session);
  state->EraseIdentity(key.session);
}

}  // namespace sessionhub::hub
