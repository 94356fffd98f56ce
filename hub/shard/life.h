// Life: the records that a session's birth, death and clean-up write. Pure.
#ifndef HUB_SHARD_LIFE_H_
#define HUB_SHARD_LIFE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "hub/record/read_set.h"
#include "hub/shard/turn_state.h"

namespace sessionhub::hub {

// A new session under this name, at version 1, without fields. Nothing if the plan did not load the
// slot's count.
std::optional<SessionNumber> CreateSession(const NameKey& name, uint64_t now_us, TurnState* state);

// Ends a session's life with one more version: the name is free again, the meta stays as dead, and
// its fields are due to be swept. Returns the last version.
Version EndSession(const NameKey& name, SessionNumber session, uint64_t now_us, TurnState* state);

// One paced step of what is due for a dead session: sweeps the fields in `fields` (of at most
// kSweptFieldsPerTurnMax), and once there are none left waits for the resend horizon; or, when that
// has passed, removes what is left.
void SweepSession(const DueKey& key, const std::vector<FieldEntry>& fields, uint64_t purge_at_us,
                  TurnState* state);
void PurgeSession(const DueKey& key, TurnState* state);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_LIFE_H_
