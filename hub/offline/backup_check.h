// BackupCheck: whether a backup is worth something: every file is as it was written, the database
// opens, its records fit each other.
#ifndef HUB_OFFLINE_BACKUP_CHECK_H_
#define HUB_OFFLINE_BACKUP_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/offline/finding.h"
#include "hub/offline/record_check.h"
#include "hub/store/backup.h"

namespace sessionhub::hub {

struct CheckedBackup {
  Backup backup;
  RecordTotals totals;
  Findings findings;  // empty: it is good
};

// The backups in a folder, oldest first. NotFound if it is no folder of backups,
// FailedPrecondition while somebody makes or reads one.
absl::StatusOr<std::vector<Backup>> ListBackupsIn(const std::string& backup_dir);

// Reads the backup `id` (0: the newest) where it lies, twice. DataLoss if it is damaged; else
// errors as ListBackupsIn, and FailedPrecondition if it has a format that this program does not
// read.
absl::StatusOr<CheckedBackup> CheckBackup(const std::string& backup_dir, uint32_t id);

}  // namespace sessionhub::hub

#endif  // HUB_OFFLINE_BACKUP_CHECK_H_
