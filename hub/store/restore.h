// Restore: makes a data folder of a backup.
//
// The folder is complete or none at all: until the last step it holds the mark RESTORING and no
// FORMAT, and no hub opens it. It has a history of its own, so that nodes that live on drop their
// copies, and learn that they cannot know what became of their commits.
#ifndef HUB_STORE_RESTORE_H_
#define HUB_STORE_RESTORE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "hub/store/backup.h"
#include "hub/store/formats.h"
#include "proto/session/ids.h"

namespace rocksdb {
class Env;
}

namespace sessionhub::hub {

struct RestoreOptions {
  std::string backup_dir;
  uint32_t backup = 0;   // 0: the newest
  std::string data_dir;  // missing or empty; its parent exists
  Formats formats = kFormats;
  HistoryId fresh_history_id{};  // random bits by the caller
  rocksdb::Env* env = nullptr;   // not owned; nullptr: the real file system. For tests.
};

struct Restored {
  Backup backup;
  uint32_t format = 0;
};

// Compares every checksum while it copies, and opens the copy with all checks of a start. Durable
// when it returns. Errors name the folder or the backup and the remedy:
//   NotFound            no such backup, or no folder of backups
//   DataLoss            the backup is damaged
//   FailedPrecondition  `data_dir` holds something, the backup is of a format that is not in
//                       `formats`, or the folder of backups is in use
//   and those of the file system.
// After an error `data_dir` is as it was, or a restore that was broken off: once more is right.
absl::StatusOr<Restored> Restore(const RestoreOptions& options);

}  // namespace sessionhub::hub

#endif  // HUB_STORE_RESTORE_H_
