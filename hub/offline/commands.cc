#include "hub/offline/commands.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/offline/backup_check.h"
#include "hub/offline/doctor.h"
#include "hub/store/restore.h"
#include "proto/session/ids.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// Keeps the order of its keys, so that equal answers give equal bytes.
using Json = nlohmann::ordered_json;

void PrintJson(const Json& json, std::ostream& out) {
  out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

Json BackupJson(const Backup& backup) {
  return {{"id", backup.id},
          {"size_bytes", backup.size_bytes},
          {"files", backup.files},
          {"history_id", ToHex(backup.about.history_id())},
          {"hub_version", backup.about.hub_version()},
          {"format", backup.about.format()},
          {"hub_time_ms", backup.about.hub_time() / 1000},
          {"position", backup.about.position()},
          {"damaged", backup.damaged}};
}

Json FindingsJson(const Findings& findings) {
  Json json = Json::array();
  for (const Finding& finding : findings) {
    json.push_back({{"where", finding.where},
                    {"what", finding.what},
                    {"remedy", finding.remedy},
                    {"advice", finding.advice}});
  }
  return json;
}

void PrintFindings(const Findings& findings, std::ostream& out) {
  for (const Finding& finding : findings) {
    out << (finding.advice ? "advice: " : "finding: ") << finding.where << ": " << finding.what;
    if (!finding.remedy.empty()) out << ". Remedy: " << finding.remedy;
    out << '\n';
  }
}

void PrintTotals(const RecordTotals& totals, std::ostream& out) {
  out << totals.sessions << " sessions, " << totals.dead_sessions
      << " that have ended and are not purged yet, " << totals.fields << " fields with "
      << totals.field_bytes << " bytes\n";
}

void AddTotals(const RecordTotals& totals, Json* json) {
  (*json)["sessions"] = totals.sessions;
  (*json)["dead_sessions"] = totals.dead_sessions;
  (*json)["fields"] = totals.fields;
  (*json)["field_bytes"] = totals.field_bytes;
}

absl::StatusOr<OfflineExit> List(const OfflineCommandLine& line, std::ostream& out) {
  ASSIGN_OR_RETURN(const std::vector<Backup> backups, ListBackupsIn(line.backup_dir));
  if (line.json) {
    Json json = {{"backup_dir", line.backup_dir}, {"backups", Json::array()}};
    for (const Backup& backup : backups) json["backups"].push_back(BackupJson(backup));
    PrintJson(json, out);
    return OfflineExit::kDone;
  }
  for (const Backup& backup : backups) {
    out << "backup " << backup.id << ": ";
    if (backup.damaged) {
      out << "damaged\n";
      continue;
    }
    out << backup.size_bytes << " bytes in " << backup.files << " files, hub_time_ms "
        << backup.about.hub_time() / 1000 << ", hub " << backup.about.hub_version() << ", format "
        << backup.about.format() << ", history " << ToHex(backup.about.history_id()) << '\n';
  }
  if (backups.empty()) out << "no backups in " << line.backup_dir << '\n';
  return OfflineExit::kDone;
}

absl::StatusOr<OfflineExit> Verify(const OfflineCommandLine& line, std::ostream& out) {
  ASSIGN_OR_RETURN(const CheckedBackup checked, CheckBackup(line.backup_dir, line.backup));
  const OfflineExit code = checked.findings.empty() ? OfflineExit::kDone : OfflineExit::kFailed;
  if (line.json) {
    Json json = BackupJson(checked.backup);
    AddTotals(checked.totals, &json);
    json["findings"] = FindingsJson(checked.findings);
    PrintJson(json, out);
    return code;
  }
  PrintFindings(checked.findings, out);
  out << "backup " << checked.backup.id << " in " << line.backup_dir
      << (checked.findings.empty() ? " is good: " : ": ");
  PrintTotals(checked.totals, out);
  return code;
}

HistoryId DrawHistoryId() {
  std::random_device device;
  HistoryId id;
  for (uint8_t& byte : id) byte = static_cast<uint8_t>(device());
  return id;
}

absl::StatusOr<OfflineExit> RestoreBackup(const OfflineCommandLine& line, std::ostream& out) {
  RestoreOptions options;
  options.backup_dir = line.backup_dir;
  options.backup = line.backup;
  options.data_dir = line.data_dir;
  options.fresh_history_id = DrawHistoryId();
  ASSIGN_OR_RETURN(options.formats, FormatsOfThisProgram());
  ASSIGN_OR_RETURN(const Restored restored, Restore(options));
  const std::string history = ToHex(Id128ToBytes(options.fresh_history_id));
  if (line.json) {
    PrintJson({{"backup", restored.backup.id},
               {"data_dir", line.data_dir},
               {"format", restored.format},
               {"history_id", history}},
              out);
  } else {
    out << "restored backup " << restored.backup.id << " to " << line.data_dir << ", format "
        << restored.format << ", history " << history
        << ": start a hub on it; nodes that live on drop their copies\n";
  }
  return OfflineExit::kDone;
}

absl::StatusOr<OfflineExit> RunDoctor(const OfflineCommandLine& line, std::ostream& out) {
  DoctorOptions options;
  options.data_dir = line.data_dir;
  options.config_file = line.config_file;
  ASSIGN_OR_RETURN(options.formats, FormatsOfThisProgram());
  const Examination found = Examine(options);
  const OfflineExit code = found.ill() ? OfflineExit::kFailed : OfflineExit::kDone;
  if (line.json) {
    Json json = {{"data_dir", line.data_dir},
                 {"ill", found.ill()},
                 {"findings", FindingsJson(found.findings)},
                 {"free_bytes", found.free_bytes}};
    if (found.totals) AddTotals(*found.totals, &json);
    PrintJson(json, out);
    return code;
  }
  PrintFindings(found.findings, out);
  if (found.totals) PrintTotals(*found.totals, out);
  if (!found.ill()) out << "nothing is wrong with " << line.data_dir << '\n';
  return code;
}

absl::StatusOr<OfflineExit> Dispatch(const OfflineCommandLine& line, std::ostream& out) {
  switch (line.command) {
    case OfflineCommand::kList:
      return List(line, out);
    case OfflineCommand::kVerify:
      return Verify(line, out);
    case OfflineCommand::kRestore:
      return RestoreBackup(line, out);
    case OfflineCommand::kDoctor:
      return RunDoctor(line, out);
    case OfflineCommand::kNone:
      break;
  }
  return OfflineExit::kDone;
}

}  // namespace

OfflineExit RunOffline(const OfflineCommandLine& line, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<OfflineExit> code = Dispatch(line, out);
  if (code.ok()) return *code;
  err << "sessionhub-folder: " << code.status().message() << '\n';
  return absl::IsNotFound(code.status()) ? OfflineExit::kNotFound : OfflineExit::kFailed;
}

}  // namespace sessionhub::hub
