#include "hub/metrics/broadcast_model.h"

#include <algorithm>

#include "hub/record/field_value.h"
#include "proto/session/state.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

absl::StatusOr<uint64_t> MeasureSession(const Store& store, SessionNumber session) {
  uint64_t bytes = 0;
  RETURN_IF_ERROR(store.ScanFields(session, [&](const Path& path, const stored::Field& field) {
    bytes += FieldSizeBytes(path, ValueOf(field));
    return bytes < kMeasuredBytesMax;
  }));
  return std::min(bytes, kMeasuredBytesMax);
}

void BroadcastModel::Look(const std::vector<ShardReport>& reports) {
  std::vector<Due> due = DueOf(reports);
  // They take turns, from the one behind the last of the look before.
  const auto next =
      std::find_if(due.begin(), due.end(), [this](const Due& one) { return one.of > last_; });
  std::rotate(due.begin(), next, due.end());
  if (due.size() > kMeasuredMax) due.resize(kMeasuredMax);
  for (const Due& one : due) {
    Count(one);
    last_ = one.of;
  }
}

std::vector<BroadcastModel::Due> BroadcastModel::DueOf(
    const std::vector<ShardReport>& reports) const {
  std::vector<Due> due;
  for (size_t shard = 0; shard < reports.size(); ++shard) {
    for (const auto& [app, counters] : reports[shard].apps) {
      const std::pair<size_t, AppNumber> of{shard, app};
      const auto counted = counted_copies_.find(of);
      if (counters.broadcast_copies == (counted == counted_copies_.end() ? 0 : counted->second)) {
        continue;
      }
      due.push_back({of, counters.broadcast_copies, counters.last_broadcast});
    }
  }
  std::sort(due.begin(), due.end(), [](const Due& a, const Due& b) { return a.of < b.of; });
  return due;
}

void BroadcastModel::Count(const Due& due) {
  const AppNumber app = due.of.second;
  const absl::StatusOr<uint64_t> measured = size_of_(due.session);
  if (measured.ok() && *measured > 0) last_size_[app] = *measured;
  const auto size = last_size_.find(app);
  if (size == last_size_.end()) return;
  uint64_t& counted = counted_copies_[due.of];
  const uint64_t copies = due.copies - counted;
  counted = due.copies;
  absl::MutexLock lock(&mutex_);
  bytes_[app] += copies * size->second;
}

std::map<AppNumber, uint64_t> BroadcastModel::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace sessionhub::hub
