#include "bench/compare/programs.h"

#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "bench/demo/process.h"
#include "bench/limits/programs.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::milliseconds kToolMax{20'000};

// A file without a name, for what a program reads or prints.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : fd_(memfd_create(name, MFD_CLOEXEC)) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(fd_); }

  // For this process and those that it starts.
  std::string path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_);
  }
  std::string Text() const {
    std::ostringstream text;
    text << std::ifstream(path()).rdbuf();
    return text.str();
  }

 private:
  const int fd_;
};

}  // namespace

absl::StatusOr<std::string> FindProgram(const std::string& name, const std::string& package) {
  const char* const path = std::getenv("PATH");
  std::string program =
      FindProgramIn(name, std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin");
  if (!program.empty()) return program;
  return NotInstalled(name, package);
}

absl::Status NotInstalled(const std::string& name, const std::string& package) {
  return absl::NotFoundError(name + " is not installed: it is in the package " + package +
                             ", and `deploy/install-packages compare` installs it");
}

std::string OwnProgram(const std::string& name) {
  const std::string beside = ProgramFolder() + "/" + name;
  const std::string of_build = ProgramFolder() + "/../bin/" + name;
  return access(beside.c_str(), X_OK) != 0 && access(of_build.c_str(), X_OK) == 0 ? of_build
                                                                                  : beside;
}

absl::StatusOr<std::string> ReadTool(const std::vector<std::string>& argv) {
  const MemoryFile output("tool-output");
  const absl::Status status = RunHelper(argv, output.path(), kToolMax);
  if (status.ok()) return output.Text();
  return absl::Status(status.code(), argv[0] + " failed: " + output.Text());
}

absl::Status RunTool(const std::vector<std::string>& argv) {
  return ReadTool(argv).status();
}

absl::Status RunIp(const std::vector<std::string>& commands) {
  ASSIGN_OR_RETURN(const std::string ip, FindProgram("ip", "iproute2"));
  const MemoryFile batch("ip-commands");
  std::ofstream file(batch.path());
  for (const std::string& command : commands) file << command << "\n";
  file.close();
  return RunTool({ip, "-batch", batch.path()});
}

}  // namespace sessionhub::bench
