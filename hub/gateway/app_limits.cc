#include "hub/gateway/app_limits.h"

#include <algorithm>
#include <utility>

namespace sessionhub::hub {
namespace {

constexpr uint64_t kSecondUs = 1'000'000;

// Sets on the time at which all is paid for. What was not used is kept for a second at most.
void Pay(uint64_t amount, uint64_t per_s_max, uint64_t now_us, uint64_t* paid_at_us) {
  if (per_s_max == 0 || amount == 0) return;
  const uint64_t earliest_us = now_us - std::min(now_us, kSecondUs);
  *paid_at_us = std::max(*paid_at_us, earliest_us) + amount * kSecondUs / per_s_max;
}

}  // namespace

absl::Status AppLimits::CheckSessions(const std::string& app, uint64_t sessions) const {
  const uint64_t most = sessions_max_;
  if (most == 0 || sessions < most) return absl::OkStatus();
  return absl::ResourceExhaustedError("app " + app + " has " + std::to_string(sessions) +
                                      " sessions, with app_sessions_max = " + std::to_string(most) +
                                      ": end some, let them expire sooner, or raise "
                                      "--app-sessions-max");
}

absl::Status AppLimits::Enter(const std::string& app) {
  absl::MutexLock lock(&mutex_);
  App& entered = apps_[app];
  if (options_.streams_max != 0 && entered.streams >= options_.streams_max) {
    return absl::ResourceExhaustedError("app " + app + " has " +
                                        std::to_string(options_.streams_max) +
                                        " streams, its most: come back later, or raise "
                                        "--app-streams-max");
  }
  ++entered.streams;
  return absl::OkStatus();
}

// An app without a stream is forgotten, and what it has not paid with it: to attach anew costs more
// than it gains.
void AppLimits::Leave(const std::string& app) {
  absl::MutexLock lock(&mutex_);
  const auto found = apps_.find(app);
  if (found != apps_.end() && --found->second.streams == 0) apps_.erase(found);
}

void AppLimits::Charge(const std::string& app, uint64_t deltas, uint64_t bytes, uint64_t now_us) {
  if (!has_rates()) return;
  absl::MutexLock lock(&mutex_);
  const auto found = apps_.find(app);
  if (found == apps_.end()) return;
  Pay(deltas, options_.deltas_per_s_max, now_us, &found->second.deltas_paid_at_us);
  Pay(bytes, options_.bytes_per_s_max, now_us, &found->second.bytes_paid_at_us);
}

bool AppLimits::MayRead(const std::string& app, uint64_t now_us) {
  if (!has_rates()) return true;
  absl::MutexLock lock(&mutex_);
  const auto found = apps_.find(app);
  if (found == apps_.end()) return true;
  const bool may =
      std::max(found->second.deltas_paid_at_us, found->second.bytes_paid_at_us) <= now_us;
  waited_ |= !may;
  return may;
}

bool AppLimits::TakeWaited() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(waited_, false);
}

}  // namespace sessionhub::hub
