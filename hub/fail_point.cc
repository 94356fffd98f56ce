#include "hub/fail_point.h"

#ifdef SESSIONHUB_FAIL_POINTS

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace sessionhub::hub {
namespace {

constexpr int kNone = -1;
constexpr const char* kVariable = "SESSIONHUB_FAIL_POINT";

// Most passes are of other points than the chosen one, and cost one load.
std::atomic<int> chosen_point = kNone;
std::atomic<int64_t> passes_left = 0;
std::atomic<bool> is_armed = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal's handler must not wait");

// A signal arrives some time after it was sent, and whoever has sent it may want to know.
void OnArm(int) {
  const int errno_before = errno;
  ArmFailPoint();
  constexpr std::string_view kLine = "event=fail_point_armed\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kLine.data(), kLine.size());
  errno = errno_before;
}

std::string AllNames() {
  std::string names;
  for (const std::string_view name : kFailPoints) {
    if (!names.empty()) names += ", ";
    names += name;
  }
  return names;
}

}  // namespace

absl::Status ChooseFailPoint(std::string_view setting) {
  const size_t colon = std::min(setting.find(':'), setting.size());
  const int number = FailPointNumber(setting.substr(0, colon));
  const std::string_view count = setting.substr(std::min(colon + 1, setting.size()));
  int64_t passes = 0;
  const auto parsed = std::from_chars(count.data(), count.data() + count.size(), passes);
  if (number < 0 || parsed.ec != std::errc() || parsed.ptr != count.data() + count.size() ||
      passes < 1) {
    return absl::InvalidArgumentError(
        std::string(kVariable) + "=" + std::string(setting) +
        " is no fail point: give NAME:PASSES, with passes from 1 on and one of the names " +
        AllNames());
  }
  is_armed = false;
  passes_left = passes;
  chosen_point = number;
  return absl::OkStatus();
}

void ArmFailPoint() {
  is_armed = true;
}

absl::Status TakeFailPointFromEnvironment() {
  const char* const setting = std::getenv(kVariable);
  if (setting == nullptr) return absl::OkStatus();
  struct sigaction action = {};
  action.sa_handler = OnArm;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, nullptr);
  return ChooseFailPoint(setting);
}

bool FailPointIsDue(int number) {
  if (chosen_point.load(std::memory_order_relaxed) != number || !is_armed) return false;
  return --passes_left == 0;
}

void DieAtFailPoint() {
  const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  const std::string line =
      "event=fail_point name=" + std::string(kFailPoints[chosen_point.load()]) +
      " pid=" + std::to_string(getpid()) + " time_us=" + std::to_string(now_us.count()) + "\n";
  // Unheard, it dies all the same.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
  while (true) kill(getpid(), SIGKILL);
}

}  // namespace sessionhub::hub

#endif
