// Folder: what a data folder is before and around RocksDB: its FORMAT file, its creation and the
// checks that tell a data folder from anything else.
//
// FORMAT is written last, when everything else of a new folder is durable. A folder that is cut off
// while it is created has no FORMAT, and the next start goes on creating it. A later format is
// written here first, before anything of it is in the database: an older program then refuses the
// folder by FORMAT, without a look into RocksDB.
//
// A folder into which a backup is restored holds RESTORING from the beginning until it has its
// FORMAT. While it has the one and not the other it is no data folder, nor one that is being
// created: no hub opens it, and only another restore goes on with it.
#ifndef HUB_STORE_FOLDER_H_
#define HUB_STORE_FOLDER_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/store/formats.h"

namespace sessionhub::hub {

class Folder {
 public:
  // Makes the folder if it is missing, for its owner alone and durably, and reads its FORMAT.
  // Changes nothing in a folder that it refuses. Errors as RocksStore::Open.
  static absl::StatusOr<Folder> Prepare(const std::string& path, rocksdb::Env* env,
                                        const Formats& formats);

  // A data folder that is there, to be looked at: makes and changes nothing. NotFound if there is
  // no folder, FailedPrecondition if it is no data folder; else as Prepare.
  static absl::StatusOr<Folder> Find(const std::string& path, rocksdb::Env* env,
                                     const Formats& formats);

  // Makes the folder if it is missing and marks it, durably, as one into which a backup is
  // restored: the database is to be copied to db_path(). What a restore has left that was broken
  // off is removed. FailedPrecondition if the folder holds anything else.
  static absl::StatusOr<Folder> BeginRestore(const std::string& path, rocksdb::Env* env,
                                             const Formats& formats);
  // A folder that BeginRestore has made, with its database in it: it becomes a data folder by
  // WriteFormat, and the mark goes with Recheck. FailedPrecondition for any other folder.
  static absl::StatusOr<Folder> FindRestored(const std::string& path, rocksdb::Env* env,
                                             const Formats& formats);

  // True until FORMAT is there.
  bool is_new() const { return is_new_; }
  // It holds a restored database, and no FORMAT before WriteFormat.
  bool is_restored() const { return is_restored_; }
  // It may hold less than a whole database.
  bool is_being_made() const { return is_new_ && !is_restored_; }
  // What FORMAT said when it was last read or written; the newest one for a new folder.
  uint32_t format() const { return format_; }
  const Formats& formats() const { return formats_; }
  const std::string& path() const { return path_; }
  std::string db_path() const { return path_ + "/db"; }
  // The mark of a restore, which whoever restores keeps locked.
  std::string mark_path() const { return path_ + "/RESTORING"; }
  // OK until FORMAT is there: somebody else may have restored it, in the time until the mark was
  // locked.
  absl::Status CheckNoDataYet() const;

  // Reads FORMAT again. To be called once the database is locked: another process may have
  // finalized before. Removes what a process has left that died while it wrote FORMAT, and the
  // mark of a restore that is complete.
  absl::Status Recheck();

  // Replaces FORMAT, durably; a new folder is created with that.
  absl::Status WriteFormat(uint32_t format);

 private:
  Folder(std::string path, rocksdb::Env* env, const Formats& formats)
      : path_(std::move(path)), env_(env), formats_(formats), format_(formats.newest) {}

  std::string format_path() const { return path_ + "/FORMAT"; }
  std::string draft_path() const { return path_ + "/FORMAT.new"; }
  absl::Status MakeDirectories();
  absl::Status ReadFormat();
  absl::Status CheckNothingForeign() const;
  absl::Status CheckNotRestoring() const;
  absl::Status ClearForRestore();
  absl::Status WriteDraft(uint32_t format) const;
  absl::Status SyncParent() const;
  absl::Status BeginCreation();
  absl::Status SyncDirectory(const std::string& path) const;

  std::string path_;
  rocksdb::Env* env_;  // not owned
  Formats formats_;
  uint32_t format_;
  bool is_new_ = true;
  bool is_restored_ = false;
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_FOLDER_H_
