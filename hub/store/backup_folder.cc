#include "hub/store/backup_folder.h"

#include <rocksdb/rate_limiter.h>

#include <algorithm>
#include <utility>

#include "hub/store/private_folder.h"
#include "hub/store/rocks_status.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr uint64_t kProgressStepBytes = 4 << 20;
// RocksDB copies in portions of what the limiter allows in this time, each of them in memory.
constexpr int64_t kPortionUs = 10'000;

Backup FromInfo(const rocksdb::BackupInfo& info) {
  Backup backup;
  backup.id = info.backup_id;
  backup.size_bytes = info.size;
  backup.files = info.number_files;
  // The database itself says what it is; this is for listings.
  backup.damaged = !backup.about.ParseFromString(info.app_metadata);
  return backup;
}

// RocksDB says that a file is missing in other words than that one is damaged.
bool IsDamage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound();
}

}  // namespace

BackupFolder::~BackupFolder() {
  writer_.reset();
  reader_.reset();
  if (lock_ != nullptr) env_->UnlockFile(lock_).PermitUncheckedError();
}

absl::Status BackupFolder::MakeDirectory() const {
  bool is_folder = false;
  if (env_->FileExists(path_).ok() && env_->IsDirectory(path_, &is_folder).ok() && !is_folder) {
    return absl::FailedPreconditionError("backup folder " + path_ +
                                         " is a file, not a folder: choose another path");
  }
  return MakePrivateFolder(path_, env_, "cannot create backup folder " + path_);
}

absl::Status BackupFolder::Lock() {
  absl::Status locked =
      FromRocks(env_->LockFile(path_ + "/LOCK", &lock_), "cannot lock backup folder " + path_);
  if (!absl::IsFailedPrecondition(locked)) return locked;
  return absl::FailedPreconditionError("backup folder " + path_ +
                                       " is in use: a backup is being made, verified or restored; "
                                       "wait for its end and try again");
}

rocksdb::BackupEngineOptions BackupFolder::Options() const {
  rocksdb::BackupEngineOptions options(path_, env_);
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  options.sync = true;
  options.callback_trigger_interval_size = kProgressStepBytes;
  return options;
}

absl::StatusOr<std::unique_ptr<BackupFolder>> BackupFolder::Open(const std::string& path,
                                                                 rocksdb::Env* env,
                                                                 uint64_t bytes_per_s_max) {
  std::unique_ptr<BackupFolder> folder(new BackupFolder(path, env));
  RETURN_IF_ERROR(folder->MakeDirectory());
  RETURN_IF_ERROR(folder->Lock());
  rocksdb::BackupEngineOptions options = folder->Options();
  options.backup_rate_limiter.reset(
      rocksdb::NewGenericRateLimiter(static_cast<int64_t>(bytes_per_s_max), kPortionUs));
  rocksdb::BackupEngine* engine = nullptr;
  RETURN_IF_ERROR(FromRocks(rocksdb::BackupEngine::Open(options, env, &engine),
                            "cannot open backup folder " + path));
  folder->writer_.reset(engine);
  folder->engine_ = engine;
  return folder;
}

absl::StatusOr<std::unique_ptr<BackupFolder>> BackupFolder::OpenToRead(const std::string& path,
                                                                       rocksdb::Env* env) {
  std::unique_ptr<BackupFolder> folder(new BackupFolder(path, env));
  if (!env->FileExists(path + "/meta").ok()) {
    return absl::NotFoundError(path + " is no folder of backups: give the --backup-dir of the hub");
  }
  const absl::Status locked = folder->Lock();
  if (!locked.ok() && !absl::IsPermissionDenied(locked)) return locked;
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  RETURN_IF_ERROR(FromRocks(rocksdb::BackupEngineReadOnly::Open(folder->Options(), env, &engine),
                            "cannot open backup folder " + path));
  folder->reader_.reset(engine);
  folder->engine_ = engine;
  return folder;
}

std::vector<Backup> BackupFolder::List() const {
  std::vector<rocksdb::BackupInfo> infos;
  engine_->GetBackupInfo(&infos);
  std::vector<Backup> backups;
  backups.reserve(infos.size());
  for (const rocksdb::BackupInfo& info : infos) backups.push_back(FromInfo(info));
  std::vector<rocksdb::BackupID> damaged;
  engine_->GetCorruptedBackups(&damaged);
  for (const rocksdb::BackupID id : damaged) {
    Backup backup;
    backup.id = id;
    backup.damaged = true;
    backups.push_back(backup);
  }
  std::sort(backups.begin(), backups.end(),
            [](const Backup& a, const Backup& b) { return a.id < b.id; });
  return backups;
}

absl::StatusOr<Backup> BackupFolder::Find(uint32_t id) const {
  const std::vector<Backup> backups = List();
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    if (id != 0 && backup->id != id) continue;
    if (!backup->damaged) return *backup;
    return absl::DataLossError("backup " + std::to_string(backup->id) + " in " + path_ +
                               " is damaged: a file of it is missing, or the list of its files "
                               "cannot be read; use another backup");
  }
  return absl::NotFoundError(
      (id == 0 ? "there is no backup in " : "there is no backup " + std::to_string(id) + " in ") +
      path_ + ": sessionhubctl backup list shows those that there are");
}

// OK, or what RocksDB says of this backup, in our words.
absl::Status BackupFolder::Told(const rocksdb::Status& status, uint32_t id) const {
  const std::string what = "backup " + std::to_string(id) + " in " + path_;
  if (IsDamage(status)) {
    return absl::DataLossError(what + " is damaged (" + status.ToString() +
                               "): use another backup");
  }
  return FromRocks(status, "cannot read " + what);
}

absl::Status BackupFolder::Verify(uint32_t id) const {
  return Told(engine_->VerifyBackup(id, /*verify_with_checksum=*/true), id);
}

absl::Status BackupFolder::CopyTo(uint32_t id, const std::string& db_path) const {
  return Told(engine_->RestoreDBFromBackup(rocksdb::RestoreOptions(), id, db_path, db_path), id);
}

absl::StatusOr<BackupFolder::Place> BackupFolder::PlaceOf(uint32_t id) const {
  rocksdb::BackupInfo info;
  RETURN_IF_ERROR(Told(engine_->GetBackupInfo(id, &info, /*include_file_details=*/true), id));
  return Place{info.name_for_open, info.env_for_open};
}

absl::StatusOr<Backup> BackupFolder::Add(rocksdb::DB* db, const stored::Backup& about) {
  rocksdb::CreateBackupOptions options;
  // The log is copied too: a flush would only make many small tables of it.
  options.flush_before_backup = false;
  options.progress_callback = [this] { copied_bytes_ += kProgressStepBytes; };
  // On one core the shards come first.
  options.decrease_background_thread_cpu_priority = true;
  options.background_thread_cpu_priority = rocksdb::CpuPriority::kLow;
  rocksdb::BackupID id = 0;
  const rocksdb::Status made =
      writer_->CreateNewBackupWithMetadata(options, db, about.SerializeAsString(), &id);
  if (!made.ok()) {
    // Gives back the space of what was copied.
    writer_->GarbageCollect().PermitUncheckedError();
    if (made.IsIncomplete()) return absl::CancelledError("the backup was stopped");
    return FromRocks(made, "cannot make a backup in " + path_);
  }
  return Find(id);
}

absl::Status BackupFolder::RemoveOldest(uint32_t keep, std::vector<uint32_t>* removed) {
  const std::vector<Backup> backups = List();
  // A damaged one restores nothing: it stands for none that is kept.
  size_t left = backups.size();
  for (uint32_t whole = 0; left > 0 && whole < keep; --left)
    whole += backups[left - 1].damaged ? 0 : 1;
  for (size_t i = 0; i < left; ++i) {
    RETURN_IF_ERROR(
        FromRocks(writer_->DeleteBackup(backups[i].id),
                  "cannot remove backup " + std::to_string(backups[i].id) + " in " + path_));
    removed->push_back(backups[i].id);
  }
  return absl::OkStatus();
}

void BackupFolder::Stop() {
  if (writer_) writer_->StopBackup();
}

}  // namespace sessionhub::hub
