// ChildProcess: a real process that the demo starts, stops and kills. Ends with its owner, whatever
// happens to it: destruction kills it, and the kernel does if the owner dies first.
//
// Belongs to one thread, which must be the one that lives longest (the kernel counts the thread
// that started a child as its parent).
#ifndef BENCH_DEMO_PROCESS_H_
#define BENCH_DEMO_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::bench {

class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> argv;  // argv[0] is the path of the program
    bool pipes = false;             // connect its standard input and output to in() and out()
    std::string output_path;        // gets, appended, what else it prints
    std::vector<std::string> environment = {};  // NAME=VALUE each, besides this process's own
  };

  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const Options& options);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  int in() const { return in_; }    // writes to the child; -1 without pipes
  int out() const { return out_; }  // reads from the child, never blocks; -1 without pipes
  void CloseIn();

  // SIGSTOP, and waits until no thread of it runs. Unavailable if it has ended.
  absl::Status Freeze();
  void Thaw();
  void Terminate();  // SIGTERM
  void Signal(int signal);
  // SIGKILL, and waits for its end.
  void Kill();

  // True until its end was seen.
  bool Running();
  // Its exit code, or 128 + the signal that ended it. DeadlineExceeded if it still runs after
  // `timeout`.
  absl::StatusOr<int> Wait(std::chrono::milliseconds timeout);

 private:
  ChildProcess(pid_t pid, int pidfd, int in, int out)
      : pid_(pid), pidfd_(pidfd), in_(in), out_(out) {}

  void Reap(int flags);

  const pid_t pid_;
  const int pidfd_;
  int in_;
  const int out_;
  bool ended_ = false;
  int wait_status_ = 0;
};

// The folder of the running program, where its siblings stand.
std::string ProgramFolder();

// Runs a helper to its end. Errors: DeadlineExceeded (it is killed), Internal (it did not exit with
// 0; its output is named).
absl::Status RunHelper(const std::vector<std::string>& argv, const std::string& output_path,
                       std::chrono::milliseconds timeout);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_PROCESS_H_
