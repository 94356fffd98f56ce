// Shell: runs a command line to its end.
#ifndef TESTS_SUPPORT_SHELL_H_
#define TESTS_SUPPORT_SHELL_H_

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace sessionhub::testing {

struct ShellRun {
  int code = -1;       // 128 + the signal that ended it; -1: it could not be started
  std::string output;  // both standard output and error
};

// Waits for its end: the test's time is bounded by whoever runs it.
inline ShellRun RunShell(const std::string& command) {
  ShellRun run;
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return run;
  std::array<char, 4096> part{};
  while (fgets(part.data(), part.size(), pipe) != nullptr) run.output += part.data();
  const int status = pclose(pipe);
  run.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return run;
}

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_SHELL_H_
