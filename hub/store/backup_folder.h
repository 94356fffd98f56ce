// BackupFolder: a folder of backups, which RocksDB's backup engine keeps: tables that several
// backups have in common are stored once, and every file has a checksum.
//
// The folder is locked from the opening to the end of this object, so that nobody removes what
// somebody else reads. Used by one thread, but for Stop and copied_bytes.
#ifndef HUB_STORE_BACKUP_FOLDER_H_
#define HUB_STORE_BACKUP_FOLDER_H_

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/backup_engine.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/store/backup.h"

namespace sessionhub::hub {

class BackupFolder {
 public:
  // To add backups and to remove them; makes the folder, for its owner alone, if it is missing.
  // Writes at most `bytes_per_s_max` in a second. `env` is not owned. Errors name the folder:
  //   FailedPrecondition  in use by another process or call, or it is something else
  //   PermissionDenied    cannot be read or written
  //   ResourceExhausted   the disk is full
  //   Internal            any other failure of the file system
  static absl::StatusOr<std::unique_ptr<BackupFolder>> Open(const std::string& path,
                                                            rocksdb::Env* env,
                                                            uint64_t bytes_per_s_max);
  // To read alone; NotFound if there is no folder of backups. One that may not be written is not
  // locked: nobody removes anything there either.
  static absl::StatusOr<std::unique_ptr<BackupFolder>> OpenToRead(
      const std::string& path, rocksdb::Env* env = rocksdb::Env::Default());
  ~BackupFolder();
  BackupFolder(const BackupFolder&) = delete;
  BackupFolder& operator=(const BackupFolder&) = delete;

  // Oldest first, those that are damaged too.
  std::vector<Backup> List() const;
  // The newest one for 0. NotFound if there is none, DataLoss if it is damaged.
  absl::StatusOr<Backup> Find(uint32_t id) const;

  // Reads every file of the backup and compares its checksum. DataLoss names what is damaged.
  absl::Status Verify(uint32_t id) const;
  // Copies the database of a backup to `db_path`, durably, and compares every checksum while it
  // does. What is in `db_path` is removed before. After an error it holds less than the whole.
  absl::Status CopyTo(uint32_t id, const std::string& db_path) const;

  // How to open a backup where it lies, read-only: the folder of the database, in an env of its
  // own.
  struct Place {
    std::string db_path;
    std::shared_ptr<rocksdb::Env> env;
  };
  absl::StatusOr<Place> PlaceOf(uint32_t id) const;

  // Makes a backup of an open database, which goes on being written: the backup holds every record
  // that was written with a sync before the call, and none that is written after it has returned.
  // Cancelled after Stop. After an error there is no trace of it. Not after OpenToRead.
  absl::StatusOr<Backup> Add(rocksdb::DB* db, const stored::Backup& about);
  // Removes the oldest until there are `keep`, and adds their ids to `removed`; after an error
  // those that are removed nevertheless. Not after OpenToRead.
  absl::Status RemoveOldest(uint32_t keep, std::vector<uint32_t>* removed);

  // Ends an Add that runs, or that comes later. Any thread.
  void Stop();
  // Of an Add that runs, in steps of 4 MiB. Any thread.
  uint64_t copied_bytes() const { return copied_bytes_; }

 private:
  BackupFolder(std::string path, rocksdb::Env* env) : path_(std::move(path)), env_(env) {}

  absl::Status MakeDirectory() const;
  absl::Status Lock();
  rocksdb::BackupEngineOptions Options() const;
  absl::Status Told(const rocksdb::Status& status, uint32_t id) const;

  const std::string path_;
  rocksdb::Env* const env_;  // not owned
  rocksdb::FileLock* lock_ = nullptr;
  std::unique_ptr<rocksdb::BackupEngine> writer_;
  std::unique_ptr<rocksdb::BackupEngineReadOnly> reader_;
  const rocksdb::BackupEngineReadOnlyBase* engine_ = nullptr;  // one of the two
  std::atomic<uint64_t> copied_bytes_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_BACKUP_FOLDER_H_
