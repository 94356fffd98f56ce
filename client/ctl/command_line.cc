#include "client/ctl/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>

#include "absl/status/statusor.h"
#include "client/ctl/printable.h"
#include "proto/session/endpoint.h"
#include "proto/session/limits.h"

namespace sessionhub::ctl {
namespace {

constexpr int64_t kLimitMax = 1'000'000'000;
constexpr int64_t kExpiresDaysMax = 36'500;
constexpr uint32_t kBackupsMax = 1000;
constexpr double kTopIntervalSMin = 0.05;
constexpr double kTopIntervalSMax = 86'400;
// A backup copies what was written since the one before it.
constexpr std::chrono::hours kBackupTimeout{1};

constexpr char kFooter[] = R"(
Exit codes:
  0  done
  1  the hub refused or failed, or the question was answered with no; doctor, backup verify:
     something is wrong; sessions import: lines were not imported
  2  wrong usage; nothing was sent
  3  not found; sessions find: there is none
  4  no hub was reached in time

Session ids are credentials: shown as their first 6 characters and "…" unless --full-ids. So
are owners, but in a listing of one owner.
Bytes of an id that are not printable are shown, and typed, as \xNN, and a backslash as \\.

JSON keys (times in Unix milliseconds of the hub's clock; further keys may be added, none changes):
  status           version history_id uptime_ms hub_time_ms sessions nodes interests data_dir
                   shards catch_up_reads catch_up_bytes lock_waits disk_free_bytes
                   growth_waits connections_refused format newest_format
                   counters{deltas_applied deltas_refused deltas_duplicate forwards catch_ups
                   large_catch_ups lapses turns syncs sessions_created sessions_ended
                   sessions_expired touches locks_granted copies_ahead wall_clock_steps
                   forward_bytes catch_up_bytes broadcast_bytes saved_percent deltas_received
                   frame_bytes_in frame_bytes_out}
  nodes            nodes[{app name incarnation attached interests forwards outbox_bytes
                   attached_for_ms peer}]
  top              a line for each look: reached (false: error) hub_time_ms uptime_ms sessions
                   attached_nodes deltas_received_per_s forwards_per_s bytes_in_per_s
                   bytes_out_per_s broadcast_bytes_per_s saved_percent nodes[{app name attached
                   forwards_per_s interests outbox_bytes}]; null: not known
  sessions list    app sessions[{id id_complete id_hash number version created_ms nodes owner
                   owner_complete owner_hash last_access_ms idle_timeout_ms absolute_deadline_ms}]
                   complete; find: the same
  sessions count   sessions
  sessions get     the keys of one session, and fields[{path type value}]; type is null, bool,
                   int64, double, string, bytes (value: hexadecimal) or json; a reader's token
                   gets sizes[{path bytes}] in place of fields
  sessions delete  id id_complete number version; with --owner: deleted
  sessions expire  the same, and expired: false if the hub only deletes
  sessions export  a line for each session: id owner version created_ms last_access_ms
                   idle_timeout_ms absolute_deadline_ms fields[{path type value}]; value: int64 as
                   text, bytes in hexadecimal, json as text, doubles also NaN and -Infinity
  sessions import  created replaced skipped ended failed
  sessions watch   a line for each event: event (changed, caught_up, renamed, deleted, expired,
                   lost), with from, to and changes[{path type value}] or {path erased}, or
                   id id_complete; watches as a node of its own, sessionhubctl-PID-RANDOM
  upgrade status   format newest_format to_finalize
  upgrade finalize format format_before
  tokens create    id token
  tokens list      tokens[{id app role created_ms expires_ms note}] (expires_ms 0: never)
  tokens revoke    id
  nodes disconnect app name
  drain            drain_ms
  backup list      backup_dir backups[{id size_bytes files history_id hub_version format
                   hub_time_ms position damaged}]; of a hub also running running_bytes
  backup create    the keys of one backup, duration_ms removed[id] not_removed
  backup verify    the keys of one backup, sessions dead_sessions fields field_bytes
                   findings[{where what remedy advice}]
  backup restore   backup data_dir format history_id
  doctor           data_dir ill findings[{where what remedy advice}] free_bytes sessions
                   dead_sessions fields field_bytes
A table has the same words; those of times go without _ms, because the value says its unit.
The count of nodes is of those that are attached now; of a session, of those with interest in it.
)";

// What a validator of CLI11 answers: the error's words, or nothing.
std::string Words(const absl::Status& status) {
  return std::string(status.message());
}

// A session id as the operator types it; replaced by its bytes.
std::string ReadId(std::string& text) {
  absl::StatusOr<std::string> id = UnescapeId(text);
  if (!id.ok()) return Words(id.status());
  text = *std::move(id);
  return "";
}

// How the hub is met; what of it is text yet.
struct Security {
  std::string token_file;
  bool tls = false;
  TlsOptions files;
};

void DeclareSecurityOptions(CLI::App* app, Security* security) {
  app->add_option("--token-file", security->token_file,
                  "File that holds the token; else the variable SESSIONHUB_TOKEN has it");
  app->add_flag("--tls", security->tls, "Use TLS; the options below do, too");
  app->add_option("--tls-ca", security->files.ca_file, "PEM file of the hub's roots")
      ->envname("SESSIONHUB_CLIENT_TLS_CA");
  app->add_option("--tls-certificate", security->files.certificate_file,
                  "PEM file of the certificate to show to the hub")
      ->envname("SESSIONHUB_CLIENT_TLS_CERTIFICATE");
  app->add_option("--tls-key", security->files.key_file, "PEM file of that certificate's key")
      ->envname("SESSIONHUB_CLIENT_TLS_KEY");
  app->add_option("--tls-server-name", security->files.server_name,
                  "The name that the hub's certificate has, if not the endpoint's host")
      ->envname("SESSIONHUB_CLIENT_TLS_SERVER_NAME");
}

// The first word of the file. An error is told to `err`.
bool ReadTokenFile(const std::string& path, std::string* token, std::ostream& err) {
  std::ifstream file(path);
  if (file >> *token) return true;
  err << "sessionhubctl: --token-file " << EscapeControls(path)
      << " holds no token, or cannot be read\n";
  return false;
}

bool TakeSecurity(const Security& security, CommandLine* line, std::ostream& err) {
  const TlsOptions& files = security.files;
  if (security.tls || !files.ca_file.empty() || !files.certificate_file.empty() ||
      !files.key_file.empty() || !files.server_name.empty()) {
    line->tls = files;
  }
  if (!security.token_file.empty()) return ReadTokenFile(security.token_file, &line->token, err);
  if (const char* token = std::getenv("SESSIONHUB_TOKEN")) line->token = token;
  return true;
}

// The options that all commands share, and the program's own.
void DeclareGlobalOptions(CLI::App* app, CommandLine* line, double* timeout_s,
                          std::string* output) {
  app->set_version_flag("--version", std::string("sessionhubctl ") + SESSIONHUB_VERSION);
  app->add_option("--endpoint", line->endpoint, "The hub, host:port or unix:/path")
      ->check([](const std::string& text) { return Words(CheckEndpoint(text)); })
      ->envname("SESSIONHUB_ENDPOINT")
      ->capture_default_str();
  app->add_option("--timeout", *timeout_s,
                  "Longest wait for each call to the hub, in seconds; for backup create an hour")
      ->check(CLI::Range(0.001, 86'400.0))
      ->capture_default_str();
  app->add_option("--output", *output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
}

CLI::Option* DeclareId(CLI::App* command, CommandLine* line) {
  return command->add_option("id,--id", line->id, "The whole session id")
      ->transform(CLI::Validator(ReadId, "", "id"));
}

CLI::Option* DeclareOwner(CLI::App* command, CommandLine* line) {
  return command->add_option("--owner", line->owner, "Only the sessions of this owner")
      ->transform(CLI::Validator(ReadId, "", "owner"));
}

void DeclareYes(CLI::App* command, CommandLine* line) {
  command->add_flag("--yes", line->yes, "Do not ask; needed where there is no terminal");
}

// A command that ends one session, or all of an owner.
void DeclareEnding(CLI::App* sessions, CommandLine* line, const std::string& name, Command command,
                   const std::string& help) {
  CLI::App* ending = sessions->add_subcommand(name, help);
  CLI::Option* id = DeclareId(ending, line);
  CLI::Option* owner = DeclareOwner(ending, line);
  id->excludes(owner);
  DeclareYes(ending, line);
  ending->callback([line, command] {
    if (line->id.empty() && line->owner.empty()) throw CLI::RequiredError("id");
    line->command = command;
  });
}

void DeclareTransfer(CLI::App* sessions, CommandLine* line) {
  CLI::App* out = sessions->add_subcommand(
      "export", "Write sessions with their fields as lines of JSON; needs a token of role admin");
  DeclareOwner(out, line);
  out->add_option("--file", line->file, "The file to make; without it they are printed");
  out->callback([line] { line->command = Command::kSessionsExport; });

  CLI::App* in = sessions->add_subcommand(
      "import", "Create the sessions of such lines; those that exist are left alone");
  in->add_option("--file", line->file, "The file to read; without it standard input");
  in->add_flag("--replace", line->replace, "Give those that exist what their lines say; asks");
  in->add_flag("--strict", line->strict, "End at the first line that is wrong or refused");
  DeclareYes(in, line);
  in->callback([line] { line->command = Command::kSessionsImport; });
}

void DeclareSessions(CLI::App* app, CommandLine* line) {
  CLI::App* sessions = app->add_subcommand("sessions", "The sessions of one app");
  sessions->require_subcommand(1);
  sessions->add_option("--app", line->app, "The app whose sessions are meant")
      ->required()
      ->check([](const std::string& name) { return Words(CheckName("app", name)); });
  sessions->add_flag("--full-ids", line->full_ids, "Show whole session ids");

  CLI::App* list = sessions->add_subcommand("list", "List all sessions of the app");
  list->add_option("--limit", line->limit, "At most so many; 0: all")
      ->check(CLI::Range(int64_t{0}, kLimitMax))
      ->capture_default_str();
  DeclareOwner(list, line);
  list->callback([line] { line->command = Command::kSessionsList; });

  CLI::App* count = sessions->add_subcommand("count", "Say how many sessions the app has");
  DeclareOwner(count, line);
  count->callback([line] { line->command = Command::kSessionsCount; });

  CLI::App* get = sessions->add_subcommand("get", "Show one session with its fields");
  DeclareId(get, line)->required();
  get->callback([line] { line->command = Command::kSessionsGet; });

  CLI::App* watch = sessions->add_subcommand("watch", "Print each event of one session");
  DeclareId(watch, line)->required();
  watch->add_option("--count", line->count, "End after so many events; 0: when the session ends")
      ->check(CLI::Range(int64_t{0}, kLimitMax))
      ->capture_default_str();
  watch->callback([line] { line->command = Command::kSessionsWatch; });

  CLI::App* find = sessions->add_subcommand("find", "Find all sessions of an owner");
  DeclareOwner(find, line)->required();
  find->callback([line] { line->command = Command::kSessionsFind; });

  DeclareEnding(sessions, line, "delete", Command::kSessionsDelete,
                "End one session, or all sessions of an owner, for every node");
  DeclareEnding(sessions, line, "expire", Command::kSessionsExpire,
                "The same, and nodes are told that they have expired");
  DeclareTransfer(sessions, line);
}

void DeclareUpgrade(CLI::App* app, CommandLine* line) {
  CLI::App* upgrade = app->add_subcommand("upgrade", "The format of the hub's data folder");
  upgrade->require_subcommand(1);
  upgrade->add_subcommand("status", "Say whether there is an upgrade to finalize")
      ->callback([line] { line->command = Command::kUpgradeStatus; });
  CLI::App* finalize = upgrade->add_subcommand(
      "finalize",
      "Give the data folder the newest format of the running hub; the previous release will not "
      "open it any more");
  DeclareYes(finalize, line);
  finalize->callback([line] { line->command = Command::kUpgradeFinalize; });
}

std::string CheckTokenApp(const std::string& app) {
  return app == kEveryApp ? "" : Words(CheckName("app", app));
}

void DeclareCreateToken(CLI::App* tokens, CommandLine* line) {
  CLI::App* create = tokens->add_subcommand("create", "Make a token and print it, this once");
  create->add_option("--app", line->app, "The only app it is for; * for all (not for a node)")
      ->required()
      ->check(CheckTokenApp);
  create
      ->add_option_function<std::string>(
          "--role",
          [line](const std::string& name) { line->role = RoleFromName(name).value_or(line->role); },
          "node: what the client library does; reader: looks, without ids and values; admin: all")
      ->required()
      ->check(CLI::IsMember({"node", "reader", "admin"}));
  create->add_option("--expires-days", line->expires_days, "It ends after so many days; 0: never")
      ->check(CLI::Range(int64_t{0}, kExpiresDaysMax))
      ->capture_default_str();
  create->add_option("--note", line->note, "What it is for, of at most 256 bytes");
  create->callback([line] { line->command = Command::kTokensCreate; });
}

void DeclareTokens(CLI::App* app, CommandLine* line) {
  CLI::App* tokens = app->add_subcommand(
      "tokens", "The tokens that a hub lets in: changes its file on this machine, asks no hub");
  tokens->require_subcommand(1);
  tokens->add_option("--tokens-file", line->tokens_file, "The hub's --tokens-file")->required();
  DeclareCreateToken(tokens, line);
  tokens->add_subcommand("list", "List the tokens, without their secrets")->callback([line] {
    line->command = Command::kTokensList;
  });
  CLI::App* revoke =
      tokens->add_subcommand("revoke", "Take a token out: it lets nobody in any more");
  revoke->add_option("id", line->token_id, "The token's id, its 12 digits after shub_")->required();
  revoke->callback([line] { line->command = Command::kTokensRevoke; });
}

void DeclareNodes(CLI::App* app, CommandLine* line) {
  CLI::App* nodes =
      app->add_subcommand("nodes", "List the nodes that are attached or within their lease");
  // Runs after the callback of its own subcommand.
  nodes->callback([line] {
    if (line->command == Command::kNone) line->command = Command::kNodes;
  });
  CLI::App* disconnect = nodes->add_subcommand(
      "disconnect", "Cut the stream of a node; its lease goes on, and it comes back by itself");
  disconnect->add_option("app", line->app, "Its app")->required();
  disconnect->add_option("node", line->node, "Its name")->required();
  DeclareYes(disconnect, line);
  disconnect->callback([line] { line->command = Command::kNodesDisconnect; });
}

void DeclareTop(CLI::App* app, CommandLine* line) {
  CLI::App* top = app->add_subcommand(
      "top", "Show again and again what the hub does, and its busiest nodes, until Ctrl-C");
  top->add_option_function<double>(
         "--interval-s",
         [line](double interval_s) {
           line->interval = std::chrono::milliseconds(static_cast<int64_t>(interval_s * 1000));
         },
         "The time between two looks, in seconds")
      ->check(CLI::Range(kTopIntervalSMin, kTopIntervalSMax))
      ->default_str("2");
  top->add_option("--count", line->count, "End after so many looks; 0: never")
      ->check(CLI::Range(int64_t{0}, kLimitMax))
      ->capture_default_str();
  top->callback([line] { line->command = Command::kTop; });
}

void DeclareDrain(CLI::App* app, CommandLine* line) {
  CLI::App* drain = app->add_subcommand(
      "drain", "Stop the hub as SIGTERM does: nodes are told, answers that are due are written");
  DeclareYes(drain, line);
  drain->callback([line] { line->command = Command::kDrain; });
}

// A command on one backup of a folder, without a hub.
CLI::App* DeclareOnBackup(CLI::App* parent, CommandLine* line, const std::string& name,
                          Command command, const std::string& help) {
  CLI::App* declared = parent->add_subcommand(name, help + " (asks no hub)");
  declared->add_option("--backup-dir", line->backup_dir, "The folder of the backups")->required();
  declared->add_option("--backup", line->backup, "Its id; 0: the newest")
      ->check(CLI::Range(0u, UINT32_MAX))
      ->capture_default_str();
  declared->callback([line, command] { line->command = command; });
  return declared;
}

void DeclareBackup(CLI::App* app, CommandLine* line) {
  CLI::App* backup = app->add_subcommand("backup", "Backups of a hub's data folder");
  backup->require_subcommand(1);
  CLI::App* create = backup->add_subcommand(
      "create", "Have the running hub make a backup in its --backup-dir, while it serves");
  create
      ->add_option("--keep", line->keep,
                   "Once it is made remove the oldest, so that so many are left; 0: remove none")
      ->check(CLI::Range(0u, kBackupsMax))
      ->capture_default_str();
  create->callback([line] { line->command = Command::kBackupCreate; });
  CLI::App* list = backup->add_subcommand(
      "list", "List the backups of the running hub; with --backup-dir, of a folder, without a hub");
  list->add_option("--backup-dir", line->backup_dir, "The folder of the backups");
  list->callback([line] { line->command = Command::kBackupList; });
  DeclareOnBackup(backup, line, "verify", Command::kBackupVerify,
                  "Compare the checksums of a backup's files, open it and check its records");
  CLI::App* restore = DeclareOnBackup(backup, line, "restore", Command::kBackupRestore,
                                      "Make a data folder of a backup, with a history of its own");
  restore
      ->add_option("--data-dir", line->data_dir,
                   "The folder to make; missing or empty, in a folder that exists")
      ->required();
}

void DeclareDoctor(CLI::App* app, CommandLine* line) {
  CLI::App* doctor = app->add_subcommand(
      "doctor", "Say what is wrong with a data folder and a configuration (asks no hub)");
  doctor->add_option("--data-dir", line->data_dir, "The data folder; no hub may run on it")
      ->required();
  doctor->add_option("--config", line->config_file, "The file of options of sessionhubd");
  doctor->callback([line] { line->command = Command::kDoctor; });
}

// The word that stands where a command is expected and is none; empty if there is no such word.
std::string UnknownCommand(const CLI::App& app) {
  const CLI::App* last = &app;
  while (!last->get_subcommands().empty()) last = last->get_subcommands().front();
  const bool takes_command = last->get_require_subcommand_min() > 0;
  const std::vector<std::string> words = app.remaining(/*recurse=*/true);
  if (!takes_command || words.empty() || words.front().substr(0, 1) == "-") return "";
  return words.front();
}

// Says what is wrong, or the help that was asked for.
ExitCode Explain(const CLI::App& app, const CLI::ParseError& error, std::ostream& out,
                 std::ostream& err) {
  const std::string unknown = UnknownCommand(app);
  if (error.get_exit_code() == 0 || unknown.empty()) {
    return app.exit(error, out, err) == 0 ? ExitCode::kDone : ExitCode::kUsage;
  }
  err << "There is no command '" << EscapeControls(unknown) << "'.\n"
      << "Run with --help for more information.\n";
  return ExitCode::kUsage;
}

}  // namespace

ExitCode ParseCommandLine(const std::vector<std::string>& arguments, CommandLine* line,
                          std::ostream& out, std::ostream& err) {
  CLI::App app(
      "Looks at a session hub, ends, exports and imports sessions, makes backups and restores "
      "them, finalizes upgrades, and makes tokens.",
      "sessionhubctl");
  double timeout_s = 5;
  std::string output = "table";
  Security security;
  app.fallthrough();
  app.require_subcommand(1);
  DeclareGlobalOptions(&app, line, &timeout_s, &output);
  DeclareSecurityOptions(&app, &security);
  app.add_subcommand("status", "Show the hub's state and counters")->callback([line] {
    line->command = Command::kStatus;
  });
  DeclareNodes(&app, line);
  DeclareTop(&app, line);
  DeclareSessions(&app, line);
  DeclareUpgrade(&app, line);
  DeclareTokens(&app, line);
  DeclareBackup(&app, line);
  DeclareDoctor(&app, line);
  DeclareDrain(&app, line);
  app.footer(kFooter);  // after the commands, which would inherit it
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {  // CLI11 speaks in exceptions; they end here.
    line->command = Command::kNone;
    return Explain(app, error, out, err);
  }
  if (!TakeSecurity(security, line, err)) {
    line->command = Command::kNone;
    return ExitCode::kUsage;
  }
  line->timeout = std::chrono::milliseconds(static_cast<int64_t>(timeout_s * 1000));
  if (line->command == Command::kBackupCreate && app.count("--timeout") == 0) {
    line->timeout = kBackupTimeout;
  }
  line->output = output == "json" ? Output::kJson : Output::kTable;
  return ExitCode::kDone;
}

}  // namespace sessionhub::ctl
