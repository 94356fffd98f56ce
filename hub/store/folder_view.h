// FolderView: a data folder, or a backup where it lies, opened to be looked at and never changed.
// For tools that run while no hub serves the folder.
//
// Errors name the folder and the remedy, as RocksStore's do. Used by one thread.
#ifndef HUB_STORE_FOLDER_VIEW_H_
#define HUB_STORE_FOLDER_VIEW_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/record/read_set.h"
#include "hub/record/turn_record.h"
#include "hub/store/formats.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

class BackupFolder;

class FolderView {
 public:
  // Looks for damage in logs and manifest as a start does, checksums too, and keeps the folder
  // locked while this lives. FailedPrecondition if a hub runs on it, if it is no data folder (a
  // restore that was broken off, or one whose creation was), or of a format that is not in
  // `formats`; DataLoss if it is damaged.
  static absl::StatusOr<std::unique_ptr<FolderView>> Open(const std::string& data_dir,
                                                          const Formats& formats);
  // The same of the backup `id`. `backups` is not owned and outlives the view.
  static absl::StatusOr<std::unique_ptr<FolderView>> OpenBackup(const BackupFolder& backups,
                                                                uint32_t id,
                                                                const Formats& formats);
  virtual ~FolderView() = default;

  // Reads every block of every table. DataLoss names the table that is damaged.
  virtual absl::Status VerifyTables() const = 0;

  virtual const stored::Folder& folder() const = 0;
  // As Store::Load.
  virtual absl::Status Load(const ReadSet& reads, Loaded* loaded) const = 0;
  // Nothing if there is no such app.
  virtual absl::StatusOr<std::optional<std::string>> AppName(AppNumber app) const = 0;

  // Each visits every record of its kind, in the order of keys. DataLoss, with the key, for a
  // record that cannot be decoded, at which the visit ends.
  virtual absl::Status VisitNames(
      const std::function<void(const NameKey&, const stored::Name&)>& visit) const = 0;
  virtual absl::Status VisitMetas(
      const std::function<void(SessionNumber, const stored::Meta&)>& visit) const = 0;
  virtual absl::Status VisitFields(
      const std::function<void(SessionNumber, const Path&, const stored::Field&)>& visit) const = 0;
  virtual absl::Status VisitDue(
      const std::function<void(const DueKey&, const stored::Due&)>& visit) const = 0;
  virtual absl::Status VisitOwners(const std::function<void(const OwnerKey&)>& visit) const = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_FOLDER_VIEW_H_
