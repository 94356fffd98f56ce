#include "client/ctl/backup.h"

#include <string>

#include "client/ctl/json_report.h"
#include "client/ctl/printable.h"
#include "client/ctl/table.h"
#include "proto/session/ids.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

Json BackupJson(const v1::Backup& backup) {
  return {{"id", backup.id()},
          {"size_bytes", backup.size_bytes()},
          {"files", backup.files()},
          {"history_id", ToHex(backup.history_id())},
          {"hub_version", backup.hub_version()},
          {"format", backup.format()},
          {"hub_time_ms", backup.hub_time_ms()},
          {"position", backup.position()},
          {"damaged", backup.damaged()}};
}

Table MakeBackupsTable() {
  return Table({{"id", Align::kRight},
                {"size_bytes", Align::kRight},
                {"files", Align::kRight},
                {"hub_time"},
                {"hub_version"},
                {"format", Align::kRight},
                {"history_id"},
                {"damaged"}});
}

void AddBackupRow(const v1::Backup& backup, Table* table) {
  table->AddRow({std::to_string(backup.id()), std::to_string(backup.size_bytes()),
                 std::to_string(backup.files()), TimeText(backup.hub_time_ms()),
                 backup.hub_version(), std::to_string(backup.format()), ToHex(backup.history_id()),
                 backup.damaged() ? "true" : "false"});
}

}  // namespace

absl::Status CreateBackup(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::CreateBackupResponse made, hub.CreateBackup(line.keep));
  if (line.output == Output::kJson) {
    Json json = BackupJson(made.backup());
    json["duration_ms"] = made.duration_ms();
    json["removed"] = Json::array();
    for (const uint32_t id : made.removed()) json["removed"].push_back(id);
    json["not_removed"] = made.not_removed();
    PrintJson(json, terminal.out);
    return absl::OkStatus();
  }
  terminal.out << "Made backup " << made.backup().id() << " with " << made.backup().size_bytes()
               << " bytes in " << made.backup().files() << " files, in " << made.duration_ms()
               << " ms.\n";
  if (made.removed_size() > 0) {
    terminal.out << "Removed " << made.removed_size() << " older ones.\n";
  }
  if (!made.not_removed().empty()) {
    terminal.err << "Older ones are left that were to be removed: " << made.not_removed() << "\n";
  }
  return absl::OkStatus();
}

absl::Status ListBackups(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::ListBackupsResponse listing, hub.ListBackups());
  if (line.output == Output::kJson) {
    Json json = {{"backup_dir", listing.backup_dir()}, {"backups", Json::array()}};
    for (const v1::Backup& backup : listing.backups())
      json["backups"].push_back(BackupJson(backup));
    json["running"] = listing.running();
    json["running_bytes"] = listing.running_bytes();
    PrintJson(json, terminal.out);
    return absl::OkStatus();
  }
  Table table = MakeBackupsTable();
  for (const v1::Backup& backup : listing.backups()) AddBackupRow(backup, &table);
  table.Print(terminal.out);
  if (listing.running()) {
    terminal.err << "One is being made: about " << listing.running_bytes()
                 << " bytes are copied.\n";
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::ctl
