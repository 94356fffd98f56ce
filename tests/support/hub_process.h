// HubProcess: a real sessionhubd on a loopback port. Destruction kills it, and so does the kernel
// if the test dies first.
//
// Belongs to one thread, which must outlive the process it starts (the kernel counts the thread
// that starts a child as its parent): the main thread of a test.
#ifndef TESTS_SUPPORT_HUB_PROCESS_H_
#define TESTS_SUPPORT_HUB_PROCESS_H_

#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::testing {

class HubProcess {
 public:
  // The data folder is below a temporary folder of this object.
  explicit HubProcess(std::vector<std::string> options = {});
  ~HubProcess() { Kill(); }
  HubProcess(const HubProcess&) = delete;
  HubProcess& operator=(const HubProcess&) = delete;

  // Any other folder, to be called before Start.
  void set_data_dir(std::string data_dir) { data_dir_ = std::move(data_dir); }
  const std::string& data_dir() const { return data_dir_; }

  // Dies at this fail point, NAME:PASSES of hub/fail_point.h, once it is armed. For the processes
  // that are started from now on; empty: none.
  void set_fail_point(std::string fail_point) { fail_point_ = std::move(fail_point); }

  // Further variables, NAME=value, of the processes that are started from now on.
  void set_environment(std::vector<std::string> variables) { variables_ = std::move(variables); }

  // How many files the processes that are started from now on may open.
  void set_open_files_max(uint64_t open_files_max) { open_files_max_ = open_files_max; }

  // Stands for a later release: SESSIONHUB_TEST_FORMAT_NEWEST. As for set_fail_point; 0: it is this
  // one.
  void set_newest_format(uint32_t format) { newest_format_ = format; }

  // Ready when it returns: on any free port the first time, on the same port ever after.
  // Unavailable, with what the hub printed, if it ends instead; DeadlineExceeded if it does
  // neither.
  absl::Status Start();
  // For a hub that must not start: its exit code. DeadlineExceeded if it goes on running.
  absl::StatusOr<int> RunToItsEnd();

  // SIGKILL, and waits for its end. Nothing happens if it does not run.
  void Kill();
  // SIGSTOP, and waits until nothing of it runs any more: it takes nothing and answers nothing
  // until it is killed or thawed.
  void Freeze();
  void Thaw();
  // SIGTERM alone.
  void Terminate() { Signal(SIGTERM); }
  // Nothing happens if it does not run.
  void Signal(int signal);
  // Its fail point counts from now on.
  void Arm() { Signal(SIGUSR1); }
  // Sets a limit of the running process: RLIMIT_NOFILE, RLIMIT_DATA; RLIMIT_FSIZE, past which no
  // file that it writes may grow, as on a full disk (needs SIGXFSZ to be ignored, since before
  // Start).
  void Limit(int resource, uint64_t max);
  // Waits for its end. Its exit code, or 128 + the signal that ended it.
  absl::StatusOr<int> Wait();
  bool running();

  // Of the running process.
  size_t open_files() const;
  // The TCP ports that it listens on, as "127.0.0.1:7070", in order.
  std::vector<std::string> listening() const;
  uint64_t resident_bytes() const;
  uint64_t data_bytes() const;  // what RLIMIT_DATA bounds

  int port() const { return port_; }
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
  // What all its processes have printed to standard error so far.
  std::string log() const;

 private:
  void Spawn();
  void Reap(int flags);
  // Which of the numbers in /proc/PID/statm.
  uint64_t MemoryPages(int which) const;

  TemporaryFolder folder_;
  const std::vector<std::string> options_;
  std::string fail_point_;
  uint32_t newest_format_ = 0;
  std::vector<std::string> variables_;
  std::string data_dir_ = folder_.path() + "/data";
  const std::string port_file_ = folder_.path() + "/port";
  const std::string log_file_ = folder_.path() + "/log";
  uint64_t open_files_max_ = 0;  // 0: as this process
  int port_ = 0;
  pid_t pid_ = 0;  // 0: none runs
  int exit_code_ = 0;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_HUB_PROCESS_H_
