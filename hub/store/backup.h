// Backup: what is known of one backup of a data folder. Plain data.
#ifndef HUB_STORE_BACKUP_H_
#define HUB_STORE_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hub/record/stored.h"

namespace sessionhub::hub {

// How many a folder of backups holds at most.
inline constexpr uint32_t kBackupsMax = 1000;

struct Backup {
  uint32_t id = 0;  // from 1; a later one has a greater id
  // Of all its files, those that it shares with other backups among them.
  uint64_t size_bytes = 0;
  uint32_t files = 0;
  // A file is missing, or the list of its files cannot be read: nothing else is known of it.
  bool damaged = false;
  stored::Backup about;
};

struct BackupRequest {
  std::string hub_version;
  uint64_t hub_time_us = 0;
  // How many are kept: once this one is made the oldest are removed. At most kBackupsMax; 0: all.
  uint32_t keep = 0;
  // Asked once StopBackups would stop this one and before anything is copied; an error, which is
  // returned, ends it. nullptr: it may.
  std::function<absl::Status()> may_begin = nullptr;
};

struct MadeBackup {
  Backup backup;
  std::vector<uint32_t> removed;  // ids
  absl::Status removal;           // why not all older ones are removed that are not to be kept
};

struct BackupListing {
  std::vector<Backup> backups;  // oldest first
  // One is being made, and about so many bytes of it are copied; it is not among `backups`.
  bool running = false;
  uint64_t running_bytes = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_STORE_BACKUP_H_
