// HubProcess: a real sessionhubd on a loopback port. Destruction kills it, and so does the kernel
// if the test dies first.
//
// Belongs to one thread, which must outlive the process it starts (the kernel counts the thread
// that starts a child as its parent): the main thread of a test.
#ifndef TESTS_SUPPORT_HUB_PROCESS_H_
#define TESTS_SUPPORT_HUB_PROCESS_H_

#include <sys/types.h>

#include <string>
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
  void Terminate();
  // Its fail point counts from now on.
  void Arm();
  // From now on no file that the running process writes may grow past this: its disk is full. Needs
  // SIGXFSZ to be ignored, since before Start.
  void LimitFiles(uint64_t bytes_max);
  // Waits for its end. Its exit code, or 128 + the signal that ended it.
  absl::StatusOr<int> Wait();
  bool running();

  int port() const { return port_; }
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
  // What all its processes have printed to standard error so far.
  std::string log() const;

 private:
  void Spawn();
  void Reap(int flags);

  TemporaryFolder folder_;
  const std::vector<std::string> options_;
  std::string fail_point_;
  std::string data_dir_ = folder_.path() + "/data";
  const std::string port_file_ = folder_.path() + "/port";
  const std::string log_file_ = folder_.path() + "/log";
  int port_ = 0;
  pid_t pid_ = 0;  // 0: none runs
  int exit_code_ = 0;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_HUB_PROCESS_H_
