#include "hub/shard/life.h"

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

Version EndSession(const NameKey& name, SessionNumber session, uint64_t now_us, TurnState* state) {
  stored::Meta* meta = state->MutableMeta(session);
  meta->set_version(meta->version() + 1);
  meta->set_dead(true);
  state->EraseName(name);
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

void PurgeSession(const DueKey& key, TurnState* state) {
  state->EraseDue(key);
  state->EraseMeta(key.session);
  state->EraseIdentity(key.session);
}

}  // namespace sessionhub::hub
