// HubProcess: the hub under test, a real sessionhubd on a loopback port and a data folder of its
// own.
#ifndef BENCH_DEMO_HUB_PROCESS_H_
#define BENCH_DEMO_HUB_PROCESS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

class HubProcess {
 public:
  // `program` is sessionhubd; data folder, port file and log go below `folder`.
  HubProcess(std::string program, std::string folder)
      : program_(std::move(program)), folder_(std::move(folder)) {}

  // Ready when it returns: on any free port the first time, on the same port ever after. Waits at
  // most 60 seconds.
  absl::Status Start();
  // SIGTERM; the hub must drain and exit with 0 within 30 seconds.
  absl::Status Stop();

  absl::Status Freeze() { return process_->Freeze(); }
  void Thaw() { process_->Thaw(); }
  void Kill() { process_->Kill(); }
  // Unavailable, naming the log, if the hub has ended by itself.
  absl::Status CheckRunning();

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }

 private:
  absl::Status WaitForPort(const std::string& port_file);

  const std::string program_;
  const std::string folder_;
  int port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_HUB_PROCESS_H_
