// BroadcastModel: the bytes that a cluster which broadcasts whole sessions would have sent, for
// each app, beside which the hub's own show what it saves.
//
// The model: for each applied delta, each attached node of the app but the one that made it gets
// the session's paths and values. It leaves out keys, lengths, headers and acks, so that what it
// gives is less than any such cluster sends. How many copies there are is counted exactly. How
// large they are is sampled, since a delta does not read its session: at each look, for each app
// and shard, by the session that was changed last (docs/adr/0031).
#ifndef HUB_METRICS_BROADCAST_MODEL_H_
#define HUB_METRICS_BROADCAST_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/shard/shard_report.h"
#include "hub/store/store.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

// Sessions that one look measures; what is beyond them waits for the next.
inline constexpr size_t kMeasuredMax = 64;
// Of one session; of a larger one this much counts.
inline constexpr uint64_t kMeasuredBytesMax = 16 << 20;

// Paths and values of a session as it is stored, up to kMeasuredBytesMax and a field; 0 if it is
// gone. Reads all of it.
absl::StatusOr<uint64_t> MeasureSession(const Store& store, SessionNumber session);

class BroadcastModel {
 public:
  // The bytes of a session; 0 if it is gone.
  using SizeOf = std::function<absl::StatusOr<uint64_t>(SessionNumber)>;

  explicit BroadcastModel(SizeOf size_of) : size_of_(std::move(size_of)) {}

  // Counts what the shards have told since the last look: the report of shard n is `reports[n]`. If
  // a session cannot be measured, that of the app's last one counts; if there was none, its deltas
  // wait for the next look. One thread calls it, every second or so; it waits for the disk.
  void Look(const std::vector<ShardReport>& reports) ABSL_LOCKS_EXCLUDED(mutex_);

  // As of the last look, of each app that had any. Any thread.
  std::map<AppNumber, uint64_t> bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Due {
    std::pair<size_t, AppNumber> of;  // shard and app
    uint64_t copies = 0;              // all so far
    SessionNumber session = 0;
  };

  std::vector<Due> DueOf(const std::vector<ShardReport>& reports) const;
  void Count(const Due& due) ABSL_LOCKS_EXCLUDED(mutex_);

  const SizeOf size_of_;
  // The looking thread's.
  std::map<std::pair<size_t, AppNumber>, uint64_t> counted_copies_;
  std::map<AppNumber, uint64_t> last_size_;
  std::pair<size_t, AppNumber> last_;  // whose turn it was

  mutable absl::Mutex mutex_;
  std::map<AppNumber, uint64_t> bytes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::hub

#endif  // HUB_METRICS_BROADCAST_MODEL_H_
