#include "client/cpp/src/open_requests.h"

#include <algorithm>
#include <utility>

namespace sessionhub::client {

OpenRequest* OpenRequests::Add(const std::string& id, Create create, SessionNumber number,
                               Interest interest, const Settings& settings) {
  OpenRequest& request = requests_[++last_request_];
  request.request = last_request_;
  request.id = id;
  request.create = create;
  request.number = number;
  request.interest = interest;
  request.settings = settings;
  by_id_[id].push_back(request.request);
  return &request;
}

OpenRequest* OpenRequests::Find(uint32_t request) {
  auto it = requests_.find(request);
  return it == requests_.end() ? nullptr : &it->second;
}

OpenRequest* OpenRequests::FindShareable(const std::string& id, Create create, bool unsent_only,
                                         Interest interest, const Settings& settings) {
  auto it = by_id_.find(id);
  if (create == Create::kExclusive || it == by_id_.end()) return nullptr;
  for (uint32_t number : it->second) {
    OpenRequest* request = Find(number);
    const bool same = request->create == create && request->settings == settings;
    if (!same || request->interest < interest) continue;
    if (!(unsent_only && request->sent)) return request;
  }
  return nullptr;
}

OpenRequest* OpenRequests::FindByNumber(const std::string& id, SessionNumber number) {
  auto it = by_id_.find(id);
  if (it == by_id_.end()) return nullptr;
  for (uint32_t request : it->second) {
    if (Find(request)->number == number) return Find(request);
  }
  return nullptr;
}

OpenRequest* OpenRequests::NextUnsent() {
  auto it = requests_.upper_bound(sent_through_);
  while (it != requests_.end() && it->second.sent) {
    sent_through_ = it->first;
    ++it;
  }
  return it == requests_.end() ? nullptr : &it->second;
}

std::optional<OpenRequest> OpenRequests::Take(uint32_t request) {
  auto it = requests_.find(request);
  if (it == requests_.end()) return std::nullopt;
  auto same_id = by_id_.find(it->second.id);
  same_id->second.erase(std::find(same_id->second.begin(), same_id->second.end(), request));
  if (same_id->second.empty()) by_id_.erase(same_id);
  OpenRequest taken = std::move(it->second);
  requests_.erase(it);
  return taken;
}

void OpenRequests::Forget(Token token) {
  for (auto& [number, request] : requests_) {
    auto waiter = std::find(request.waiters.begin(), request.waiters.end(), token);
    if (waiter == request.waiters.end()) continue;
    request.waiters.erase(waiter);
    // What is on its way is answered anyway; what is not is asked only for someone who waits, or
    // for a copy that is held.
    if (request.waiters.empty() && !request.sent && request.number == 0) Take(number);
    return;
  }
}

bool OpenRequests::Cut() {
  std::vector<uint32_t> unwanted;
  bool any_sent = false;
  sent_through_ = 0;
  for (auto& [number, request] : requests_) {
    any_sent |= std::exchange(request.sent, false);
    if (request.create == Create::kExclusive && request.waiters.empty()) unwanted.push_back(number);
  }
  for (uint32_t request : unwanted) Take(request);
  return any_sent;
}

std::vector<Token> OpenRequests::TakeExclusiveSent() {
  std::vector<Token> lost;
  std::vector<uint32_t> lost_requests;
  for (const auto& [number, request] : requests_) {
    if (request.create != Create::kExclusive || !request.sent_ever) continue;
    lost.insert(lost.end(), request.waiters.begin(), request.waiters.end());
    lost_requests.push_back(number);
  }
  for (uint32_t request : lost_requests) Take(request);
  return lost;
}

std::vector<Token> OpenRequests::Clear() {
  std::vector<Token> tokens;
  for (const auto& [number, request] : requests_) {
    tokens.insert(tokens.end(), request.waiters.begin(), request.waiters.end());
  }
  requests_.clear();
  by_id_.clear();
  return tokens;
}

}  // namespace sessionhub::client
