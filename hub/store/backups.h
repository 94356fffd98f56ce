// Backups: those that a hub makes of its open data folder. One at a time; the store goes on
// meanwhile. Thread-safe.
#ifndef HUB_STORE_BACKUPS_H_
#define HUB_STORE_BACKUPS_H_

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/store/backup.h"
#include "hub/store/backup_folder.h"
#include "hub/store/rocks_store.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

class Backups {
 public:
  Backups(const RocksStoreOptions& options, const HistoryId& history_id);

  // As Store::CreateBackup: of the open `db`, which has `format`.
  absl::StatusOr<MadeBackup> Create(const BackupRequest& request, uint32_t format, rocksdb::DB* db)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // While one is being made: those that there were when it began.
  absl::StatusOr<BackupListing> List() const ABSL_LOCKS_EXCLUDED(mutex_);
  // As Store::StopBackups.
  void Stop(const absl::Status& why, bool for_good) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Status CheckConfigured() const;
  absl::Status Begin() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<BackupFolder*> OpenFolder() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<MadeBackup> MakeIn(BackupFolder* folder, const BackupRequest& request,
                                    uint32_t format, rocksdb::DB* db) const;

  const std::string path_;
  const std::string data_dir_;
  rocksdb::Env* const env_;  // not owned
  const uint64_t bytes_per_s_max_;
  const HistoryId history_id_;

  mutable absl::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the one that runs, once it is open. Used without the lock by the thread that runs it.
  std::unique_ptr<BackupFolder> folder_ ABSL_GUARDED_BY(mutex_);
  std::vector<Backup> known_ ABSL_GUARDED_BY(mutex_);  // since the one that runs has begun
  absl::Status stopped_ ABSL_GUARDED_BY(mutex_);       // why the one that runs is stopped
  absl::Status stopped_for_good_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_BACKUPS_H_
