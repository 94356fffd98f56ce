#include "tests/support/hub_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

#include "tests/support/wait_for.h"

namespace sessionhub::testing {
namespace {

// Between fork and exec: calls nothing that takes a lock.
[[noreturn]] void RunChild(pid_t parent, char* const* argv, char* const* environment, int log,
                           uint64_t open_files_max) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit limit{open_files_max, open_files_max};
  if (open_files_max > 0) setrlimit(RLIMIT_NOFILE, &limit);
  if (getppid() != parent) _exit(127);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execve(argv[0], argv, environment);
  _exit(127);
}

// An address of /proc/net/tcp, whose bytes stand in the machine's order. One of IPv6 stays as it
// is.
std::string AddressOfHex(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon != 8) return text;
  const auto address = static_cast<uint32_t>(std::stoul(text.substr(0, colon), nullptr, 16));
  const auto port = std::stoul(text.substr(colon + 1), nullptr, 16);
  char dotted[INET_ADDRSTRLEN] = {};
  inet_ntop(AF_INET, &address, dotted, sizeof(dotted));
  return std::string(dotted) + ":" + std::to_string(port);
}

}  // namespace

HubProcess::HubProcess(std::vector<std::string> options) : options_(std::move(options)) {}

void HubProcess::Spawn() {
  std::vector<std::string> arguments = {SESSIONHUBD_PATH, "--data-dir", data_dir_, "--port-file",
                                        port_file_};
  arguments.insert(arguments.end(), options_.begin(), options_.end());
  if (std::find(options_.begin(), options_.end(), "--listen") == options_.end()) {
    arguments.insert(arguments.end(), {"--listen", endpoint()});
  }
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::vector<char*> environment;
  for (char** variable = environ; *variable != nullptr; ++variable)
    environment.push_back(*variable);
  std::string fail_point = "SESSIONHUB_FAIL_POINT=" + fail_point_;
  if (!fail_point_.empty()) environment.push_back(fail_point.data());
  std::string newest = "SESSIONHUB_TEST_FORMAT_NEWEST=" + std::to_string(newest_format_);
  if (newest_format_ != 0) environment.push_back(newest.data());
  for (std::string& variable : variables_) environment.push_back(variable.data());
  environment.push_back(nullptr);
  std::filesystem::remove(port_file_);
  const int log = open(log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) RunChild(parent, argv.data(), environment.data(), log, open_files_max_);
  close(log);
  pid_ = pid < 0 ? 0 : pid;
  exit_code_ = 127;
}

absl::Status HubProcess::Start() {
  Spawn();
  // A sanitized hub that replays a long log takes its time.
  const bool settled =
      WaitFor([this] { return std::filesystem::exists(port_file_) || !running(); }, 4 * kPatience);
  if (!settled) return absl::DeadlineExceededError("the hub is not ready:\n" + log());
  if (!running()) return absl::UnavailableError("the hub has ended:\n" + log());
  std::ifstream(port_file_) >> port_;
  return absl::OkStatus();
}

absl::StatusOr<int> HubProcess::RunToItsEnd() {
  Spawn();
  return Wait();
}

void HubProcess::Reap(int flags) {
  int status = 0;
  if (pid_ == 0 || waitpid(pid_, &status, flags) != pid_) return;
  pid_ = 0;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void HubProcess::Kill() {
  if (pid_ != 0) kill(pid_, SIGKILL);
  Reap(0);
}

void HubProcess::Freeze() {
  if (pid_ == 0) return;
  kill(pid_, SIGSTOP);
  int status = 0;
  if (waitpid(pid_, &status, WUNTRACED) == pid_ && !WIFSTOPPED(status)) pid_ = 0;
}

void HubProcess::Thaw() {
  Signal(SIGCONT);
}

void HubProcess::Signal(int signal) {
  if (pid_ != 0) kill(pid_, signal);
}

void HubProcess::Limit(int resource, uint64_t max) {
  const rlimit limit{max, max};
  if (pid_ != 0) prlimit(pid_, static_cast<__rlimit_resource>(resource), &limit, nullptr);
}

size_t HubProcess::open_files() const {
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid_) + "/fd");
  return static_cast<size_t>(std::distance(begin(files), end(files)));
}

std::vector<std::string> HubProcess::listening() const {
  const std::string process = "/proc/" + std::to_string(pid_);
  std::set<std::string> sockets;
  for (const auto& file : std::filesystem::directory_iterator(process + "/fd")) {
    std::error_code gone;
    sockets.insert(std::filesystem::read_symlink(file.path(), gone).string());
  }
  std::set<std::string> found;
  for (const char* table : {"/net/tcp", "/net/tcp6"}) {
    std::ifstream lines(process + table);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string word[10];
      for (std::string& one : word) words >> one;
      const bool listens = word[3] == "0A" && sockets.count("socket:[" + word[9] + "]") > 0;
      if (listens) found.insert(AddressOfHex(word[1]));
    }
  }
  return {found.begin(), found.end()};
}

uint64_t HubProcess::MemoryPages(int which) const {
  std::ifstream pages("/proc/" + std::to_string(pid_) + "/statm");
  uint64_t count = 0;
  for (int i = 0; i <= which; ++i) pages >> count;
  return count;
}

uint64_t HubProcess::data_bytes() const {
  return MemoryPages(5) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t HubProcess::resident_bytes() const {
  return MemoryPages(1) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

absl::StatusOr<int> HubProcess::Wait() {
  if (WaitFor([this] { return !running(); })) return exit_code_;
  return absl::DeadlineExceededError("the hub still runs:\n" + log());
}

bool HubProcess::running() {
  Reap(WNOHANG);
  return pid_ != 0;
}

std::string HubProcess::log() const {
  std::ostringstream text;
  text << std::ifstream(log_file_).rdbuf();
  return text.str();
}

}  // namespace sessionhub::testing
