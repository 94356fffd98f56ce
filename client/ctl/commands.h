// The commands of sessionhubctl: each asks the hub, says what there is to say, and tells the exit
// code.
#ifndef CLIENT_CTL_COMMANDS_H_
#define CLIENT_CTL_COMMANDS_H_

#include <cstddef>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "client/ctl/command_line.h"
#include "client/ctl/exit_code.h"
#include "sessionhub/options.h"

namespace sessionhub::ctl {

// Where a command reads and writes. Answers go to `out`, questions and errors to `err`.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool interactive = false;  // a person can answer on `in`
  // How many lines `out` shows at a time; empty: it is no screen.
  std::function<size_t()> rows{};
};

// How the hub that the command line names is reached, and what it is shown.
ClientOptions HubOf(const CommandLine& line);

// Reads the answer to a question: only y, Y and yes are one.
bool IsYes(Terminal& terminal);

// Runs one command. Blocks until the hub has answered or line.timeout has passed for a call.
ExitCode RunCommand(const CommandLine& line, Terminal& terminal);

// The whole program: reads the arguments (without the program's name) and runs the command.
ExitCode RunProgram(const std::vector<std::string>& arguments, Terminal& terminal);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_COMMANDS_H_
