#include "hub/shard/durable.h"

#include "hub/fail_point.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

absl::Status MakeDurable(const TurnRecord& record, Journal* journal, Store* store, bool must_sync) {
  if (record.empty()) return absl::OkStatus();
  FAIL_POINT("sync.before");
  RETURN_IF_ERROR(journal->Append(record).status());
  RETURN_IF_ERROR(store->Apply(record, /*sync=*/must_sync && journal->StoreMustSync()));
  FAIL_POINT("sync.after");
  return absl::OkStatus();
}

}  // namespace sessionhub::hub
