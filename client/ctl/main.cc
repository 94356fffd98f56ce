// sessionhubctl: the operator's command. Exit codes and JSON keys are in --help.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstddef>
#include <iostream>
#include <string>
#include <vector>

#include "client/ctl/commands.h"

namespace {

// Of a screen that does not tell its size.
constexpr size_t kRows = 24;

size_t RowsOfScreen() {
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return kRows;
  return size.ws_row;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  sessionhub::ctl::Terminal terminal{std::cin, std::cout, std::cerr, isatty(STDIN_FILENO) == 1};
  if (isatty(STDOUT_FILENO) == 1) terminal.rows = RowsOfScreen;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const sessionhub::ctl::ExitCode code = sessionhub::ctl::RunProgram(arguments, terminal);
  std::cout.flush();
  // An answer that could not be written whole must not look like success.
  if (!std::cout) return static_cast<int>(sessionhub::ctl::ExitCode::kFailed);
  return static_cast<int>(code);
}
