#include "hub/offline/backup_check.h"

#include <memory>

#include "hub/store/backup_folder.h"
#include "hub/store/folder_view.h"
#include "hub/store/formats.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

absl::StatusOr<std::vector<Backup>> ListBackupsIn(const std::string& backup_dir) {
  ASSIGN_OR_RETURN(const auto backups, BackupFolder::OpenToRead(backup_dir));
  return backups->List();
}

absl::StatusOr<CheckedBackup> CheckBackup(const std::string& backup_dir, uint32_t id) {
  ASSIGN_OR_RETURN(const Formats formats, FormatsOfThisProgram());
  CheckedBackup checked;
  ASSIGN_OR_RETURN(const auto backups, BackupFolder::OpenToRead(backup_dir));
  ASSIGN_OR_RETURN(checked.backup, backups->Find(id));
  RETURN_IF_ERROR(backups->Verify(checked.backup.id));
  ASSIGN_OR_RETURN(const auto view, FolderView::OpenBackup(*backups, checked.backup.id, formats));
  const stored::Backup& about = checked.backup.about;
  if (view->folder().history_id() != about.history_id() ||
      view->folder().format() != about.format()) {
    return absl::DataLossError("backup " + std::to_string(checked.backup.id) + " in " + backup_dir +
                               " says something else of itself than its database does: use "
                               "another backup");
  }
  RETURN_IF_ERROR(CheckRecords(*view, &checked.totals, &checked.findings));
  return checked;
}

}  // namespace sessionhub::hub
