#include "hub/shard/app_sessions.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "hub/record/read_set.h"
#include "hub/shard/renames.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr size_t kNamesAtOnce = 1000;

using Counts = std::map<AppSlot, uint64_t>;

// Of these names, those by which a session that lives is known now.
absl::Status CountNames(const Store& store, const std::vector<NameEntry>& names, Counts* counts) {
  ReadSet reads;
  std::vector<const NameEntry*> unsure;
  for (const NameEntry& entry : names) {
    if (IsExact(entry.key, entry.name)) {
      ++(*counts)[{entry.key.slot, entry.key.app}];
      continue;
    }
    unsure.push_back(&entry);
    reads.metas.push_back(entry.name.number());
    reads.identities.push_back(entry.name.number());
  }
  Loaded loaded;
  RETURN_IF_ERROR(store.Load(reads, &loaded));
  for (const NameEntry* entry : unsure) {
    const SessionNumber number = entry->name.number();
    const auto& meta = loaded.metas[number];
    const auto& identity = loaded.identities[number];
    if (!meta || meta->dead() || !identity || identity->id() != entry->key.id) continue;
    ++(*counts)[{HomeSlot(number), entry->key.app}];
  }
  return absl::OkStatus();
}

// A page at a time: what is held does not grow with the number of sessions.
absl::Status CountApp(const Store& store, AppNumber app, Counts* counts) {
  std::optional<NameKey> after;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<NameEntry> names, store.ListNames(app, after, kNamesAtOnce));
    RETURN_IF_ERROR(CountNames(store, names, counts));
    if (names.size() < kNamesAtOnce) return absl::OkStatus();
    after = names.back().key;
  }
}

absl::StatusOr<std::vector<AppSlotCount>> CountAll(const std::vector<AppSlotCount>& stored,
                                                   Store* store) {
  Counts counts;
  for (const AppSlotCount& count : stored) counts[count.key] = 0;
  ASSIGN_OR_RETURN(const AppNumber last, store->LastAppNumber());
  for (AppNumber app = 1; app <= last; ++app) {
    RETURN_IF_ERROR(CountApp(*store, app, &counts));
  }
  TurnRecord record;
  record.app_sessions.push_back({kAllCounted, 1});
  std::vector<AppSlotCount> all;
  for (const auto& [key, sessions] : counts) {
    record.app_sessions.push_back({key, std::nullopt});
    if (sessions == 0) continue;
    record.app_sessions.back().record = sessions;
    all.push_back({key, sessions});
  }
  RETURN_IF_ERROR(store->Apply(record, /*sync=*/true));
  return all;
}

}  // namespace

absl::StatusOr<std::vector<AppSlotCount>> LoadAppSessions(Store* store) {
  ASSIGN_OR_RETURN(std::vector<AppSlotCount> counts, store->ListAppSessions());
  const auto complete = std::find_if(counts.begin(), counts.end(), [](const AppSlotCount& count) {
    return count.key == kAllCounted;
  });
  if (complete == counts.end()) return CountAll(counts, store);
  counts.erase(complete);
  return counts;
}

AppSessions::AppSessions(const std::vector<AppSlotCount>& stored) {
  absl::MutexLock lock(&mutex_);
  for (const AppSlotCount& count : stored) Set(count.key, count.sessions);
}

void AppSessions::Note(const std::vector<Write<AppSlot, uint64_t>>& writes) {
  if (writes.empty()) return;
  absl::MutexLock lock(&mutex_);
  for (const auto& write : writes) Set(write.key, write.record.value_or(0));
}

void AppSessions::Set(const AppSlot& key, uint64_t sessions) {
  const uint64_t before = std::exchange(counts_[key], sessions);
  apps_[key.app] += sessions - before;
  total_ += sessions - before;
  if (sessions == 0) counts_.erase(key);
}

uint64_t AppSessions::Of(AppNumber app) const {
  absl::MutexLock lock(&mutex_);
  const auto found = apps_.find(app);
  return found == apps_.end() ? 0 : found->second;
}

uint64_t AppSessions::total() const {
  absl::MutexLock lock(&mutex_);
  return total_;
}

}  // namespace sessionhub::hub
