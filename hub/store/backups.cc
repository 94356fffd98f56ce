#include "hub/store/backups.h"

#include <utility>
#include <vector>

#include "proto/session/error_codes.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

Backups::Backups(const RocksStoreOptions& options, const HistoryId& history_id)
    : path_(options.backup_dir),
      data_dir_(options.data_dir),
      env_(options.env != nullptr ? options.env : rocksdb::Env::Default()),
      bytes_per_s_max_(options.backup_bytes_per_s_max),
      history_id_(history_id) {}

absl::Status Backups::CheckConfigured() const {
  if (!path_.empty()) return absl::OkStatus();
  return ErrorStatus(CallError::kBackupsOff,
                     "this hub has no folder for backups: start it with --backup-dir");
}

absl::Status Backups::Begin() {
  absl::MutexLock lock(&mutex_);
  if (!stopped_for_good_.ok()) return stopped_for_good_;
  if (running_) {
    return ErrorStatus(
        CallError::kBackupRunning,
        "a backup is being made already: wait for it, sessionhubctl backup list shows how far it "
        "is");
  }
  running_ = true;
  stopped_ = absl::OkStatus();
  known_.clear();
  return absl::OkStatus();
}

absl::Status Backups::End(const absl::Status& status) {
  std::unique_ptr<BackupFolder> folder;
  absl::MutexLock lock(&mutex_);
  running_ = false;
  folder = std::move(folder_);
  return absl::IsCancelled(status) && !stopped_.ok() ? stopped_ : status;
}

absl::StatusOr<BackupFolder*> Backups::OpenFolder() {
  ASSIGN_OR_RETURN(std::unique_ptr<BackupFolder> folder,
                   BackupFolder::Open(path_, env_, bytes_per_s_max_));
  absl::MutexLock lock(&mutex_);
  // Stopped before there was anything to stop.
  if (!stopped_.ok()) return stopped_;
  known_ = folder->List();
  folder_ = std::move(folder);
  return folder_.get();
}

absl::StatusOr<MadeBackup> Backups::MakeIn(BackupFolder* folder, const BackupRequest& request,
                                           uint32_t format, rocksdb::DB* db) const {
  if (request.keep == 0 && folder->List().size() >= kBackupsMax) {
    return ErrorStatus(CallError::kBackupsMax,
                       "backup folder " + path_ + " holds " + std::to_string(kBackupsMax) +
                           " backups, its most: say with --keep how many to keep");
  }
  stored::Backup about;
  about.set_format(format);
  about.set_history_id(Id128ToBytes(history_id_));
  about.set_hub_version(request.hub_version);
  about.set_hub_time(request.hub_time_us);
  about.set_position(db->GetLatestSequenceNumber());
  MadeBackup made;
  ASSIGN_OR_RETURN(made.backup, folder->Add(db, about));
  // The backup is made, whatever becomes of those before it.
  if (request.keep != 0) made.removal = folder->RemoveOldest(request.keep, &made.removed);
  return made;
}

absl::StatusOr<MadeBackup> Backups::Create(const BackupRequest& request, uint32_t format,
                                           rocksdb::DB* db) {
  RETURN_IF_ERROR(CheckConfigured());
  if (request.keep > kBackupsMax) {
    return ErrorStatus(CallError::kArgumentInvalid,
                       "keep = " + std::to_string(request.keep) + " is over " +
                           std::to_string(kBackupsMax) +
                           ", the most that a folder of backups holds");
  }
  RETURN_IF_ERROR(Begin());
  // A reason that comes before this has no backup to stop, and one that comes after it stops this
  // one.
  const absl::Status may_begin = request.may_begin ? request.may_begin() : absl::OkStatus();
  const absl::StatusOr<BackupFolder*> folder =
      may_begin.ok() ? OpenFolder() : absl::StatusOr<BackupFolder*>(may_begin);
  absl::StatusOr<MadeBackup> made =
      folder.ok() ? MakeIn(*folder, request, format, db) : folder.status();
  if (const absl::Status ended = End(made.status()); !ended.ok()) return ended;
  return made;
}

absl::StatusOr<BackupListing> Backups::List() const {
  RETURN_IF_ERROR(CheckConfigured());
  BackupListing listing;
  // To the end, so that two who list do not meet at the folder's lock, nor who lists and who makes
  // one.
  absl::MutexLock lock(&mutex_);
  if (running_) {
    listing.running = true;
    listing.running_bytes = folder_ ? folder_->copied_bytes() : 0;
    listing.backups = known_;
    return listing;
  }
  const auto folder = BackupFolder::OpenToRead(path_, env_);
  if (absl::IsNotFound(folder.status())) return listing;  // none was made yet
  RETURN_IF_ERROR(folder.status());
  listing.backups = (*folder)->List();
  return listing;
}

void Backups::Stop(const absl::Status& why, bool for_good) {
  absl::MutexLock lock(&mutex_);
  if (for_good) stopped_for_good_ = why;
  if (!running_) return;
  stopped_ = why;
  if (folder_) folder_->Stop();
}

}  // namespace sessionhub::hub
