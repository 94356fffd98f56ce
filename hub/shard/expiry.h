// Expiry: when a session ends by itself, and its one entry in the expiry table. Pure.
//
// The entry is never later than the session's deadline. A use makes the deadline later and leaves
// the entry alone; when the entry is due it moves to the deadline of then, or the session ends. So
// a use writes one record, and nothing ever looks through all sessions.
#ifndef HUB_SHARD_EXPIRY_H_
#define HUB_SHARD_EXPIRY_H_

#include <cstdint>

#include "hub/record/stored.h"
#include "hub/shard/served_time.h"
#include "hub/shard/turn_state.h"
#include "proto/session/ids.h"
#include "proto/session/settings.h"

namespace sessionhub::hub {

// What an idle session gets beyond its timeout, below a tenth of it: sessions that were used at
// once do not end at once. The same for a session at all times.
uint64_t JitterUs(SessionNumber session, uint64_t idle_timeout_us);

// The hub time at which the session ends unless it is used before; 0: it does not end by itself.
// For an idle timeout T that is T to 1.1 T after the last use, and one lease more if that was
// before this hub's start, never within a lease of the start. An absolute deadline is exact.
uint64_t DeadlineOf(SessionNumber session, const stored::Meta& meta, const ServedTime& served);

// The live session was used at `at_us` of hub time. What is older than what is known changes
// nothing.
void NoteUse(SessionNumber session, uint64_t at_us, const ServedTime& served, TurnState* state);

// Changes the timeouts of a live session, which counts as a use. The owner is life.h's.
void SetTimeouts(SessionNumber session, const Settings& settings, uint64_t now_us,
                 const ServedTime& served, TurnState* state);

// The session's entry has been due and the session lives on: its entry moves to the deadline, or
// goes if there is none.
void MoveEntry(SessionNumber session, const ServedTime& served, TurnState* state);
// The session has ended.
void EraseEntry(SessionNumber session, TurnState* state);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_EXPIRY_H_
