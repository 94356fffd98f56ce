// CommandLine: what the operator asked for. The only place that knows the options and their words.
#ifndef CLIENT_CTL_COMMAND_LINE_H_
#define CLIENT_CTL_COMMAND_LINE_H_

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "client/ctl/exit_code.h"

namespace sessionhub::ctl {

enum class Command {
  kNone,
  kStatus,
  kNodes,
  kSessionsList,
  kSessionsCount,
  kSessionsGet,
  kSessionsDelete,
  kSessionsWatch,
  kUpgradeStatus,
  kUpgradeFinalize,
};
enum class Output { kTable, kJson };

struct CommandLine {
  Command command = Command::kNone;
  std::string endpoint = "127.0.0.1:7070";
  std::chrono::milliseconds timeout{5'000};
  Output output = Output::kTable;
  std::string app;    // of the sessions commands
  std::string id;     // of get, delete and watch; the bytes, not the escaped text
  std::string owner;  // of list, count and delete; the same; empty: of all
  bool full_ids = false;
  bool yes = false;    // delete or finalize without asking
  uint64_t limit = 0;  // sessions to list; 0: all
  uint64_t count = 0;  // events to watch; 0: until the session ends
};

// Reads the arguments (without the program's name) and, for --endpoint, the environment. If the
// command stays kNone, there is nothing to run (--help, --version, wrong usage): what there was to
// say is written to `out` or `err`, and the code returned is the program's.
ExitCode ParseCommandLine(const std::vector<std::string>& arguments, CommandLine* line,
                          std::ostream& out, std::ostream& err);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_COMMAND_LINE_H_
