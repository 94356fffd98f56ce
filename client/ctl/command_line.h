// CommandLine: what the operator asked for. The only place that knows the options and their words.
#ifndef CLIENT_CTL_COMMAND_LINE_H_
#define CLIENT_CTL_COMMAND_LINE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "client/ctl/exit_code.h"
#include "proto/access/token.h"
#include "sessionhub/options.h"

namespace sessionhub::ctl {

enum class Command {
  kNone,
  kStatus,
  kNodes,
  kNodesDisconnect,
  kSessionsList,
  kSessionsCount,
  kSessionsGet,
  kSessionsDelete,
  kSessionsWatch,
  kSessionsFind,
  kSessionsExpire,
  kSessionsExport,
  kSessionsImport,
  kTop,
  kUpgradeStatus,
  kUpgradeFinalize,
  kTokensCreate,
  kTokensList,
  kTokensRevoke,
  kBackupCreate,
  kBackupList,
  kBackupVerify,
  kBackupRestore,
  kDoctor,
  kDrain,
};
enum class Output { kTable, kJson };

struct CommandLine {
  Command command = Command::kNone;
  std::string endpoint = "127.0.0.1:7070";
  std::chrono::milliseconds timeout{5'000};
  Output output = Output::kTable;
  std::string token;  // from a file, or the environment: the list of processes shows arguments
  std::optional<TlsOptions> tls;
  std::string app;    // of the sessions commands, and of the node to disconnect
  std::string node;   // to disconnect
  std::string id;     // of get, delete, expire and watch; the bytes, not the escaped text
  std::string owner;  // of list, count, find, delete, expire and export; the same; empty: of all
  bool full_ids = false;
  bool yes = false;    // delete, expire, replace, finalize, disconnect or drain without asking
  uint64_t limit = 0;  // sessions to list; 0: all
  uint64_t count = 0;  // events to watch, blocks of top; 0: until the session ends, for ever
  std::chrono::milliseconds interval{2'000};  // of top
  std::string file;      // of export and import; empty: standard output and input
  bool replace = false;  // import: sessions that exist, too
  bool strict = false;   // import: the first line that fails ends it
  // Of the tokens commands; create uses `app`, too.
  std::string tokens_file;
  std::string token_id;
  Role role = Role::kNode;
  uint64_t expires_days = 0;  // 0: never
  std::string note;
  uint32_t keep = 0;  // backups; 0: all
  // What is looked at without a hub.
  std::string backup_dir;
  uint32_t backup = 0;  // 0: the newest
  std::string data_dir;
  std::string config_file;
};

// Reads the arguments (without the program's name) and, for some of them, the environment. If the
// command stays kNone, there is nothing to run (--help, --version, wrong usage): what there was to
// say is written to `out` or `err`, and the code returned is the program's.
ExitCode ParseCommandLine(const std::vector<std::string>& arguments, CommandLine* line,
                          std::ostream& out, std::ostream& err);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_COMMAND_LINE_H_
