#include "hub/store/restore.h"

#include <rocksdb/env.h>

#include <memory>

#include "hub/store/backup_folder.h"
#include "hub/store/folder.h"
#include "hub/store/rocks_status.h"
#include "hub/store/rocks_store.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// Keeps a second restore out of the folder, for as long as this lives.
class MarkLock {
 public:
  explicit MarkLock(rocksdb::Env* env) : env_(env) {}
  ~MarkLock() {
    if (lock_ != nullptr) env_->UnlockFile(lock_).PermitUncheckedError();
  }
  MarkLock(const MarkLock&) = delete;
  MarkLock& operator=(const MarkLock&) = delete;

  absl::Status Take(const Folder& folder) {
    RETURN_IF_ERROR(FromRocks(env_->LockFile(folder.mark_path(), &lock_),
                              "cannot restore into folder " + folder.path()));
    return folder.CheckNoDataYet();
  }

 private:
  rocksdb::Env* const env_;  // not owned
  rocksdb::FileLock* lock_ = nullptr;
};

}  // namespace

absl::StatusOr<Restored> Restore(const RestoreOptions& options) {
  rocksdb::Env* const env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  Restored restored;
  ASSIGN_OR_RETURN(const auto backups, BackupFolder::OpenToRead(options.backup_dir, env));
  ASSIGN_OR_RETURN(restored.backup, backups->Find(options.backup));
  RETURN_IF_ERROR(CheckFormat(options.backup_dir, restored.backup.about.format(), options.formats));
  ASSIGN_OR_RETURN(const Folder folder,
                   Folder::BeginRestore(options.data_dir, env, options.formats));
  MarkLock lock(env);
  RETURN_IF_ERROR(lock.Take(folder));
  RETURN_IF_ERROR(backups->CopyTo(restored.backup.id, folder.db_path()));
  RocksStoreOptions store;
  store.data_dir = folder.path();
  store.formats = options.formats;
  store.env = options.env;
  store.fresh_history_id = options.fresh_history_id;
  store.restored = true;
  ASSIGN_OR_RETURN(const auto opened, RocksStore::Open(store));
  restored.format = opened->format();
  return restored;
}

}  // namespace sessionhub::hub
