// MakeDurable: the one place where a record becomes durable.
#ifndef HUB_SHARD_DURABLE_H_
#define HUB_SHARD_DURABLE_H_

#include "absl/status/status.h"
#include "hub/journal/journal.h"
#include "hub/record/turn_record.h"
#include "hub/store/store.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

// Appends the record to the journal and applies it to the store, synced by one of the two. After an
// error the outcome is unknown: the caller lets nothing out and stops the process.
inline absl::Status MakeDurable(const TurnRecord& record, Journal* journal, Store* store) {
  if (record.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(journal->Append(record).status());
  return store->Apply(record, /*sync=*/journal->StoreMustSync());
}

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_DURABLE_H_
