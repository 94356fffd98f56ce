#include "hub/store/folder_view.h"

#include <glog/logging.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <string_view>
#include <utility>
#include <vector>

#include "hub/store/backup_folder.h"
#include "hub/store/columns.h"
#include "hub/store/folder.h"
#include "hub/store/keys.h"
#include "hub/store/record_batch.h"
#include "hub/store/rocks_reader.h"
#include "hub/store/rocks_status.h"
#include "hub/store/wal_check.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// RocksDB's diary would be written into the folder.
class NoDiary final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// The lock of a database, held while this lives.
class DatabaseLock {
 public:
  DatabaseLock() = default;
  ~DatabaseLock() {
    if (lock_ != nullptr) rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError();
  }
  DatabaseLock(const DatabaseLock&) = delete;
  DatabaseLock& operator=(const DatabaseLock&) = delete;

  absl::Status Take(const Folder& folder) {
    return FromRocks(rocksdb::Env::Default()->LockFile(folder.db_path() + "/LOCK", &lock_),
                     "cannot look at data folder " + folder.path());
  }

 private:
  rocksdb::FileLock* lock_ = nullptr;
};

// Where a database lies.
struct Where {
  std::string db_path;
  std::string shown;                  // in messages
  std::shared_ptr<rocksdb::Env> env;  // nullptr: the real file system
  WalsExpected wals_expected;
};

class FolderViewImpl final : public FolderView {
 public:
  FolderViewImpl(Where where, std::unique_ptr<DatabaseLock> lock)
      : where_(std::move(where)), lock_(std::move(lock)) {}
  ~FolderViewImpl() override {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
  }
  FolderViewImpl(const FolderViewImpl&) = delete;
  FolderViewImpl& operator=(const FolderViewImpl&) = delete;

  absl::Status OpenDatabase(const Formats& formats);

  absl::Status VerifyTables() const override {
    return FromRocks(db_->VerifyChecksum(rocksdb::ReadOptions()), "cannot verify " + where_.shown);
  }
  const stored::Folder& folder() const override { return record_; }
  absl::Status Load(const ReadSet& reads, Loaded* loaded) const override;
  absl::StatusOr<std::optional<std::string>> AppName(AppNumber app) const override;
  absl::Status VisitNames(
      const std::function<void(const NameKey&, const stored::Name&)>& visit) const override;
  absl::Status VisitMetas(
      const std::function<void(SessionNumber, const stored::Meta&)>& visit) const override;
  absl::Status VisitFields(const std::function<void(SessionNumber, const Path&,
                                                    const stored::Field&)>& visit) const override;
  absl::Status VisitDue(
      const std::function<void(const DueKey&, const stored::Due&)>& visit) const override;
  absl::Status VisitOwners(const std::function<void(const OwnerKey&)>& visit) const override;

 private:
  RocksReader Reader() const { return {db_.get(), &handles_}; }
  // Calls `read` with each key and value, until it returns false: they cannot be decoded.
  absl::Status Visit(Column column,
                     const std::function<bool(std::string_view, std::string_view)>& read) const;

  const Where where_;
  const std::unique_ptr<DatabaseLock> lock_;  // released after the database is closed
  std::unique_ptr<rocksdb::DB> db_;
  ColumnHandles handles_;
  stored::Folder record_;
};

absl::Status FolderViewImpl::OpenDatabase(const Formats& formats) {
  rocksdb::Env* const env = where_.env ? where_.env.get() : rocksdb::Env::Default();
  RETURN_IF_ERROR(CheckManifest(env, where_.db_path, WalChecksums::kVerify));
  RETURN_IF_ERROR(CheckWals(env, where_.db_path, WalChecksums::kVerify, where_.wals_expected));
  RocksStoreOptions options;
  options.env = env;
  rocksdb::DBOptions db_options = MakeDbOptions(options, nullptr);
  db_options.info_log = std::make_shared<NoDiary>();
  // A database that is opened to read may not schedule anything.
  db_options.avoid_unnecessary_blocking_io = false;
  rocksdb::DB* db = nullptr;
  RETURN_IF_ERROR(FromRocks(rocksdb::DB::OpenForReadOnly(db_options, where_.db_path,
                                                         MakeColumns(options), &handles_, &db),
                            "cannot open " + where_.shown));
  db_.reset(db);
  ASSIGN_OR_RETURN(const auto record, Reader().FindRecord<stored::Folder>(keys::OfFolder()));
  if (!record) return absl::DataLossError(where_.shown + " has lost its own record");
  record_ = *record;
  return CheckFormat(where_.shown, record_.format(), formats);
}

absl::Status FolderViewImpl::Load(const ReadSet& reads, Loaded* loaded) const {
  const RocksReader reader = Reader();
  RETURN_IF_ERROR(reader.ReadPoints(reads, loaded));
  for (const DueRange& range : reads.due_ranges) {
    auto& entries = loaded->due_ranges[range];
    entries.clear();
    RETURN_IF_ERROR(reader.ReadDue(range, &entries));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> FolderViewImpl::AppName(AppNumber app) const {
  std::string name;
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), HandleOf(handles_, Column::kHub),
                                          keys::OfAppNumber(app), &name);
  if (status.IsNotFound()) return std::optional<std::string>();
  RETURN_IF_ERROR(FromRocks(status, "cannot read " + where_.shown));
  return std::optional<std::string>(std::move(name));
}

absl::Status FolderViewImpl::Visit(
    Column column, const std::function<bool(std::string_view, std::string_view)>& read) const {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(
      db_->NewIterator(options, HandleOf(handles_, column)));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const rocksdb::Slice key = it->key();
    const rocksdb::Slice value = it->value();
    if (read({key.data(), key.size()}, {value.data(), value.size()})) continue;
    // Ids and owners are in keys.
    const bool secret = column == Column::kNames || column == Column::kOwners;
    return absl::DataLossError(where_.shown + ": a record in column family " +
                               kColumnRows[static_cast<size_t>(column)].name +
                               " cannot be decoded" +
                               (secret ? "" : " (key " + ToHex({key.data(), key.size()}) + ")"));
  }
  return FromRocks(it->status(), "cannot read " + where_.shown);
}

template <typename Record>
bool Parse(std::string_view value, Record* record) {
  return record->ParseFromArray(value.data(), static_cast<int>(value.size()));
}

absl::Status FolderViewImpl::VisitNames(
    const std::function<void(const NameKey&, const stored::Name&)>& visit) const {
  return Visit(Column::kNames, [&](std::string_view key, std::string_view value) {
    const auto name = keys::ParseName(key);
    stored::Name record;
    if (!name || !Parse(value, &record)) return false;
    visit(*name, record);
    return true;
  });
}

absl::Status FolderViewImpl::VisitMetas(
    const std::function<void(SessionNumber, const stored::Meta&)>& visit) const {
  return Visit(Column::kMetas, [&](std::string_view key, std::string_view value) {
    const auto session = keys::ParseSession(key);
    stored::Meta record;
    if (!session || key.size() != keys::kSessionPrefixBytes || !Parse(value, &record)) return false;
    visit(*session, record);
    return true;
  });
}

absl::Status FolderViewImpl::VisitFields(
    const std::function<void(SessionNumber, const Path&, const stored::Field&)>& visit) const {
  return Visit(Column::kFields, [&](std::string_view key, std::string_view value) {
    const auto session = keys::ParseSession(key);
    const auto path = keys::ParseFieldPath(key);
    stored::Field record;
    if (!session || !path || !Parse(value, &record)) return false;
    visit(*session, *path, record);
    return true;
  });
}

absl::Status FolderViewImpl::VisitDue(
    const std::function<void(const DueKey&, const stored::Due&)>& visit) const {
  return Visit(Column::kDue, [&](std::string_view key, std::string_view value) {
    const auto due = keys::ParseDue(key);
    stored::Due record;
    if (!due || !Parse(value, &record)) return false;
    visit(*due, record);
    return true;
  });
}

absl::Status FolderViewImpl::VisitOwners(const std::function<void(const OwnerKey&)>& visit) const {
  return Visit(Column::kOwners, [&](std::string_view key, std::string_view) {
    const auto owner = keys::ParseOwner(key);
    if (!owner) return false;
    visit(*owner);
    return true;
  });
}

absl::StatusOr<std::unique_ptr<FolderView>> OpenView(Where where,
                                                     std::unique_ptr<DatabaseLock> lock,
                                                     const Formats& formats) {
  auto view = std::make_unique<FolderViewImpl>(std::move(where), std::move(lock));
  RETURN_IF_ERROR(view->OpenDatabase(formats));
  return view;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FolderView>> FolderView::Open(const std::string& data_dir,
                                                             const Formats& formats) {
  ASSIGN_OR_RETURN(const Folder folder, Folder::Find(data_dir, rocksdb::Env::Default(), formats));
  auto lock = std::make_unique<DatabaseLock>();
  RETURN_IF_ERROR(lock->Take(folder));
  return OpenView(
      {folder.db_path(), "data folder " + folder.path(), nullptr, WalsExpected::kOneAtLeast},
      std::move(lock), formats);
}

absl::StatusOr<std::unique_ptr<FolderView>> FolderView::OpenBackup(const BackupFolder& backups,
                                                                   uint32_t id,
                                                                   const Formats& formats) {
  ASSIGN_OR_RETURN(BackupFolder::Place place, backups.PlaceOf(id));
  return OpenView({place.db_path, "backup " + std::to_string(id), std::move(place.env),
                   WalsExpected::kAnyNumber},
                  nullptr, formats);
}

}  // namespace sessionhub::hub
