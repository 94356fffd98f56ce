// MakeDurable: the one place where a record becomes durable.
#ifndef HUB_SHARD_DURABLE_H_
#define HUB_SHARD_DURABLE_H_

#include "absl/status/status.h"
#include "hub/journal/journal.h"
#include "hub/record/turn_record.h"
#include "hub/store/store.h"

namespace sessionhub::hub {

// Appends the record to the journal and applies it to the store, synced by one of the two; without
// `must_sync` a loss of power may take it back, as nothing that is let out tells of it. After an
// error the outcome is unknown: the caller lets nothing out and stops the process.
absl::Status MakeDurable(const TurnRecord& record, Journal* journal, Store* store,
                         bool must_sync = true);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_DURABLE_H_
