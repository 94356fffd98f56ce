#include "client/cpp/src/id_changes.h"

#include <algorithm>
#include <utility>

#include "proto/session/error_codes.h"

namespace sessionhub::client {

absl::Status IdChanges::Add(Token token, SessionNumber number, const std::string& old_id,
                            const std::string& id, uint64_t alias_ms) {
  for (auto& [request, change] : changes_) {
    if (change.number != number) continue;
    if (change.id == id && change.alias_ms == alias_ms) {
      change.waiters.push_back(token);
      return absl::OkStatus();
    }
    return ErrorStatus(ClientError::kAnswerPending,
                       "the session is getting another id: wait until that is answered");
  }
  if (changes_.size() >= kPendingMax) {
    return absl::ResourceExhaustedError("more than " + std::to_string(kPendingMax) +
                                        " id changes wait for the hub: try later");
  }
  IdChange& change = changes_[++last_request_];
  change = {last_request_, number, old_id, id, alias_ms, {token}, false};
  return absl::OkStatus();
}

IdChange* IdChanges::NextUnsent() {
  auto it = std::find_if(changes_.begin(), changes_.end(),
                         [](const auto& entry) { return !entry.second.sent; });
  return it == changes_.end() ? nullptr : &it->second;
}

std::optional<IdChange> IdChanges::Take(uint32_t request) {
  auto it = changes_.find(request);
  if (it == changes_.end()) return std::nullopt;
  IdChange taken = std::move(it->second);
  changes_.erase(it);
  return taken;
}

bool IdChanges::Concerns(SessionNumber number) const {
  return std::any_of(changes_.begin(), changes_.end(),
                     [number](const auto& entry) { return entry.second.number == number; });
}

void IdChanges::Cut() {
  for (auto& [request, change] : changes_) change.sent = false;
}

std::vector<Token> IdChanges::Clear() {
  std::vector<Token> tokens;
  for (const auto& [request, change] : changes_) {
    tokens.insert(tokens.end(), change.waiters.begin(), change.waiters.end());
  }
  changes_.clear();
  return tokens;
}

}  // namespace sessionhub::client
