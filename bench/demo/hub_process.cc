#include "bench/demo/hub_process.h"

#include <signal.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kStartMax{60'000};
constexpr milliseconds kHubStopMax{30'000};
constexpr milliseconds kPortFilePause{2};

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

std::optional<FailPointDeath> FindFailPointDeath(std::string_view log, int pid) {
  constexpr std::string_view kHead = "event=fail_point name=";
  const size_t head = log.rfind(kHead);
  if (head == std::string_view::npos) return std::nullopt;
  const std::string_view rest = log.substr(head + kHead.size());
  FailPointDeath death;
  death.name = rest.substr(0, rest.find(' '));
  const std::string middle = " pid=" + std::to_string(pid) + " time_us=";
  const std::string_view time = rest.substr(death.name.size());
  if (!time.starts_with(middle)) return std::nullopt;
  const auto parsed =
      std::from_chars(time.data() + middle.size(), time.data() + time.size(), death.time_us);
  return parsed.ec == std::errc() ? std::optional(death) : std::nullopt;
}

size_t CountLoggedErrors(const std::string& log_path, std::string* first) {
  std::ifstream log(log_path);
  size_t errors = 0;
  for (std::string line; std::getline(log, line);) {
    if (line.size() < 2 || (line[0] != 'E' && line[0] != 'F') || line[1] < '0' || line[1] > '9') {
      continue;
    }
    if (errors++ == 0) *first = line;
  }
  return errors;
}

absl::Status HubProcess::Start(const std::string& fail_point) {
  const std::string port_file = folder_ + "/hub.port";
  std::error_code ignored;
  std::filesystem::remove(port_file, ignored);
  std::filesystem::create_directories(folder_ + "/hub", ignored);
  ChildProcess::Options options;
  options.argv = {program_,   "--data-dir",  folder_ + "/hub", "--listen",
                  endpoint(), "--port-file", port_file};
  options.argv.insert(options.argv.end(), options_.begin(), options_.end());
  options.output_path = log_path();
  if (!fail_point.empty()) options.environment = {"SESSIONHUB_FAIL_POINT=" + fail_point};
  ASSIGN_OR_RETURN(process_, ChildProcess::Start(options));
  return WaitForPort(port_file);
}

void HubProcess::ArmFailPoint() {
  process_->Signal(SIGUSR1);
}

absl::StatusOr<FailPointDeath> HubProcess::ReadDeath() {
  ASSIGN_OR_RETURN(const int code, process_->Wait(milliseconds(0)));
  if (code == 128 + SIGUSR1) {
    return absl::FailedPreconditionError(
        program_ + " has no fail points: configure its build with -DSESSIONHUB_FAIL_POINTS=ON");
  }
  const std::optional<FailPointDeath> death =
      FindFailPointDeath(ReadFile(log_path()), process_->pid());
  if (code == 128 + SIGKILL && death) return *death;
  return absl::InternalError("the hub ended with " + std::to_string(code) +
                             " and at no fail point; see " + log_path());
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
