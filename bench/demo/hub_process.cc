#include "bench/demo/hub_process.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kStartMax{60'000};
constexpr milliseconds kHubStopMax{30'000};
constexpr milliseconds kPortFilePause{2};

}  // namespace

absl::Status HubProcess::Start() {
  const std::string port_file = folder_ + "/hub.port";
  std::error_code ignored;
  std::filesystem::remove(port_file, ignored);
  std::filesystem::create_directories(folder_ + "/hub", ignored);
  ASSIGN_OR_RETURN(
      process_, ChildProcess::Start({.argv = {program_, "--data-dir", folder_ + "/hub", "--listen",
                                              endpoint(), "--port-file", port_file},
                                     .pipes = false,
                                     .output_path = folder_ + "/hub.log"}));
  return WaitForPort(port_file);
}

absl::Status HubProcess::WaitForPort(const std::string& port_file) {
  const auto deadline = steady_clock::now() + kStartMax;
  while (steady_clock::now() < deadline) {
    int port = 0;
    if (std::ifstream(port_file) >> port && port > 0) {
      port_ = port;
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(CheckRunning());
    std::this_thread::sleep_for(kPortFilePause);
  }
  return absl::DeadlineExceededError("the hub was not ready after 60 s; see " + folder_ +
                                     "/hub.log");
}

absl::Status HubProcess::CheckRunning() {
  if (process_->Running()) return absl::OkStatus();
  return absl::UnavailableError("the hub has ended by itself; see " + folder_ + "/hub.log");
}

absl::Status HubProcess::Stop() {
  process_->Terminate();
  ASSIGN_OR_RETURN(const int code, process_->Wait(kHubStopMax));
  if (code == 0) return absl::OkStatus();
  return absl::InternalError("the hub ended with " + std::to_string(code) + " after SIGTERM; see " +
                             folder_ + "/hub.log");
}

}  // namespace sessionhub::bench
