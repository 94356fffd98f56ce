#include "bench/demo/traffic.h"

#include <chrono>
#include <cstdio>
#include <utility>

#include "bench/demo/request.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using Kind = CommitEvent::Kind;

constexpr int64_t kStallMicros = 60'000'000;
constexpr int64_t kProgressMicros = 5'000'000;
constexpr std::chrono::milliseconds kTurn{20};

}  // namespace

std::string SessionId(size_t basket) {
  std::string digits = std::to_string(basket);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  return "cart-" + digits;
}

Traffic::Traffic(const std::vector<Basket>& baskets, Options options, Fleet* fleet)
    : baskets_(baskets),
      options_(std::move(options)),
      fleet_(fleet),
      total_(CountItems(baskets)),
      users_(options_.users),
      away_(fleet->size(), false) {
  for (size_t user = 0; user < users_.size(); ++user) TakeNextBasket(user);
}

void Traffic::TakeNextBasket(size_t user) {
  if (next_basket_ == baskets_.size()) return;  // this user goes home
  users_[user] = User();
  users_[user].basket = next_basket_;
  users_[user].node = next_basket_ % options_.nodes_used;
  ++next_basket_;
  ready_.push_back(user);
}

absl::Status Traffic::Run(Disturbance* disturbance) {
  disturbance_ = disturbance;
  fleet_->set_on_event([this](size_t, const CommitEvent& event) { OnEvent(event); });
  last_event_us_ = last_progress_us_ = MonotonicMicros();
  absl::Status status;
  while (status.ok() && finished_ < total_ && !(WindsDown() && outstanding_.empty())) {
    RETURN_IF_ERROR(SendReady());
    if (disturbance_ != nullptr) RETURN_IF_ERROR(disturbance_->OnTurn(this));
    ASSIGN_OR_RETURN(const bool any, fleet_->Pump(kTurn));
    status = CheckProgress(any);
  }
  fleet_->set_on_event(nullptr);
  return status;
}

absl::Status Traffic::CheckProgress(bool any) {
  const int64_t now_us = MonotonicMicros();
  if (any) last_event_us_ = now_us;
  if (now_us - last_progress_us_ > kProgressMicros) {
    last_progress_us_ = now_us;
    std::printf("  %s: %llu of %llu requests\n", options_.label.c_str(),
                static_cast<unsigned long long>(finished_),
                static_cast<unsigned long long>(total_));
    std::fflush(stdout);
  }
  if (now_us > options_.deadline_us) {
    return absl::DeadlineExceededError(options_.label + ": the time for the whole demo is over; " +
                                       "give it more with --time-max-s, or fewer baskets");
  }
  if (now_us - last_event_us_ < kStallMicros) return absl::OkStatus();
  return absl::DeadlineExceededError(options_.label + ": nothing happened for 60 s, with " +
                                     std::to_string(outstanding_.size()) +
                                     " requests on their way");
}

absl::Status Traffic::SendReady() {
  if (WindsDown()) return absl::OkStatus();
  const std::vector<size_t> ready = std::exchange(ready_, {});
  for (const size_t user : ready) RETURN_IF_ERROR(SendRequest(user));
  return absl::OkStatus();
}

absl::Status Traffic::SendRequest(size_t user) {
  User& it = users_[user];
  AvoidStopped(&it);
  it.request = ++last_request_;
  outstanding_[it.request] = user;
  return fleet_->Send(it.node, FormatRequest({.number = it.request,
                                              .session = SessionId(it.basket),
                                              .code = baskets_[it.basket][it.item],
                                              .create = !it.created,
                                              .at_least = it.at_least}));
}

void Traffic::AvoidStopped(User* user) const {
  for (size_t tries = 0; away_[user->node] && tries < options_.nodes_used; ++tries) {
    user->node = (user->node + 1) % options_.nodes_used;
    user->at_least = user->seen;
  }
}

absl::Status Traffic::Reopen(size_t count, size_t bytes_min) {
  for (size_t looked = 0; count > 0 && looked < users_.size(); ++looked) {
    const User& it = users_[next_reopened_++ % users_.size()];
    if (!it.created || it.item * baskets_[it.basket].front().size() < bytes_min) continue;
    RETURN_IF_ERROR(fleet_->Send(
        fleet_->size() - 1,
        FormatRequest({.session = SessionId(it.basket), .code = "-", .reopen = true})));
    --count;
  }
  return absl::OkStatus();
}

void Traffic::OnEvent(const CommitEvent& event) {
  if (disturbance_ != nullptr) disturbance_->OnEvent(event);
  if (event.kind == Kind::kSubmitted) return;
  const auto found = outstanding_.find(event.request);
  if (found == outstanding_.end()) return;
  Finish(found->second, event.kind == Kind::kAcked ? &event : nullptr);
}

void Traffic::Finish(size_t user, const CommitEvent* ack) {
  User& it = users_[user];
  outstanding_.erase(it.request);
  it.request = 0;
  ++finished_;
  if (ack != nullptr) {
    it.created = true;
    it.seen = ack->version;
    it.at_least = 0;
  }
  if (++it.item == baskets_[it.basket].size()) return TakeNextBasket(user);
  if (options_.routing == Routing::kRoundRobin) it.node = (it.node + 1) % options_.nodes_used;
  ready_.push_back(user);
}

void Traffic::MoveAway(size_t user, size_t node) {
  User& it = users_[user];
  if (it.node != node) return;
  it.node = (node + 1 + user % (options_.nodes_used - 1)) % options_.nodes_used;
  it.at_least = it.seen;
}

void Traffic::NodeKilled(size_t node, const std::vector<CommitEvent>& log) {
  std::unordered_map<uint64_t, const CommitEvent*> last_event;
  for (const CommitEvent& event : log) last_event[event.request] = &event;
  for (size_t user = 0; user < users_.size(); ++user) {
    const uint64_t request = users_[user].request;
    if (users_[user].node == node && request != 0) {
      const auto found = last_event.find(request);
      if (found == last_event.end()) {
        outstanding_.erase(request);
        users_[user].request = 0;
        ready_.push_back(user);
      } else {
        Finish(user, found->second->kind == Kind::kAcked ? found->second : nullptr);
      }
    }
  }
  // A basket that has just begun goes to the new process of that name; all others move.
  for (size_t user = 0; user < users_.size(); ++user) {
    if (users_[user].item > 0) MoveAway(user, node);
  }
}

void Traffic::HubKilled() {
  for (User& user : users_) user.at_least = user.seen;
}

void Traffic::NodeStopped(size_t node) {
  away_[node] = true;
  for (size_t user = 0; user < users_.size(); ++user) {
    if (users_[user].node == node && users_[user].request != 0) Finish(user, nullptr);
  }
}

size_t Traffic::CountOutstanding(size_t node) const {
  size_t count = 0;
  for (const auto& [request, user] : outstanding_) count += users_[user].node == node ? 1 : 0;
  return count;
}

}  // namespace sessionhub::bench
