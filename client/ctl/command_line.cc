#include "client/ctl/command_line.h"

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "client/ctl/printable.h"
#include "proto/session/endpoint.h"
#include "proto/session/limits.h"

namespace sessionhub::ctl {
namespace {

constexpr int64_t kLimitMax = 1'000'000'000;

constexpr char kFooter[] = R"(
Exit codes:
  0  done
  1  the hub refused or failed, or the question was answered with no
  2  wrong usage; nothing was sent
  3  not found
  4  no hub was reached in time

Session ids are credentials: shown as their first 6 characters and "…" unless --full-ids.
Bytes of an id that are not printable are shown, and typed, as \xNN, and a backslash as \\.

JSON keys (times in Unix milliseconds of the hub's clock; further keys may be added, none changes):
  status           version history_id uptime_ms hub_time_ms nodes interests data_dir shards
                   catch_up_reads catch_up_bytes lock_waits disk_free_bytes growth_waits
                   connections_refused format newest_format
                   counters{deltas_applied deltas_refused deltas_duplicate forwards catch_ups
                   large_catch_ups lapses turns syncs sessions_created sessions_ended
                   sessions_expired touches locks_granted copies_ahead wall_clock_steps}
  nodes            nodes[{app name incarnation attached interests forwards outbox_bytes
                   attached_for_ms peer}]
  sessions list    app sessions[{id id_complete number version created_ms nodes owner
                   last_access_ms idle_timeout_ms absolute_deadline_ms}] complete
  sessions count   sessions
  sessions get     the keys of one session, and fields[{path type value}]; type is null, bool,
                   int64, double, string, bytes (value: hexadecimal) or json
  sessions delete  id id_complete number version; with --owner: deleted
  sessions watch   a line for each event: event (changed, caught_up, renamed, deleted, expired,
                   lost), with from, to and changes[{path type value}] or {path erased}, or
                   id id_complete; watches as a node of its own, sessionhubctl-PID-RANDOM
  upgrade status   format newest_format to_finalize
  upgrade finalize format format_before
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

// The options that all commands share, and the program's own.
void DeclareGlobalOptions(CLI::App* app, CommandLine* line, double* timeout_s,
                          std::string* output) {
  app->set_version_flag("--version", std::string("sessionhubctl ") + SESSIONHUB_VERSION);
  app->add_option("--endpoint", line->endpoint, "The hub, host:port or unix:/path")
      ->check([](const std::string& text) { return Words(CheckEndpoint(text)); })
      ->envname("SESSIONHUB_ENDPOINT")
      ->capture_default_str();
  app->add_option("--timeout", *timeout_s, "Longest wait for each call to the hub, in seconds")
      ->check(CLI::Range(0.001, 86'400.0))
      ->capture_default_str();
  app->add_option("--output", *output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
}

CLI::Option* DeclareId(CLI::App* command, CommandLine* line) {
  return command->add_option("id", line->id, "The whole session id")
      ->transform(CLI::Validator(ReadId, "", "id"));
}

CLI::Option* DeclareOwner(CLI::App* command, CommandLine* line) {
  return command->add_option("--owner", line->owner, "Only the sessions of this owner")
      ->transform(CLI::Validator(ReadId, "", "owner"));
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

  CLI::App* remove = sessions->add_subcommand(
      "delete", "End one session, or all sessions of an owner, for every node");
  CLI::Option* id = DeclareId(remove, line);
  CLI::Option* owner = DeclareOwner(remove, line);
  id->excludes(owner);
  remove->add_flag("--yes", line->yes, "Do not ask; needed where there is no terminal");
  remove->callback([line] {
    if (line->id.empty() && line->owner.empty()) throw CLI::RequiredError("id");
    line->command = Command::kSessionsDelete;
  });
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
  finalize->add_flag("--yes", line->yes, "Do not ask; needed where there is no terminal");
  finalize->callback([line] { line->command = Command::kUpgradeFinalize; });
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
  CLI::App app("Looks at a session hub, ends sessions and finalizes upgrades.", "sessionhubctl");
  double timeout_s = 5;
  std::string output = "table";
  app.fallthrough();
  app.require_subcommand(1);
  DeclareGlobalOptions(&app, line, &timeout_s, &output);
  app.add_subcommand("status", "Show the hub's state and counters")->callback([line] {
    line->command = Command::kStatus;
  });
  app.add_subcommand("nodes", "List the nodes that are attached or within their lease")
      ->callback([line] { line->command = Command::kNodes; });
  DeclareSessions(&app, line);
  DeclareUpgrade(&app, line);
  app.footer(kFooter);  // after the commands, which would inherit it
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {  // CLI11 speaks in exceptions; they end here.
    line->command = Command::kNone;
    return Explain(app, error, out, err);
  }
  line->timeout = std::chrono::milliseconds(static_cast<int64_t>(timeout_s * 1000));
  line->output = output == "json" ? Output::kJson : Output::kTable;
  return ExitCode::kDone;
}

}  // namespace sessionhub::ctl
