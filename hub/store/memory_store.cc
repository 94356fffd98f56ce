#include "hub/store/memory_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/store/formats.h"
#include "hub/store/keys.h"

namespace sessionhub::hub {
namespace {

// Ordered by stored key, so that ranges and listings come in the order in which RocksStore has
// them.
template <typename Record>
using Table = std::map<std::string, Record>;

struct Tables {
  Table<stored::Name> names;
  std::map<SessionNumber, stored::Meta> metas;
  std::map<SessionNumber, stored::Identity> identities;
  Table<stored::Field> fields;
  Table<stored::Due> due;
  Table<OwnerMark> owners;
  std::map<Slot, uint64_t> session_counts;
  std::map<AppSlot, uint64_t> app_sessions;
  std::map<Incarnation, stored::Incarnation> incarnations;
  std::map<Incarnation, uint64_t> last_seen;
  std::map<std::string, stored::App> apps;
  AppNumber last_app_number = 0;
  uint64_t hub_time = 0;
  uint64_t served_time = 0;
};

template <typename Map, typename Key, typename Record>
void Put(const Key& key, const std::optional<Record>& record, Map* table) {
  if (record) {
    table->insert_or_assign(key, *record);
  } else {
    table->erase(key);
  }
}

template <typename Map, typename Key>
std::optional<typename Map::mapped_type> Find(const Map& table, const Key& key) {
  const auto found = table.find(key);
  if (found == table.end()) return std::nullopt;
  return found->second;
}

void ApplyTo(const TurnRecord& record, Tables* tables) {
  for (const auto& write : record.names) {
    Put(keys::OfName(write.key), write.record, &tables->names);
  }
  for (const auto& write : record.metas) Put(write.key, write.record, &tables->metas);
  for (const auto& write : record.identities) Put(write.key, write.record, &tables->identities);
  for (const auto& write : record.fields) {
    Put(keys::OfField(write.key.session, write.key.path), write.record, &tables->fields);
  }
  for (const auto& write : record.due) Put(keys::OfDue(write.key), write.record, &tables->due);
  for (const auto& write : record.owners) {
    Put(keys::OfOwner(write.key), write.record, &tables->owners);
  }
  for (const auto& write : record.session_counts) {
    Put(write.key, write.record, &tables->session_counts);
  }
  for (const auto& write : record.app_sessions) Put(write.key, write.record, &tables->app_sessions);
  for (const auto& write : record.incarnations) Put(write.key, write.record, &tables->incarnations);
  for (const auto& write : record.last_seen) {
    if (write.record) {
      uint64_t& last_seen = tables->last_seen[write.key];
      last_seen = std::max(last_seen, *write.record);
    } else {
      tables->last_seen.erase(write.key);
    }
  }
  for (const auto& write : record.apps) {
    Put(write.key, write.record, &tables->apps);
    if (!write.record) continue;
    tables->last_app_number = std::max(tables->last_app_number, write.record->number());
  }
  tables->hub_time = std::max(tables->hub_time, record.hub_time.value_or(0));
  tables->served_time = std::max(tables->served_time, record.served_time.value_or(0));
}

std::vector<FieldEntry> ReadFields(const Tables& tables, const FieldRange& range) {
  std::vector<FieldEntry> entries;
  const std::string prefix = keys::OfField(range.session, range.root);
  for (auto it = tables.fields.lower_bound(prefix);
       it != tables.fields.end() && it->first.compare(0, prefix.size(), prefix) == 0; ++it) {
    if (range.count_max != 0 && entries.size() == range.count_max) break;
    entries.push_back({*keys::ParseFieldPath(it->first), {}});
    if (!range.paths_only) entries.back().field = it->second;
  }
  return entries;
}

std::vector<DueEntry> ReadDue(const Tables& tables, const DueRange& range) {
  std::vector<DueEntry> entries;
  for (auto it = tables.due.lower_bound(keys::OfDue({range.slot, range.from, 0}));
       it != tables.due.end() && entries.size() < range.count_max; ++it) {
    const DueKey key = *keys::ParseDue(it->first);
    const bool later = key.due > range.until;
    if (key.slot != range.slot || (later && !range.and_next)) break;
    entries.push_back({key, it->second});
    if (later) break;
  }
  return entries;
}

class MemorySnapshot final : public SessionSnapshot {
 public:
  explicit MemorySnapshot(std::vector<FieldEntry> entries) : entries_(std::move(entries)) {}

  absl::Status Scan(const std::optional<Path>& after, const VisitField& visit) const override {
    auto it = entries_.begin();
    if (after) {
      it = std::upper_bound(
          it, entries_.end(), *after,
          [](const Path& path, const FieldEntry& entry) { return path < entry.path; });
    }
    for (; it != entries_.end(); ++it) {
      if (!visit(it->path, it->field)) break;
    }
    return absl::OkStatus();
  }

 private:
  const std::vector<FieldEntry> entries_;  // in path order
};

class MemoryStoreImpl final : public MemoryStore {
 public:
  explicit MemoryStoreImpl(const HistoryId& history_id) : history_id_(history_id) {}
  // A store that holds `tables`, synced.
  MemoryStoreImpl(const HistoryId& history_id, const Tables& tables)
      : history_id_(history_id), now_(tables), synced_(tables) {}

  absl::Status Load(const ReadSet& reads, Loaded* loaded) const override {
    absl::MutexLock lock(&mutex_);
    for (const NameKey& key : reads.names) {
      loaded->names[key] = Find(now_.names, keys::OfName(key));
    }
    for (SessionNumber key : reads.metas) loaded->metas[key] = Find(now_.metas, key);
    for (SessionNumber key : reads.identities) loaded->identities[key] = Find(now_.identities, key);
    for (const FieldKey& key : reads.fields) {
      loaded->fields[key] = Find(now_.fields, keys::OfField(key.session, key.path));
    }
    for (const FieldRange& range : reads.field_ranges) {
      loaded->field_ranges[range] = ReadFields(now_, range);
    }
    for (const DueRange& range : reads.due_ranges) loaded->due_ranges[range] = ReadDue(now_, range);
    for (Slot slot : reads.session_counts) {
      loaded->session_counts[slot] = Find(now_.session_counts, slot).value_or(0);
    }
    for (const Incarnation& key : reads.incarnations) {
      loaded->incarnations[key] = Find(now_.incarnations, key);
    }
    return absl::OkStatus();
  }

  absl::Status Apply(const TurnRecord& record, bool sync) override {
    absl::MutexLock lock(&mutex_);
    if (!failed_.ok()) return failed_;
    if (!failure_.ok()) return failed_ = failure_;
    ApplyTo(record, &now_);
    unsynced_.push_back(record);
    if (!sync) return absl::OkStatus();
    if (!sync_failure_.ok()) return failed_ = sync_failure_;
    for (const TurnRecord& earlier : unsynced_) ApplyTo(earlier, &synced_);
    unsynced_.clear();
    ++syncs_;
    return absl::OkStatus();
  }

  // Copied under the lock and visited without it: `visit` may read the store.
  absl::Status ScanFields(SessionNumber session, const VisitField& visit) const override {
    return PinSession(session)->Scan(std::nullopt, visit);
  }

  std::unique_ptr<SessionSnapshot> PinSession(SessionNumber session) const override {
    absl::MutexLock lock(&mutex_);
    return std::make_unique<MemorySnapshot>(ReadFields(now_, {session, Path(), 0}));
  }

  absl::StatusOr<std::vector<NameEntry>> ListNames(AppNumber app,
                                                   const std::optional<NameKey>& after,
                                                   size_t count_max) const override {
    absl::MutexLock lock(&mutex_);
    std::vector<NameEntry> entries;
    auto it = after ? now_.names.upper_bound(keys::OfName(*after)) : now_.names.begin();
    for (; it != now_.names.end() && entries.size() < count_max; ++it) {
      NameKey key = *keys::ParseName(it->first);
      if (key.app == app) entries.push_back({std::move(key), it->second});
    }
    return entries;
  }

  absl::StatusOr<std::vector<SessionNumber>> ListOwned(AppNumber app, const std::string& owner,
                                                       SessionNumber after,
                                                       size_t count_max) const override {
    absl::MutexLock lock(&mutex_);
    std::vector<SessionNumber> sessions;
    const std::string first = after == 0 ? std::string() : keys::OfOwner({app, owner, after});
    for (auto it = now_.owners.upper_bound(first);
         it != now_.owners.end() && sessions.size() < count_max; ++it) {
      const std::string prefix = keys::OwnedIn(static_cast<Slot>(it->first.front()), app, owner);
      if (it->first.compare(0, prefix.size(), prefix) != 0) continue;
      const auto session = keys::ParseOwned(it->first, prefix.size());
      if (session) sessions.push_back(*session);
    }
    return sessions;
  }

  absl::StatusOr<std::vector<AppSlotCount>> ListAppSessions() const override {
    absl::MutexLock lock(&mutex_);
    std::vector<AppSlotCount> counts;
    for (const auto& [key, sessions] : now_.app_sessions) counts.push_back({key, sessions});
    return counts;
  }

  absl::StatusOr<std::optional<stored::App>> FindApp(const std::string& name) const override {
    absl::MutexLock lock(&mutex_);
    return Find(now_.apps, name);
  }

  absl::StatusOr<AppNumber> LastAppNumber() const override {
    absl::MutexLock lock(&mutex_);
    return now_.last_app_number;
  }

  absl::StatusOr<std::optional<stored::Incarnation>> FindIncarnation(
      const Incarnation& incarnation) const override {
    absl::MutexLock lock(&mutex_);
    return Find(now_.incarnations, incarnation);
  }

  absl::StatusOr<uint64_t> FindLastSeen(const Incarnation& incarnation) const override {
    absl::MutexLock lock(&mutex_);
    return Find(now_.last_seen, incarnation).value_or(0);
  }

  absl::StatusOr<std::vector<LastSeenEntry>> ListLastSeen(const std::optional<Incarnation>& after,
                                                          size_t count_max) const override {
    absl::MutexLock lock(&mutex_);
    std::vector<LastSeenEntry> entries;
    auto it = after ? now_.last_seen.upper_bound(*after) : now_.last_seen.begin();
    for (; it != now_.last_seen.end() && entries.size() < count_max; ++it) {
      entries.push_back({it->first, it->second});
    }
    return entries;
  }

  absl::StatusOr<uint64_t> LastHubTime() const override {
    absl::MutexLock lock(&mutex_);
    return now_.hub_time;
  }

  absl::StatusOr<uint64_t> LastServedTime() const override {
    absl::MutexLock lock(&mutex_);
    return now_.served_time;
  }

  HistoryId history_id() const override { return history_id_; }
  uint32_t format() const override { return kFormats.newest; }
  uint32_t newest_format() const override { return kFormats.newest; }
  absl::Status FinalizeFormat() override { return absl::OkStatus(); }

  void Crash(size_t kept) override {
    absl::MutexLock lock(&mutex_);
    kept = std::min(kept, unsynced_.size());
    for (size_t i = 0; i < kept; ++i) ApplyTo(unsynced_[i], &synced_);
    unsynced_.clear();
    now_ = synced_;
    failed_ = absl::OkStatus();
  }

  std::unique_ptr<MemoryStore> CopySynced(const HistoryId& history_id) const override {
    absl::MutexLock lock(&mutex_);
    return std::make_unique<MemoryStoreImpl>(history_id, synced_);
  }

  size_t unsynced_applies() const override {
    absl::MutexLock lock(&mutex_);
    return unsynced_.size();
  }

  void FailApplies(const absl::Status& status) override {
    absl::MutexLock lock(&mutex_);
    failure_ = status;
  }

  void FailSyncs(const absl::Status& status) override {
    absl::MutexLock lock(&mutex_);
    sync_failure_ = status;
  }

  uint64_t syncs() const override {
    absl::MutexLock lock(&mutex_);
    return syncs_;
  }

 private:
  const HistoryId history_id_;
  mutable absl::Mutex mutex_;
  Tables now_ ABSL_GUARDED_BY(mutex_);
  // What a power cut leaves for certain, and what was applied since.
  Tables synced_ ABSL_GUARDED_BY(mutex_);
  std::vector<TurnRecord> unsynced_ ABSL_GUARDED_BY(mutex_);
  // The first failed Apply since the last crash: every later one fails like it.
  absl::Status failed_ ABSL_GUARDED_BY(mutex_);
  // What is to fail from now on.
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  absl::Status sync_failure_ ABSL_GUARDED_BY(mutex_);
  uint64_t syncs_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::unique_ptr<MemoryStore> MemoryStore::Create(const HistoryId& history_id) {
  return std::make_unique<MemoryStoreImpl>(history_id);
}

}  // namespace sessionhub::hub
