#include "client/cpp/src/lock_requests.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sessionhub::client {

absl::Status LockRequests::Add(Token token, SessionNumber number, const LockWish& wish, Time now) {
  if (requests_.size() >= kPendingMax) {
    return absl::ResourceExhaustedError("more than " + std::to_string(kPendingMax) +
                                        " requests for locks wait for the hub: try later");
  }
  do {
    if (++last_request_ <= kNumbersFrom) last_request_ = kNumbersFrom + 1;
  } while (requests_.contains(last_request_));
  LockRequest& request = requests_[last_request_];
  request.request = last_request_;
  request.token = token;
  request.number = number;
  request.lease = wish.lease;
  request.wait_until = now + wish.wait;
  request.prolongs = wish.prolongs;
  return absl::OkStatus();
}

LockRequest* LockRequests::NextUnsent() {
  const auto waits = [this](const LockRequest& request) {
    return request.prolongs == 0 &&
           std::any_of(returns_.begin(), returns_.end(), [&request](const LockReturn& lock) {
             return lock.number == request.number;
           });
  };
  auto it = std::find_if(requests_.begin(), requests_.end(), [&waits](const auto& entry) {
    return !entry.second.sent && !waits(entry.second);
  });
  return it == requests_.end() ? nullptr : &it->second;
}

void LockRequests::AskAgain(Time now) {
  for (auto& [number, request] : requests_) {
    if (request.lock_token == 0 || request.prolongs != 0 || request.until > now) continue;
    request.lock_token = 0;
    request.sent = false;
  }
}

LockRequest* LockRequests::Find(uint32_t request) {
  auto it = requests_.find(request);
  return it == requests_.end() ? nullptr : &it->second;
}

std::vector<LockRequest> LockRequests::TakeGranted(
    const std::function<bool(const LockRequest&)>& ready) {
  std::vector<LockRequest> taken;
  for (auto it = requests_.begin(); it != requests_.end();) {
    if (it->second.lock_token == 0 || !ready(it->second)) {
      ++it;
      continue;
    }
    taken.push_back(it->second);
    it = requests_.erase(it);
  }
  return taken;
}

std::optional<LockRequest> LockRequests::Take(uint32_t request) {
  auto it = requests_.find(request);
  if (it == requests_.end()) return std::nullopt;
  const LockRequest taken = it->second;
  requests_.erase(it);
  return taken;
}

void LockRequests::Forget(Token token) {
  auto it = std::find_if(requests_.begin(), requests_.end(),
                         [token](const auto& entry) { return entry.second.token == token; });
  if (it == requests_.end()) return;
  LockRequest& request = it->second;
  request.wanted = false;
  request.wait_until = Time::min();
  const bool granted = request.lock_token != 0;
  if (granted) Return(request.number, request.lock_token, request.until);
  if (granted || !request.sent_ever || request.prolongs != 0) requests_.erase(it);
}

void LockRequests::Return(SessionNumber number, uint64_t lock_token, Time until) {
  returns_.push_back({number, lock_token, until});
  if (returns_.size() > kReturnsMax) returns_.erase(returns_.begin());
}

std::vector<LockReturn> LockRequests::TakeReturns(
    size_t count_max, const std::function<bool(const LockReturn&)>& may_go) {
  std::vector<LockReturn> taken;
  std::vector<LockReturn> left;
  for (const LockReturn& lock : returns_) {
    const bool goes = taken.size() < count_max && may_go(lock);
    (goes ? taken : left).push_back(lock);
  }
  returns_ = std::move(left);
  told_.insert(told_.end(), taken.begin(), taken.end());
  while (told_.size() > kToldMax) told_.pop_front();
  return taken;
}

void LockRequests::Cut(Time now) {
  for (auto& [number, request] : requests_) {
    request.sent = false;
    request.lock_token = 0;  // told again if it is held still
  }
  told_.erase(std::remove_if(told_.begin(), told_.end(),
                             [now](const LockReturn& lock) { return lock.until <= now; }),
              told_.end());
  returns_.insert(returns_.begin(), told_.begin(), told_.end());
  told_.clear();
}

std::vector<Token> LockRequests::Clear() {
  std::vector<Token> tokens;
  for (const auto& [number, request] : requests_) {
    if (request.wanted) tokens.push_back(request.token);
  }
  requests_.clear();
  returns_.clear();
  told_.clear();
  return tokens;
}

}  // namespace sessionhub::client
