#include "bench/demo/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

struct Pipe {
  std::array<int, 2> ends = {-1, -1};

  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) close(end);
    }
  }
  absl::Status Make() {
    if (pipe2(ends.data(), O_CLOEXEC) == 0) return absl::OkStatus();
    return absl::ResourceExhaustedError(std::string("cannot make a pipe: ") + strerror(errno));
  }
  int Release(size_t end) { return std::exchange(ends[end], -1); }
};

// The C library of Debian 12 declares pidfd_open() without C linkage.
int OpenPidFd(pid_t pid) {
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

// Between fork and exec: calls nothing that takes a lock.
[[noreturn]] void RunChild(pid_t parent, char* const* argv, char* const* environment, int input,
                           int output, int errors) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  if (input >= 0) dup2(input, STDIN_FILENO);
  dup2(output >= 0 ? output : errors, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execve(argv[0], argv, environment);
  static constexpr char kMessage[] = "cannot start this program\n";
  if (write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1) < 0) _exit(126);
  _exit(127);
}

// As exec wants them; `texts` outlive it.
std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> OwnEnvironment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  return variables;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const Options& options) {
  if (access(options.argv.at(0).c_str(), X_OK) != 0) {
    return absl::NotFoundError("cannot run " + options.argv[0] +
                               ": build it, or name it by its flag");
  }
  Pipe input, output;
  if (options.pipes) {
    RETURN_IF_ERROR(input.Make());
    RETURN_IF_ERROR(output.Make());
    fcntl(output.ends[0], F_SETFL, O_NONBLOCK);
  }
  const int errors =
      open(options.output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (errors < 0) return absl::UnavailableError("cannot write " + options.output_path);
  std::vector<std::string> variables = OwnEnvironment();
  variables.insert(variables.end(), options.environment.begin(), options.environment.end());
  const std::vector<char*> argv = Pointers(options.argv);
  const std::vector<char*> environment = Pointers(variables);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    RunChild(parent, argv.data(), environment.data(), input.ends[0], output.ends[1], errors);
  }
  close(errors);
  if (pid < 0) return absl::ResourceExhaustedError("cannot start a process");
  return std::unique_ptr<ChildProcess>(
      new ChildProcess(pid, OpenPidFd(pid), input.Release(1), output.Release(0)));
}

ChildProcess::~ChildProcess() {
  Kill();
  CloseIn();
  if (out_ >= 0) close(out_);
  if (pidfd_ >= 0) close(pidfd_);
}

void ChildProcess::CloseIn() {
  if (in_ >= 0) close(in_);
  in_ = -1;
}

void ChildProcess::Reap(int flags) {
  int status = 0;
  if (ended_ || waitpid(pid_, &status, flags) != pid_ || WIFSTOPPED(status)) return;
  ended_ = true;
  wait_status_ = status;
}

absl::Status ChildProcess::Freeze() {
  if (!ended_) kill(pid_, SIGSTOP);
  Reap(WUNTRACED);
  if (!ended_) return absl::OkStatus();
  return absl::UnavailableError("process " + std::to_string(pid_) + " has ended");
}

void ChildProcess::Thaw() {
  if (!ended_) kill(pid_, SIGCONT);
}

void ChildProcess::Terminate() {
  Signal(SIGTERM);
}

void ChildProcess::Signal(int signal) {
  if (!ended_) kill(pid_, signal);
}

void ChildProcess::Kill() {
  if (ended_) return;
  kill(pid_, SIGKILL);
  Reap(0);
}

bool ChildProcess::Running() {
  Reap(WNOHANG);
  return !ended_;
}

absl::StatusOr<int> ChildProcess::Wait(std::chrono::milliseconds timeout) {
  pollfd end = {pidfd_, POLLIN, 0};
  if (!ended_) poll(&end, 1, static_cast<int>(timeout.count()));
  if (Running()) {
    return absl::DeadlineExceededError("process " + std::to_string(pid_) + " still runs after " +
                                       std::to_string(timeout.count()) + " ms");
  }
  return WIFSIGNALED(wait_status_) ? 128 + WTERMSIG(wait_status_) : WEXITSTATUS(wait_status_);
}

std::string ProgramFolder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

absl::Status RunHelper(const std::vector<std::string>& argv, const std::string& output_path,
                       std::chrono::milliseconds timeout) {
  ASSIGN_OR_RETURN(const auto child,
                   ChildProcess::Start({.argv = argv, .pipes = false, .output_path = output_path}));
  ASSIGN_OR_RETURN(const int code, child->Wait(timeout));
  if (code == 0) return absl::OkStatus();
  return absl::InternalError(argv[0] + " ended with " + std::to_string(code) + "; see " +
                             output_path);
}

}  // namespace sessionhub::bench
