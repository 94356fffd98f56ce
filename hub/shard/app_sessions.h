// AppSessions: how many sessions of each app live in the hub, over all shards. Right as of the last
// turn of each shard that is durable, and never read from the sessions themselves.
//
// Each turn that begins or ends sessions stores the count of its app and slot in its own record, so
// that a start reads as many numbers as there are apps and slots (docs/adr/0040).
#ifndef HUB_SHARD_APP_SESSIONS_H_
#define HUB_SHARD_APP_SESSIONS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/record/turn_record.h"
#include "hub/store/store.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

// What is stored. A store that has no counts yet, whose sessions were made before there were any,
// is counted once, name by name, and the counts are stored. Before any shard runs.
absl::StatusOr<std::vector<AppSlotCount>> LoadAppSessions(Store* store);

// Thread-safe.
class AppSessions {
 public:
  explicit AppSessions(const std::vector<AppSlotCount>& stored);

  // These counts are durable.
  void Note(const std::vector<Write<AppSlot, uint64_t>>& writes) ABSL_LOCKS_EXCLUDED(mutex_);

  uint64_t Of(AppNumber app) const ABSL_LOCKS_EXCLUDED(mutex_);
  // Of all apps.
  uint64_t total() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Set(const AppSlot& key, uint64_t sessions) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<AppSlot, uint64_t> counts_ ABSL_GUARDED_BY(mutex_);
  std::map<AppNumber, uint64_t> apps_ ABSL_GUARDED_BY(mutex_);
  uint64_t total_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_APP_SESSIONS_H_
