#include "client/ctl/folder_program.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sessionhub::ctl {
namespace {

constexpr char kProgram[] = "sessionhub-folder";

// Beside this program; else its bare name, which is looked for in PATH.
std::string PathOfProgram() {
  std::error_code none;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", none);
  const std::filesystem::path beside = self.parent_path() / kProgram;
  return !self.empty() && access(beside.c_str(), X_OK) == 0 ? beside.string() : kProgram;
}

ExitCode FromWaitStatus(int status, Terminal& terminal) {
  if (WIFEXITED(status)) {
    const int code = WEXITSTATUS(status);
    return code <= static_cast<int>(ExitCode::kNotFound) ? static_cast<ExitCode>(code)
                                                         : ExitCode::kFailed;
  }
  terminal.err << "sessionhubctl: " << kProgram << " was ended by a signal\n";
  return ExitCode::kFailed;
}

}  // namespace

bool IsForFolderProgram(const CommandLine& line) {
  switch (line.command) {
    case Command::kBackupVerify:
    case Command::kBackupRestore:
    case Command::kDoctor:
      return true;
    case Command::kBackupList:
      return !line.backup_dir.empty();
    default:
      return false;
  }
}

std::vector<std::string> FolderArguments(const CommandLine& line) {
  std::vector<std::string> arguments;
  if (line.output == Output::kJson) arguments = {"--output", "json"};
  const auto add = [&arguments](const char* option, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {option, value});
  };
  const bool of_one = line.command == Command::kBackupVerify ||  //
                      line.command == Command::kBackupRestore;
  const char* const command = line.command == Command::kDoctor         ? "doctor"
                              : line.command == Command::kBackupVerify ? "verify"
                              : line.command == Command::kBackupList   ? "list"
                                                                       : "restore";
  arguments.emplace_back(command);
  add("--backup-dir", line.backup_dir);
  if (of_one) add("--backup", std::to_string(line.backup));
  add("--data-dir", line.data_dir);
  add("--config", line.config_file);
  return arguments;
}

ExitCode RunFolderProgram(const CommandLine& line, Terminal& terminal) {
  std::vector<std::string> arguments = FolderArguments(line);
  std::string path = PathOfProgram();
  std::vector<char*> argv = {path.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  terminal.out.flush();
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, path.c_str(), nullptr, nullptr, argv.data(), environ);
  if (error != 0) {
    terminal.err << "sessionhubctl: cannot start " << kProgram << " (" << std::strerror(error)
                 << "): install it beside sessionhubctl or in PATH\n";
    return ExitCode::kFailed;
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return ExitCode::kFailed;
  }
  return FromWaitStatus(status, terminal);
}

}  // namespace sessionhub::ctl
