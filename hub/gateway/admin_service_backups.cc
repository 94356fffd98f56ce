// Backups of the data folder, made while the hub serves.
#include <glog/logging.h>

#include <string>

#include "hub/gateway/admin_service.h"
#include "hub/hub_clock.h"
#include "hub/space_watch.h"
#include "hub/store/backup.h"
#include "proto/session/error_codes.h"

namespace sessionhub::hub {
namespace {

void FillBackup(const Backup& from, v1::Backup* backup) {
  backup->set_id(from.id);
  backup->set_size_bytes(from.size_bytes);
  backup->set_files(from.files);
  backup->set_history_id(from.about.history_id());
  backup->set_hub_version(from.about.hub_version());
  backup->set_format(from.about.format());
  backup->set_hub_time_ms(from.about.hub_time() / 1000);
  backup->set_position(from.about.position());
  backup->set_damaged(from.damaged);
}

}  // namespace

// What a backup takes of a disk that is nearly full would be missing for the store's own writes, of
// which none may fail.
absl::Status AdminService::CheckSpaceForBackup() const {
  if (!context_.space->growth_waits() || !OnOneDisk(context_.data_dir, context_.backup_dir)) {
    return absl::OkStatus();
  }
  return ErrorStatus(
      CallError::kDiskLow,
      "the disk of the data folder and of its backups has less than disk_free_bytes_min = " +
          std::to_string(context_.space->free_bytes_min()) +
          " bytes free: free space, or start the hub with --backup-dir on another disk");
}

grpc::Status AdminService::CreateBackup(grpc::ServerContext*,
                                        const v1::CreateBackupRequest* request,
                                        v1::CreateBackupResponse* response) {
  const BackupRequest wanted{context_.version, context_.now_us(), request->keep(),
                             [this] { return CheckSpaceForBackup(); }};
  const uint64_t began_us = BootTimeUs();
  const absl::StatusOr<MadeBackup> made = context_.store->CreateBackup(wanted);
  const uint64_t duration_ms = (BootTimeUs() - began_us) / 1000;
  if (!made.ok()) {
    LOG(WARNING) << "event=backup_failed duration_ms=" << duration_ms << " status=\""
                 << made.status().ToString() << "\"";
    return ToGrpcStatus(made.status());
  }
  LOG(INFO) << "event=backup_made backup=" << made->backup.id
            << " size_bytes=" << made->backup.size_bytes << " files=" << made->backup.files
            << " duration_ms=" << duration_ms << " removed=" << made->removed.size()
            << " backup_dir=" << context_.backup_dir;
  if (!made->removal.ok()) {
    LOG(WARNING) << "event=backups_not_removed keep=" << request->keep() << " status=\""
                 << made->removal.ToString()
                 << "\" effect=\"older backups than are to be kept take "
                 << "space; the next one that is made with keep removes them\"";
    response->set_not_removed(std::string(made->removal.message()));
  }
  FillBackup(made->backup, response->mutable_backup());
  response->set_duration_ms(duration_ms);
  for (const uint32_t id : made->removed) response->add_removed(id);
  return grpc::Status::OK;
}

grpc::Status AdminService::ListBackups(grpc::ServerContext*, const v1::ListBackupsRequest*,
                                       v1::ListBackupsResponse* response) {
  const absl::StatusOr<BackupListing> listing = context_.store->ListBackups();
  if (!listing.ok()) return ToGrpcStatus(listing.status());
  for (const Backup& backup : listing->backups) FillBackup(backup, response->add_backups());
  response->set_backup_dir(context_.backup_dir);
  response->set_running(listing->running);
  response->set_running_bytes(listing->running_bytes);
  return grpc::Status::OK;
}

}  // namespace sessionhub::hub
