#include "hub/gateway/app_limits.h"

#include <algorithm>
#include <utility>

namespace sessionhub::hub {
namespace {

constexpr uint64_t kSecondUs = 1'000'000;

// From here on it makes no difference whether it is known what an app has used: all of a second's
// worth is free again.
uint64_t SettledAtUs(uint64_t paid_at_us) {
  return paid_at_us + kSecondUs;
}

}  // namespace

// Sets on the time at which all is paid for. What was not used is kept for a second at most. What
// divides into no whole microsecond is carried over, or a fast app would get its small frames for
// nothing.
void AppLimits::Pay(uint64_t amount, uint64_t per_s_max, uint64_t now_us, Account* account) {
  if (per_s_max == 0 || amount == 0) return;
  const uint64_t earliest_us = now_us - std::min(now_us, kSecondUs);
  if (account->paid_at_us < earliest_us) *account = {earliest_us, 0};
  const uint64_t due = amount * kSecondUs + account->rest;
  account->paid_at_us += due / per_s_max;
  account->rest = due % per_s_max;
}

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
  const auto [found, is_new] = apps_.try_emplace(app);
  App& entered = found->second;
  if (options_.streams_max != 0 && entered.streams >= options_.streams_max) {
    return absl::ResourceExhaustedError("app " + app + " has " +
                                        std::to_string(options_.streams_max) +
                                        " streams, its most: come back later, or raise "
                                        "--app-streams-max");
  }
  if (!is_new && entered.streams == 0) --debtors_;
  ++entered.streams;
  return absl::OkStatus();
}

void AppLimits::Leave(const std::string& app, uint64_t now_us) {
  absl::MutexLock lock(&mutex_);
  const auto found = apps_.find(app);
  if (found == apps_.end() || found->second.streams == 0 || --found->second.streams > 0) return;
  if (SettledAtUs(found->second.paid_at_us()) <= now_us) {
    apps_.erase(found);
    return;
  }
  if (debtors_ == kDebtorsMax) ForgetDebtors(now_us);
  ++debtors_;
}

// All that have paid, and at least one: the first that will have.
void AppLimits::ForgetDebtors(uint64_t now_us) {
  auto first = apps_.end();
  for (auto app = apps_.begin(); app != apps_.end(); ++app) {
    if (app->second.streams > 0) continue;
    if (first == apps_.end() || app->second.paid_at_us() < first->second.paid_at_us()) first = app;
  }
  if (first == apps_.end()) return;
  const uint64_t forgotten_us = std::max(now_us, SettledAtUs(first->second.paid_at_us()));
  debtors_ -= absl::erase_if(apps_, [forgotten_us](const auto& app) {
    return app.second.streams == 0 && SettledAtUs(app.second.paid_at_us()) <= forgotten_us;
  });
}

void AppLimits::Charge(const std::string& app, uint64_t deltas, uint64_t bytes, uint64_t now_us) {
  if (!has_rates()) return;
  absl::MutexLock lock(&mutex_);
  const auto found = apps_.find(app);
  if (found == apps_.end()) return;
  Pay(deltas, options_.deltas_per_s_max, now_us, &found->second.deltas);
  Pay(bytes, options_.bytes_per_s_max, now_us, &found->second.bytes);
}

bool AppLimits::MayRead(const std::string& app, uint64_t now_us) {
  if (!has_rates()) return true;
  absl::MutexLock lock(&mutex_);
  const auto found = apps_.find(app);
  if (found == apps_.end()) return true;
  const bool may = found->second.paid_at_us() <= now_us;
  waited_ |= !may;
  return may;
}

bool AppLimits::TakeWaited() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(waited_, false);
}

}  // namespace sessionhub::hub
