#include "hub/store/rocks_store.h"

#include <glog/logging.h>
#include <rocksdb/db.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/statistics.h>

#include <atomic>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/fail_point.h"
#include "hub/store/backups.h"
#include "hub/store/columns.h"
#include "hub/store/deleted_data.h"
#include "hub/store/folder.h"
#include "hub/store/keys.h"
#include "hub/store/record_batch.h"
#include "hub/store/rocks_figures.h"
#include "hub/store/rocks_reader.h"
#include "hub/store/rocks_status.h"
#include "hub/store/wal_check.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// An open database and its column families, closed together.
class Database {
 public:
  Database(std::unique_ptr<rocksdb::DB> db, ColumnHandles handles,
           std::shared_ptr<rocksdb::Statistics> statistics)
      : db_(std::move(db)), handles_(std::move(handles)), statistics_(std::move(statistics)) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
    const rocksdb::Status status = db_->Close();
    if (!status.ok()) LOG(WARNING) << "closing the data folder: " << status.ToString();
  }

  rocksdb::DB* db() const { return db_.get(); }
  const ColumnHandles& handles() const { return handles_; }
  const rocksdb::Statistics& statistics() const { return *statistics_; }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  ColumnHandles handles_;
  std::shared_ptr<rocksdb::Statistics> statistics_;
};

class RocksSnapshot final : public SessionSnapshot {
 public:
  // `db` and `reader` outlive this.
  RocksSnapshot(rocksdb::DB* db, const RocksReader* reader, SessionNumber session)
      : pin_(db), snapshot_(pin_.snapshot()), reader_(reader), session_(session) {}

  absl::Status Scan(const std::optional<Path>& after, const VisitField& visit) const override {
    return reader_->VisitFields(session_, snapshot_, after, visit);
  }

 private:
  rocksdb::ManagedSnapshot pin_;
  const rocksdb::Snapshot* const snapshot_;
  const RocksReader* const reader_;
  const SessionNumber session_;
};

class RocksStoreImpl final : public RocksStore {
 public:
  RocksStoreImpl(const RocksStoreOptions& options, std::unique_ptr<Database> database,
                 const Folder& folder, const stored::Folder& record)
      : database_(std::move(database)),
        reader_(database_->db(), &database_->handles()),
        history_id_(BytesToId128(record.history_id())),
        newest_format_(folder.formats().newest),
        folder_(folder),
        record_(record),
        format_(record.format()),
        backups_(options, history_id_) {
    if (options.deleted_data_ms == 0) return;
    deleted_data_ = std::make_unique<DeletedData>(absl::Milliseconds(options.deleted_data_ms),
                                                  database_->db(), &database_->handles());
  }

  absl::Status Load(const ReadSet& reads, Loaded* loaded) const override;
  absl::Status Apply(const TurnRecord& record, bool sync) override;
  absl::Status ScanFields(SessionNumber session, const VisitField& visit) const override {
    return reader_.VisitFields(session, visit);
  }
  std::unique_ptr<SessionSnapshot> PinSession(SessionNumber session) const override {
    return std::make_unique<RocksSnapshot>(database_->db(), &reader_, session);
  }
  absl::StatusOr<std::vector<NameEntry>> ListNames(AppNumber app,
                                                   const std::optional<NameKey>& after,
                                                   size_t count_max) const override;

  absl::StatusOr<std::vector<SessionNumber>> ListOwned(AppNumber app, const std::string& owner,
                                                       SessionNumber after,
                                                       size_t count_max) const override;

  absl::StatusOr<std::vector<AppSlotCount>> ListAppSessions() const override {
    std::vector<AppSlotCount> counts;
    RETURN_IF_ERROR(reader_.ReadAppSessions(&counts));
    return counts;
  }

  absl::StatusOr<std::optional<stored::App>> FindApp(const std::string& name) const override {
    return reader_.FindRecord<stored::App>(keys::OfApp(name));
  }
  absl::StatusOr<AppNumber> LastAppNumber() const override;
  absl::StatusOr<std::optional<stored::Incarnation>> FindIncarnation(
      const Incarnation& incarnation) const override {
    return reader_.FindRecord<stored::Incarnation>(keys::OfIncarnation(incarnation));
  }
  absl::StatusOr<uint64_t> FindLastSeen(const Incarnation& incarnation) const override {
    return reader_.FindNumber(keys::OfLastSeen(incarnation));
  }
  absl::StatusOr<std::vector<LastSeenEntry>> ListLastSeen(const std::optional<Incarnation>& after,
                                                          size_t count_max) const override;
  absl::StatusOr<uint64_t> LastHubTime() const override {
    return reader_.FindNumber(keys::OfHubTime());
  }
  absl::StatusOr<uint64_t> LastServedTime() const override {
    return reader_.FindNumber(keys::OfServedTime());
  }
  HistoryId history_id() const override { return history_id_; }
  uint32_t format() const override { return format_; }
  uint32_t newest_format() const override { return newest_format_; }
  absl::Status FinalizeFormat() override;
  absl::StatusOr<MadeBackup> CreateBackup(const BackupRequest& request) override {
    return backups_.Create(request, format_, database_->db());
  }
  absl::StatusOr<BackupListing> ListBackups() const override { return backups_.List(); }
  void StopBackups(const absl::Status& why, bool for_good) override {
    backups_.Stop(why, for_good);
  }
  StoreStatistics statistics() const override;
  std::vector<StoreFigure> figures() const override {
    return FiguresOf(database_->db(), database_->statistics());
  }

 private:
  absl::Status Failure() const {
    absl::MutexLock lock(&mutex_);
    return failure_;
  }
  absl::Status Fail(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (failure_.ok()) failure_ = status;
    return status;
  }

  const std::unique_ptr<Database> database_;
  const RocksReader reader_;
  const HistoryId history_id_;
  const uint32_t newest_format_;
  absl::Mutex finalizing_;
  Folder folder_ ABSL_GUARDED_BY(finalizing_);
  stored::Folder record_ ABSL_GUARDED_BY(finalizing_);
  std::atomic<uint32_t> format_;
  Backups backups_;
  mutable absl::Mutex mutex_;
  // The first failed Apply. After it nobody knows what is stored, so nothing more is written.
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<DeletedData> deleted_data_;  // nullptr: nobody looks
};

absl::Status RocksStoreImpl::Load(const ReadSet& reads, Loaded* loaded) const {
  RETURN_IF_ERROR(reader_.ReadPoints(reads, loaded));
  for (const FieldRange& range : reads.field_ranges) {
    auto& entries = loaded->field_ranges[range];
    entries.clear();
    RETURN_IF_ERROR(reader_.ReadFields(range, &entries));
  }
  for (const DueRange& range : reads.due_ranges) {
    auto& entries = loaded->due_ranges[range];
    entries.clear();
    RETURN_IF_ERROR(reader_.ReadDue(range, &entries));
  }
  return absl::OkStatus();
}

absl::Status RocksStoreImpl::Apply(const TurnRecord& record, bool sync) {
  RETURN_IF_ERROR(Failure());
  rocksdb::WriteBatch batch = MakeRecordBatch(record, database_->handles());
  rocksdb::WriteOptions options;
  options.sync = sync;
  const absl::Status status =
      FromRocks(database_->db()->Write(options, &batch), "cannot write to the data folder");
  return status.ok() ? status : Fail(status);
}

absl::StatusOr<std::vector<NameEntry>> RocksStoreImpl::ListNames(
    AppNumber app, const std::optional<NameKey>& after, size_t count_max) const {
  std::vector<NameEntry> entries;
  for (int slot = after ? after->slot : 0; slot < kSlots && entries.size() < count_max; ++slot) {
    const std::string prefix = keys::NamesOf(static_cast<Slot>(slot), app);
    const bool goes_on = after && after->slot == slot;
    // A zero byte behind a key gives the smallest key above it.
    const std::string begin = goes_on ? keys::OfName(*after) + '\0' : prefix;
    RETURN_IF_ERROR(reader_.ReadNames(begin, keys::EndOf(prefix), count_max, &entries));
  }
  return entries;
}

absl::StatusOr<std::vector<LastSeenEntry>> RocksStoreImpl::ListLastSeen(
    const std::optional<Incarnation>& after, size_t count_max) const {
  const std::string first = keys::OfLastSeen(Incarnation());
  const std::string begin = after ? keys::OfLastSeen(*after) + '\0' : first;
  std::vector<LastSeenEntry> entries;
  RETURN_IF_ERROR(
      reader_.ReadLastSeen(begin, keys::EndOf(first.substr(0, 1)), count_max, &entries));
  return entries;
}

absl::StatusOr<std::vector<SessionNumber>> RocksStoreImpl::ListOwned(AppNumber app,
                                                                     const std::string& owner,
                                                                     SessionNumber after,
                                                                     size_t count_max) const {
  std::vector<SessionNumber> sessions;
  const int first = after == 0 ? 0 : HomeSlot(after);
  for (int slot = first; slot < kSlots && sessions.size() < count_max; ++slot) {
    const std::string prefix = keys::OwnedIn(static_cast<Slot>(slot), app, owner);
    const bool goes_on = after != 0 && slot == first;
    const std::string begin = goes_on ? keys::OfOwner({app, owner, after}) + '\0' : prefix;
    RETURN_IF_ERROR(reader_.ReadOwned(prefix, begin, count_max, &sessions));
  }
  return sessions;
}

absl::StatusOr<AppNumber> RocksStoreImpl::LastAppNumber() const {
  const std::string first = keys::OfAppNumber(0);
  ASSIGN_OR_RETURN(const std::string key,
                   reader_.LastKey(first, keys::OfAppNumber(~AppNumber{0}) + '\0'));
  return keys::ParseAppNumber(key).value_or(0);
}

StoreStatistics RocksStoreImpl::statistics() const {
  const rocksdb::Statistics& tickers = database_->statistics();
  StoreStatistics statistics;
  statistics.blocks_read = tickers.getTickerCount(rocksdb::BLOCK_CACHE_MISS);
  statistics.bytes_written = tickers.getTickerCount(rocksdb::WAL_FILE_BYTES);
  statistics.syncs = tickers.getTickerCount(rocksdb::WAL_FILE_SYNCED);
  return statistics;
}

absl::Status WriteFolderRecord(const stored::Folder& record, const Database& database) {
  rocksdb::WriteOptions options;
  options.sync = true;
  return FromRocks(database.db()->Put(options, HandleOf(database.handles(), Column::kHub),
                                      keys::OfFolder(), record.SerializeAsString()),
                   "cannot write to the data folder");
}

// Nothing of the new format is written before both say so, and an older program that comes in
// between is turned away by FORMAT.
absl::Status RocksStoreImpl::FinalizeFormat() {
  absl::MutexLock lock(&finalizing_);
  if (format_ == newest_format_) return absl::OkStatus();
  RETURN_IF_ERROR(Failure());
  RETURN_IF_ERROR(folder_.WriteFormat(newest_format_));
  FAIL_POINT("finalize.format");
  record_.set_format(newest_format_);
  if (absl::Status status = WriteFolderRecord(record_, *database_); !status.ok()) {
    return Fail(status);
  }
  FAIL_POINT("finalize.record");
  format_ = newest_format_;
  return absl::OkStatus();
}

absl::Status CheckLogs(rocksdb::Env* env, const Folder& folder, WalChecksums checksums,
                       WalsExpected expected) {
  RETURN_IF_ERROR(CheckManifest(env, folder.db_path(), checksums));
  return CheckWals(env, folder.db_path(), checksums, expected);
}

// What RocksDB would take for the end of a log is looked at before RocksDB drops it. The lock is
// tried first: the logs of a running hub change while they are read.
absl::Status CheckBeforeOpen(rocksdb::Env* env, const Folder& folder, WalsExpected expected) {
  const std::string doing = "cannot open data folder " + folder.path();
  rocksdb::FileLock* lock = nullptr;
  RETURN_IF_ERROR(FromRocks(env->LockFile(folder.db_path() + "/LOCK", &lock), doing));
  RETURN_IF_ERROR(FromRocks(env->UnlockFile(lock), doing));
  // A folder whose creation was cut off holds nothing yet.
  if (folder.is_being_made()) return absl::OkStatus();
  return CheckLogs(env, folder, WalChecksums::kSkip, expected);
}

// RocksDB says that a log is damaged, but not always which one.
absl::Status NameDamage(rocksdb::Env* env, const Folder& folder, const absl::Status& status) {
  if (status.code() != absl::StatusCode::kDataLoss) return status;
  const absl::Status named =
      CheckLogs(env, folder, WalChecksums::kVerify, WalsExpected::kAnyNumber);
  return named.code() == absl::StatusCode::kDataLoss ? named : status;
}

absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const RocksStoreOptions& options,
                                                       rocksdb::Env* env, const Folder& folder) {
  const auto expected = options.restored ? WalsExpected::kAnyNumber : WalsExpected::kOneAtLeast;
  RETURN_IF_ERROR(CheckBeforeOpen(env, folder, expected));
  std::shared_ptr<rocksdb::Statistics> statistics = rocksdb::CreateDBStatistics();
  statistics->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
  rocksdb::DBOptions db_options = MakeDbOptions(options, statistics);
  db_options.create_if_missing = folder.is_being_made();
  // A program that does not know one of them does not open the folder: a later format may add one,
  // opening a folder may not.
  db_options.create_missing_column_families = folder.is_being_made();
  ColumnHandles handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(db_options, folder.db_path(), MakeColumns(options), &handles, &db);
  const absl::Status opened = FromRocks(status, "cannot open data folder " + folder.path());
  if (!opened.ok()) return NameDamage(env, folder, opened);
  return std::make_unique<Database>(std::unique_ptr<rocksdb::DB>(db), std::move(handles),
                                    std::move(statistics));
}

// FORMAT gets a later format first, the record after it. So a record that is behind is of a process
// that died in between, and one that is ahead is of no process of ours.
absl::Status CompleteFinalize(const Database& database, const Folder& folder,
                              stored::Folder* record) {
  if (record->format() > folder.format()) {
    return absl::DataLossError("the FORMAT of data folder " + folder.path() + " says " +
                               std::to_string(folder.format()) + ", its own record says " +
                               std::to_string(record->format()) +
                               ": restore FORMAT from the same backup as the rest");
  }
  if (record->format() == folder.format()) return absl::OkStatus();
  LOG(INFO) << "event=upgrade_finalized format=" << folder.format()
            << " format_before=" << record->format()
            << " cause=\"a process that was finalizing has died\"";
  record->set_format(folder.format());
  return WriteFolderRecord(*record, database);
}

// The record of what this folder is; made now if its creation is not finished.
absl::StatusOr<stored::Folder> FindOrMakeFolderRecord(const RocksStoreOptions& options,
                                                      const Database& database, Folder* folder) {
  const RocksReader reader(database.db(), &database.handles());
  ASSIGN_OR_RETURN(auto found, reader.FindRecord<stored::Folder>(keys::OfFolder()));
  // FORMAT is within the range, unless there is none yet; a record that is behind it will follow.
  if (found && (folder->is_new() || found->format() > folder->format())) {
    RETURN_IF_ERROR(CheckFormat(folder->path(), found->format(), folder->formats()));
  }
  if (!found) {
    if (!folder->is_being_made()) {
      return absl::DataLossError("data folder " + folder->path() +
                                 " has lost its own record: restore it from a backup");
    }
    found.emplace();
    found->set_format(folder->format());
    found->set_history_id(Id128ToBytes(options.fresh_history_id));
    found->set_created(options.now_us);
    RETURN_IF_ERROR(WriteFolderRecord(*found, database));
  } else if (folder->is_restored()) {
    // Before FORMAT makes it a data folder: nobody serves it under the history it was copied from.
    found->set_history_id(Id128ToBytes(options.fresh_history_id));
    RETURN_IF_ERROR(WriteFolderRecord(*found, database));
  }
  if (folder->is_new()) {
    RETURN_IF_ERROR(folder->WriteFormat(found->format()));
  } else {
    RETURN_IF_ERROR(CompleteFinalize(database, *folder, &*found));
  }
  return *std::move(found);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RocksStore>> RocksStore::Open(const RocksStoreOptions& options) {
  rocksdb::Env* const env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  ASSIGN_OR_RETURN(Folder folder, options.restored
                                      ? Folder::FindRestored(options.data_dir, env, options.formats)
                                      : Folder::Prepare(options.data_dir, env, options.formats));
  ASSIGN_OR_RETURN(std::unique_ptr<Database> database, OpenDatabase(options, env, folder));
  RETURN_IF_ERROR(folder.Recheck());
  ASSIGN_OR_RETURN(const stored::Folder record,
                   FindOrMakeFolderRecord(options, *database, &folder));
  if (options.restored) RETURN_IF_ERROR(folder.Recheck());
  return std::make_unique<RocksStoreImpl>(options, std::move(database), folder, record);
}

}  // namespace sessionhub::hub
