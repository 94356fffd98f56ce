#include "hub/gateway/failed_tries.h"

#include <algorithm>
#include <utility>

namespace sessionhub::hub {
namespace {

std::string PairKey(const std::string& address, const std::string& token_id) {
  return address + " " + token_id;
}

}  // namespace

bool FailedTries::MayTry(const std::string& address, const std::string& token_id,
                         uint64_t now_us) const {
  const auto found = pairs_.find(PairKey(address, token_id));
  if (found == pairs_.end() || found->second.failures < kFreeTriesMax) return true;
  return now_us >= found->second.last_us + kPauseUs;
}

void FailedTries::Failed(const std::string& address, const std::string& token_id, uint64_t now_us) {
  const std::string key = PairKey(address, token_id);
  if (pairs_.size() >= kPairsMax && pairs_.count(key) == 0) ForgetTheOldest();
  Pair& pair = pairs_[key];
  pair.failures = std::min(pair.failures + 1, kFreeTriesMax);
  pair.last_us = now_us;
}

void FailedTries::Succeeded(const std::string& address, const std::string& token_id) {
  if (!pairs_.empty()) pairs_.erase(PairKey(address, token_id));
}

void FailedTries::ForgetTheOldest() {
  pairs_.erase(std::min_element(pairs_.begin(), pairs_.end(), [](const auto& a, const auto& b) {
    return a.second.last_us < b.second.last_us;
  }));
}

std::optional<uint64_t> PacedLines::Take(uint64_t now_us) {
  const uint64_t second = now_us / 1'000'000;
  if (second != second_) written_ = 0;
  second_ = second;
  if (written_ >= kPerSecond) {
    ++unwritten_;
    return std::nullopt;
  }
  ++written_;
  return std::exchange(unwritten_, 0);
}

std::string AddressOf(const std::string& peer) {
  if (peer.rfind("ipv4:", 0) != 0 && peer.rfind("ipv6:", 0) != 0) return peer;
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace sessionhub::hub
