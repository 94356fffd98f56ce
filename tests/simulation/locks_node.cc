// The SimulatedNode's part with locks: an application that asks for them, waits, writes under them,
// gives them back, prolongs them or lets them end, and holds on to some for too long.
#include <algorithm>
#include <utility>

#include "tests/simulation/simulated_node.h"

namespace sessionhub::simulation {
namespace {

using std::chrono::milliseconds;
using testing::Below;
using testing::OneIn;

constexpr milliseconds kLeaseMax{3'000};
constexpr milliseconds kWaitMax{2'000};

}  // namespace

void SimulatedNode::AskForLock(const client::CopyRef& ref, const client::LockWish& wish,
                               client::Time now) {
  const auto token = machine_.Lock(ref, wish, now);
  if (token.ok()) lock_requests_[*token] = ref.number;
}

// The token that it was given last; 0: none.
uint64_t SimulatedNode::LockOf(SessionNumber session) const {
  const auto held = locks_held_.find(session);
  return held == locks_held_.end() ? 0 : held->second;
}

void SimulatedNode::UseLock(const client::CopyRef& ref, client::Time now) {
  const milliseconds lease(1 + Below(*random_, static_cast<uint64_t>(kLeaseMax.count())));
  const auto held = locks_held_.find(ref.number);
  const auto asked = std::find_if(lock_requests_.begin(), lock_requests_.end(),
                                  [&ref](const auto& one) { return one.second == ref.number; });
  if (asked != lock_requests_.end()) {
    if (!OneIn(*random_, 10)) return;
    machine_.ForgetLock(asked->first);
    lock_requests_.erase(asked);
  } else if (held == locks_held_.end()) {
    const milliseconds wait(
        OneIn(*random_, 4) ? 0 : Below(*random_, static_cast<uint64_t>(kWaitMax.count())));
    AskForLock(ref, {lease, wait}, now);
  } else if (OneIn(*random_, 4)) {
    AskForLock(ref, {lease, milliseconds(0), held->second}, now);
  } else if (OneIn(*random_, 2)) {
    machine_.Unlock(ref, held->second, now + kLeaseMax);
    locks_held_.erase(held);
  }
}

void SimulatedNode::TakeLocks(const std::vector<client::LockDone>& done) {
  for (const client::LockDone& one : done) {
    const auto asked = lock_requests_.extract(one.token);
    if (asked.empty()) continue;
    if (!one.lock.ok()) {
      ++(*options_.sights)["locks refused"];
      if (absl::IsAborted(one.lock.status())) locks_held_.erase(asked.mapped());
      continue;
    }
    ++(*options_.sights)["locks granted"];
    locks_held_[asked.mapped()] = one.lock->token;
  }
}

absl::Status SimulatedNode::CheckLockAnswer(const v1::Answer& answer) {
  const auto asked = locks_asked_.find(answer.request());
  if (answer.lock_token() == 0 || asked == locks_asked_.end() || InPast()) return absl::OkStatus();
  return options_.lock_order->Told(asked->second, answer.lock_token(),
                                   {ToHex(Id128ToBytes(incarnation_)), answer.request()},
                                   answer.version());
}

bool SimulatedNode::GetsLock(const std::string& id, client::Time now) {
  const auto held = held_.find(id);
  if (held == held_.end()) return false;
  const SessionNumber session = held->second.number;
  if (locks_held_.contains(session)) return true;
  const bool asked = std::any_of(lock_requests_.begin(), lock_requests_.end(),
                                 [&](const auto& one) { return one.second == session; });
  if (!asked) AskForLock(held->second, {kLeaseMax, 10 * kWaitMax}, now);
  TakeOutputs();
  return false;
}

}  // namespace sessionhub::simulation
