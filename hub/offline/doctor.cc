#include "hub/offline/doctor.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/config.h"
#include "hub/options/option_table.h"
#include "hub/options/settings.h"
#include "hub/space_watch.h"
#include "hub/store/folder_view.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// What a status says names its remedy already.
Finding FromStatus(const std::string& where, const absl::Status& status) {
  return {where, std::string(status.message()), ""};
}

// The options as sessionhubd would read them, but for its environment.
absl::StatusOr<Config> ReadConfig(const DoctorOptions& options) {
  const std::vector<Option> table = OptionTable();
  Sources sources;
  sources.flags.push_back({"data-dir", "--data-dir", "--data-dir", {options.data_dir}});
  sources.config_file = options.config_file;
  ASSIGN_OR_RETURN(const Settings settings, ReadSettings(table, sources));
  RETURN_IF_ERROR(CheckSettings(table, settings));
  return settings.config;
}

void CheckAccess(const std::string& path, Findings* findings) {
  struct stat state = {};
  if (stat(path.c_str(), &state) != 0) return;  // who opens it says so
  if ((state.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    findings->push_back({path, "others than its owner may write to it", "chmod go-w " + path});
  } else if ((state.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    findings->push_back({path, "others than its owner may read it, and ids are credentials",
                         "chmod 700 " + path, /*advice=*/true});
  }
  if (state.st_uid != geteuid()) {
    findings->push_back({path,
                         "it belongs to user " + std::to_string(state.st_uid) +
                             ", and this is user " + std::to_string(geteuid()),
                         "run the hub as its owner, or chown -R it to the user of the hub",
                         /*advice=*/true});
  }
}

void CheckSpace(const std::string& data_dir, const Config& config, Examination* found) {
  const absl::StatusOr<uint64_t> free_bytes = FreeSpaceOf(data_dir)();
  if (!free_bytes.ok()) return found->findings.push_back(FromStatus(data_dir, free_bytes.status()));
  found->free_bytes = *free_bytes;
  if (*free_bytes >= config.disk_free_bytes_min) return;
  found->findings.push_back({data_dir,
                             "its disk has " + std::to_string(*free_bytes) +
                                 " bytes free, less than disk_free_bytes_min = " +
                                 std::to_string(config.disk_free_bytes_min) +
                                 ": sessions would not grow",
                             "free space on this disk"});
}

void CheckData(const DoctorOptions& options, Examination* found) {
  const auto view = FolderView::Open(options.data_dir, options.formats);
  if (!view.ok()) return found->findings.push_back(FromStatus(options.data_dir, view.status()));
  if (const absl::Status status = (*view)->VerifyTables(); !status.ok()) {
    found->findings.push_back(FromStatus(options.data_dir, status));
  }
  RecordTotals totals;
  if (const absl::Status status = CheckRecords(**view, &totals, &found->findings); !status.ok()) {
    found->findings.push_back(FromStatus(options.data_dir, status));
    return;
  }
  found->totals = totals;
}

}  // namespace

bool Examination::ill() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return !finding.advice; });
}

Examination Examine(const DoctorOptions& options) {
  Examination found;
  const absl::StatusOr<Config> config = ReadConfig(options);
  if (!config.ok()) {
    const bool from_file = !options.config_file.empty();
    found.findings.push_back(
        FromStatus(from_file ? options.config_file : "configuration", config.status()));
  }
  if (std::filesystem::is_directory(options.data_dir)) {
    CheckAccess(options.data_dir, &found.findings);
    CheckSpace(options.data_dir, config.value_or(Config()), &found);
  }
  if (config.ok() && std::filesystem::is_directory(config->backup_dir)) {
    CheckAccess(config->backup_dir, &found.findings);
  }
  CheckData(options, &found);
  return found;
}

}  // namespace sessionhub::hub
