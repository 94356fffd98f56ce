#include "client/ctl/commands.h"

#include <optional>

#include "client/cpp/src/channel.h"
#include "client/ctl/admin_client.h"
#include "client/ctl/backup.h"
#include "client/ctl/ending.h"
#include "client/ctl/fields.h"
#include "client/ctl/folder_program.h"
#include "client/ctl/json_report.h"
#include "client/ctl/printable.h"
#include "client/ctl/table_report.h"
#include "client/ctl/tokens.h"
#include "client/ctl/top.h"
#include "client/ctl/transfer.h"
#include "client/ctl/upgrade.h"
#include "client/ctl/watch.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

absl::Status Status(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::GetStatusResponse status, hub.GetStatus());
  if (line.output == Output::kJson) {
    PrintJson(StatusJson(status), terminal.out);
  } else {
    PrintStatusTable(status, terminal.out);
  }
  return absl::OkStatus();
}

absl::Status Nodes(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::ListNodesResponse nodes, hub.ListNodes());
  if (line.output == Output::kJson) {
    PrintJson(NodesJson(nodes), terminal.out);
  } else {
    PrintNodesTable(nodes, terminal.out);
  }
  return absl::OkStatus();
}

absl::Status ListAsJson(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  // Made with the first page, so that a hub that fails at once leaves no half of a JSON object.
  std::optional<SessionsJsonWriter> writer;
  const auto visit = [&](const v1::ListSessionsResponse& page) {
    if (!writer) writer.emplace(line.app, line.full_ids, terminal.out);
    writer->AddPage(page);
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const bool complete,
                   hub.ListSessions(line.app, line.owner, line.limit, line.full_ids, visit));
  writer->End(complete);
  return absl::OkStatus();
}

absl::Status ListAsTable(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  Table table = MakeSessionsTable();
  const auto visit = [&](const v1::ListSessionsResponse& page) {
    PrintSessionsPage(page, line.full_ids, &table, terminal.out);
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const bool complete,
                   hub.ListSessions(line.app, line.owner, line.limit, line.full_ids, visit));
  if (!complete) terminal.err << "There are more; raise --limit to see them.\n";
  return absl::OkStatus();
}

absl::Status ListSessions(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  return line.output == Output::kJson ? ListAsJson(line, hub, terminal)
                                      : ListAsTable(line, hub, terminal);
}

// What a hub tells a caller who may not see values.
void PrintSizes(const CommandLine& line, const v1::GetSessionResponse& session,
                Terminal& terminal) {
  if (line.output == Output::kJson) {
    PrintJson(SizesJson(session, line.full_ids), terminal.out);
  } else {
    PrintSizesTable(session, line.full_ids, terminal.out);
  }
}

// A listing of all that there are, which says by its exit code whether there is one.
absl::Status FindSessions(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::CountSessionsResponse count, hub.CountSessions(line.app, line.owner));
  RETURN_IF_ERROR(ListSessions(line, hub, terminal));
  if (count.sessions() > 0) return absl::OkStatus();
  return absl::NotFoundError("no session of app " + line.app + " has the owner " +
                             EscapeId(line.owner));
}

absl::Status GetSession(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::GetSessionResponse session, hub.GetSession(line.app, line.id));
  ASSIGN_OR_RETURN(const std::vector<Operation> fields, DecodeFields(session));
  if (session.sizes_size() > 0) {
    PrintSizes(line, session, terminal);
    return absl::OkStatus();
  }
  if (line.output == Output::kJson) {
    PrintJson(SessionJson(session.summary(), fields, line.full_ids), terminal.out);
  } else {
    PrintSessionTable(session.summary(), fields, line.full_ids, terminal.out);
  }
  return absl::OkStatus();
}

absl::Status CountSessions(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::CountSessionsResponse count, hub.CountSessions(line.app, line.owner));
  if (line.output == Output::kJson) {
    PrintJson({{"sessions", count.sessions()}}, terminal.out);
  } else {
    terminal.out << count.sessions() << '\n';
  }
  return absl::OkStatus();
}

bool Expires(const CommandLine& line) {
  return line.command == Command::kSessionsExpire;
}

// What became of sessions that were to be ended: a hub that is older than this command deletes.
const char* EndedWord(bool expired) {
  return expired ? "Expired " : "Deleted ";
}

absl::Status EndSessionsOfOwner(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::DeleteSessionsOfOwnerResponse ended,
                   hub.DeleteSessionsOfOwner(line.app, line.owner, Expires(line)));
  if (line.output == Output::kJson) {
    Json json = {{"deleted", ended.deleted()}};
    if (Expires(line)) json["expired"] = ended.expired();
    PrintJson(json, terminal.out);
  } else {
    terminal.out << EndedWord(ended.expired()) << ended.deleted() << " sessions.\n";
  }
  return absl::OkStatus();
}

absl::Status EndSession(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  if (!line.owner.empty()) return EndSessionsOfOwner(line, hub, terminal);
  ASSIGN_OR_RETURN(const v1::DeleteSessionResponse ended,
                   hub.DeleteSession(line.app, line.id, Expires(line)));
  if (line.output == Output::kJson) {
    Json json = DeletedJson(line.id, ended, line.full_ids);
    if (Expires(line)) json["expired"] = ended.expired();
    PrintJson(json, terminal.out);
  } else {
    terminal.out << EndedWord(ended.expired()) << "session " << ShownId(line.id, line.full_ids)
                 << ", number " << ended.number() << ", at version " << ended.version() << ".\n";
  }
  return absl::OkStatus();
}

// What cannot be taken back is asked about. False, said, if nobody can be asked.
bool MayAsk(const CommandLine& line, const char* action, Terminal& terminal) {
  if (line.yes || terminal.interactive) return true;
  terminal.err << "sessionhubctl: there is no terminal to ask on; add --yes to " << action << '\n';
  return false;
}

// What a command asks about itself, once it knows more; nullptr: nothing.
const char* ActionToAskFor(const CommandLine& line) {
  switch (line.command) {
    case Command::kSessionsImport:
      return line.replace ? "replace" : nullptr;
    case Command::kUpgradeFinalize:
      return "finalize";
    case Command::kNodesDisconnect:
      return "disconnect";
    case Command::kDrain:
      return "drain";
    default:
      return nullptr;
  }
}

// kDone: go on and end them.
ExitCode ConfirmEnding(const CommandLine& line, Terminal& terminal) {
  const bool expires = Expires(line);
  if (!MayAsk(line, expires ? "expire" : "delete", terminal)) return ExitCode::kUsage;
  if (line.yes) return ExitCode::kDone;
  terminal.err << (expires ? "Expire " : "Delete ")
               << (line.owner.empty() ? "session " + ShownId(line.id, line.full_ids)
                                      : "all sessions of owner " + EscapeControls(line.owner))
               << " of app " << EscapeControls(line.app) << " at " << line.endpoint << "? [y/N] "
               << std::flush;
  if (IsYes(terminal)) return ExitCode::kDone;
  terminal.err << "Nothing was " << (expires ? "expired" : "deleted") << ".\n";
  return ExitCode::kFailed;
}

absl::Status Dispatch(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  switch (line.command) {
    case Command::kStatus:
      return Status(line, hub, terminal);
    case Command::kNodes:
      return Nodes(line, hub, terminal);
    case Command::kSessionsList:
      return ListSessions(line, hub, terminal);
    case Command::kSessionsCount:
      return CountSessions(line, hub, terminal);
    case Command::kSessionsGet:
      return GetSession(line, hub, terminal);
    case Command::kSessionsFind:
      return FindSessions(line, hub, terminal);
    case Command::kSessionsDelete:
    case Command::kSessionsExpire:
      return EndSession(line, hub, terminal);
    case Command::kSessionsExport:
      return ExportSessions(line, hub, terminal);
    case Command::kSessionsImport:
      return ImportSessions(line, hub, terminal);
    case Command::kTop:
      return WatchTop(line, hub, terminal);
    case Command::kSessionsWatch:
      return WatchSession(line, hub, terminal);
    case Command::kUpgradeStatus:
      return ShowUpgrade(line, hub, terminal);
    case Command::kUpgradeFinalize:
      return FinalizeUpgrade(line, hub, terminal);
    case Command::kNodesDisconnect:
      return DisconnectNode(line, hub, terminal);
    case Command::kDrain:
      return DrainHub(line, hub, terminal);
    case Command::kBackupCreate:
      return CreateBackup(line, hub, terminal);
    case Command::kBackupList:
      return ListBackups(line, hub, terminal);
    case Command::kBackupVerify:
    case Command::kBackupRestore:
    case Command::kDoctor:  // the folder program's
    case Command::kTokensCreate:
    case Command::kTokensList:
    case Command::kTokensRevoke:  // ask no hub
    case Command::kNone:
      break;
  }
  return absl::OkStatus();
}

absl::Status AskHub(const CommandLine& line, Terminal& terminal) {
  RETURN_IF_ERROR(client::CheckSecurity(HubOf(line)));
  AdminClient hub(HubOf(line), line.timeout);
  return Dispatch(line, hub, terminal);
}

}  // namespace

ClientOptions HubOf(const CommandLine& line) {
  ClientOptions options;
  options.endpoints = {line.endpoint};
  options.token = line.token;
  options.tls = line.tls;
  return options;
}

bool IsYes(Terminal& terminal) {
  std::string answer;
  std::getline(terminal.in, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

ExitCode RunCommand(const CommandLine& line, Terminal& terminal) {
  if (line.command == Command::kSessionsDelete || Expires(line)) {
    const ExitCode confirmed = ConfirmEnding(line, terminal);
    if (confirmed != ExitCode::kDone) return confirmed;
  }
  if (IsForFolderProgram(line)) return RunFolderProgram(line, terminal);
  if (const char* action = ActionToAskFor(line);
      action != nullptr && !MayAsk(line, action, terminal)) {
    return ExitCode::kUsage;
  }
  const absl::Status status =
      IsTokensCommand(line.command) ? RunTokensCommand(line, terminal) : AskHub(line, terminal);
  if (!status.ok()) {
    terminal.err << "sessionhubctl: " << EscapeControls(std::string(status.message())) << '\n';
  }
  return ExitCodeOf(status);
}

ExitCode RunProgram(const std::vector<std::string>& arguments, Terminal& terminal) {
  CommandLine line;
  const ExitCode parsed = ParseCommandLine(arguments, &line, terminal.out, terminal.err);
  return line.command == Command::kNone ? parsed : RunCommand(line, terminal);
}

}  // namespace sessionhub::ctl
