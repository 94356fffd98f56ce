// HubProcess: the hub under test, a real sessionhubd on a port and a data folder of its own, on a
// loopback address unless it is told another.
#ifndef BENCH_DEMO_HUB_PROCESS_H_
#define BENCH_DEMO_HUB_PROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

// What a hub says that dies at a fail point.
struct FailPointDeath {
  std::string name;
  int64_t time_us = 0;  // by MonotonicMicros
};

// The last such line of `log` that the process `pid` wrote; nothing if there is none.
std::optional<FailPointDeath> FindFailPointDeath(std::string_view log, int pid);

// Lines of glog's levels ERROR and FATAL, and the first of them. A hub that was only killed has
// nothing to complain of.
size_t CountLoggedErrors(const std::string& log_path, std::string* first);

class HubProcess {
 public:
  // `program` is sessionhubd; data folder, port file and log go below `folder`. `options` are
  // further ones of its command line. `ip` is where it listens.
  HubProcess(std::string program, std::string folder, std::vector<std::string> options = {},
             std::string ip = "127.0.0.1")
      : program_(std::move(program)),
        folder_(std::move(folder)),
        options_(std::move(options)),
        ip_(std::move(ip)) {}

  // Ready when it returns: on any free port the first time, on the same port ever after. Waits at
  // most 60 seconds. `fail_point`, NAME:PASSES, is one of hub/fail_point.h; empty: none.
  absl::Status Start(const std::string& fail_point = "");
  // SIGTERM; the hub must drain and exit with 0 within 30 seconds.
  absl::Status Stop();

  absl::Status Freeze() { return process_->Freeze(); }
  void Thaw() { process_->Thaw(); }
  void Kill() { process_->Kill(); }
  // From now on it dies by itself at the fail point that it was started with.
  void ArmFailPoint();
  bool Running() { return process_->Running(); }
  // Of a hub that has ended. FailedPrecondition if it was built without fail points, Internal if it
  // has ended in any other way than at one of them.
  absl::StatusOr<FailPointDeath> ReadDeath();
  // Unavailable, naming the log, if the hub has ended by itself.
  absl::Status CheckRunning();

  std::string endpoint() const { return ip_ + ":" + std::to_string(port_); }
  int port() const { return port_; }
  // Of the process that was started last.
  pid_t pid() const { return process_->pid(); }
  std::string log_path() const { return folder_ + "/hub.log"; }

 private:
  absl::Status WaitForPort(const std::string& port_file);

  const std::string program_;
  const std::string folder_;
  const std::vector<std::string> options_;
  const std::string ip_;
  int port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_HUB_PROCESS_H_
