// Renames: the records that an id change writes, and what a name record is worth. Pure.
//
// A session has the id that its identity says; the batch that writes the identity is the moment of
// the change. Names elsewhere are hints: the slot of a name asks the session's home, and heals what
// it has. docs/adr/0016 tells why no crash in between does harm.
#ifndef HUB_SHARD_RENAMES_H_
#define HUB_SHARD_RENAMES_H_

#include <cstdint>

#include "hub/record/turn_record.h"
#include "hub/shard/input.h"
#include "hub/shard/served_time.h"
#include "hub/shard/turn_state.h"

namespace sessionhub::hub {

// The name that a session has now.
NameKey NameOfSession(SessionNumber session, const stored::Identity& identity);

// True if the record can be believed without asking: it lives in the session's home slot, and so
// changes in one batch with the session.
bool IsExact(const NameKey& key, const stored::Name& name);

// True if the record may lead to the session although its id is another one.
bool IsAlias(const stored::Name& name, uint64_t now_us);

// Gives a session another id. Its home slot's batch.
void SetId(SessionNumber session, const NameKey& name, uint64_t now_us, TurnState* state);

// The hub time at which the session got its last id: 0 if it still has its first one, UINT64_MAX if
// an older hub has changed it and not noted when.
uint64_t RenamedAt(const stored::Identity& identity);

// When a name that is given up now is free again.
struct NameTimes {
  uint64_t served_us =
      0;  // served time now: in an outage nobody could hear that the id is given up
  uint64_t forget_at = 0;  // served time
  uint64_t due = 0;        // hub time, unless there is an outage in between
  uint64_t life = 0;       // since when this hub serves, in hub time
};
NameTimes NameTimesAt(uint64_t now_us, uint64_t resend_horizon_us, const ServedTime& served);

// True if the record says that its session has given the id up, and late writers may still use it.
bool IsGivenUp(const stored::Name& name, const NameTimes& times);

// Keeps a name for a session that is to get it. `stamp` is new to this hub: what was asked about an
// earlier reservation does not end this one. A crash may leave it behind: whoever wants the name
// then asks the session's home. `life` is that of this hub, see NameTimes.
void ReserveName(const NameKey& name, SessionNumber session, uint64_t stamp, uint64_t life,
                 TurnState* state);

// Takes in what the home of `note.number` says about a name of the own slot. Records of other
// sessions stay as they are.
void NoteName(const NameNoteInput& note, const NameTimes& times, TurnState* state);

// The due entry at which an old id is looked at. Told apart from those of sessions, which it shares
// a table with, by the top bit of its number.
DueKey DueOfName(const NameKey& name, uint64_t due);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_RENAMES_H_
