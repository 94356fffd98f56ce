// Life: the records that a session's birth, death and clean-up write. Pure.
#ifndef HUB_SHARD_LIFE_H_
#define HUB_SHARD_LIFE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hub/record/read_set.h"
#include "hub/shard/served_time.h"
#include "hub/shard/turn_state.h"
#include "proto/session/settings.h"

namespace sessionhub::hub {

// A new session under this name, at version 1, without fields. Nothing if the plan did not load the
// slot's count.
std::optional<SessionNumber> CreateSession(const NameKey& name, uint64_t now_us, TurnState* state);

// Which Open has created a session exclusively: it may be sent again after a cut, and then means
// the same creation.
void NoteCreator(const Incarnation& incarnation, uint32_t request, SessionNumber session,
                 TurnState* state);
bool IsCreator(const Incarnation& incarnation, uint32_t request, SessionNumber session,
               const TurnState& state);

// Changes what a live session is besides its fields, which counts as a use. An owner is set only if
// the plan has loaded the identity, or the session is new.
void ApplySettings(SessionNumber session, const Settings& settings, uint64_t now_us,
                   const ServedTime& served, TurnState* state);
void SetOwner(SessionNumber session, const std::string& owner, TurnState* state);

// Ends a session's life with one more version: the meta stays as dead, its owner does not have it
// any more, and its fields are due to be swept. The identity must be loaded. The name is the
// caller's to free. Returns the last version.
Version EndSession(SessionNumber session, uint64_t now_us, TurnState* state);

// One paced step of what is due for a dead session: sweeps the fields in `fields` (of at most
// kSweptFieldsPerTurnMax), and once there are none left waits for the resend horizon; or, when that
// has passed, removes what is left.
void SweepSession(const DueKey& key, const std::vector<FieldEntry>& fields, uint64_t purge_at_us,
                  TurnState* state);
void PostponePurge(const DueKey& key, uint64_t purge_at_us, TurnState* state);
void PurgeSession(const DueKey& key, TurnState* state);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_LIFE_H_
