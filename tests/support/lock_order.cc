#include "tests/support/lock_order.h"

#include <algorithm>

#include "tests/support/broken.h"
#include "tests/support/paths.h"

namespace sessionhub::testing {
namespace {

std::string LockOf(SessionNumber session, uint64_t token) {
  return "lock " + std::to_string(token) + " of session " + std::to_string(session);
}

std::string NameOf(const LockOrder::Request& request) {
  return "request " + std::to_string(request.number) + " of " + request.node;
}

}  // namespace

void LockOrder::Asks(SessionNumber session, const Request& request, uint64_t wait_until_us) {
  // Its answer was lost, and is given again.
  const auto lock = locks_.find(session);
  if (lock != locks_.end() && lock->second.holder == request) return;
  std::vector<Waiting>& waiting = waiting_[session];
  const auto again = std::find_if(waiting.begin(), waiting.end(), [&request](const Waiting& other) {
    return other.request == request;
  });
  // In a turn that changes its stream as well it may have been granted on the older one, before
  // whoever has asked since.
  const bool asked_here = !asked_.insert({session, {request.node, request.number}}).second;
  if (again == waiting.end()) {
    waiting.push_back({request, wait_until_us, !asked_here});
  } else {
    again->ordered = false;
  }
}

// In one turn it may be granted, given back and granted again: then who had it in between is seen
// here only, and waits no more.
void LockOrder::GivesBack(SessionNumber session, const std::string& node, uint64_t token) {
  given_back_.insert({session, token});
  const auto lock = locks_.find(session);
  if (lock != locks_.end() && lock->second.token >= token) return;
  std::erase_if(waiting_[session],
                [&node](const Waiting& waiting) { return waiting.request.node == node; });
}

void LockOrder::StreamChanges(const std::string& node) {
  for (auto& [session, waiting] : waiting_) {
    for (const Waiting& one : waiting) {
      if (one.request.node == node) asked_.insert({session, {node, one.request.number}});
    }
    std::erase_if(waiting, [&node](const Waiting& one) { return one.request.node == node; });
  }
}

void LockOrder::HubStarts(const std::map<SessionNumber, Stored>& locks) {
  waiting_.clear();
  given_back_.clear();
  asked_.clear();
  locks_ = locks;
  for (const auto& [session, lock] : locks) {
    if (!lock.holder.node.empty()) stored_[session][lock.token] = lock.holder;
  }
}

absl::Status LockOrder::TurnEnds(const std::map<SessionNumber, Stored>& locks, uint64_t served_us,
                                 uint64_t hub_us) {
  absl::Status status;
  for (const auto& [session, now] : locks) {
    status.Update(Changed(session, locks_[session], now, served_us, hub_us));
  }
  locks_ = locks;
  given_back_.clear();
  asked_.clear();
  for (auto& [session, waiting] : waiting_) {
    std::erase_if(waiting, [hub_us](const Waiting& one) { return one.until_us < hub_us; });
    for (Waiting& one : waiting) one.new_here = false;
  }
  return status;
}

absl::Status LockOrder::Changed(SessionNumber session, const Stored& before, const Stored& now,
                                uint64_t served_us, uint64_t hub_us) {
  if (now.token < before.token) {
    return Broken("MergedNotLost",
                  LockOf(session, before.token) + " is followed by " + LockOf(session, now.token));
  }
  if (now.token > before.token) return Granted(session, before, now, served_us, hub_us);
  if (now.holder == before.holder) return absl::OkStatus();
  const bool over = before.end_us <= served_us || given_back_.contains({session, before.token});
  if (now.holder.node.empty() && over) return absl::OkStatus();
  return Broken("MergedNotLost", LockOf(session, now.token) + " was that of " +
                                     NameOf(before.holder) + ", and is that of " +
                                     NameOf(now.holder));
}

absl::Status LockOrder::Granted(SessionNumber session, const Stored& before, const Stored& now,
                                uint64_t served_us, uint64_t hub_us) {
  const bool held = !before.holder.node.empty() && before.end_us > served_us;
  for (uint64_t token = held ? before.token : before.token + 1; token < now.token; ++token) {
    if (given_back_.contains({session, token})) continue;
    return Broken("MergedNotLost", LockOf(session, now.token) + " is granted, and " +
                                       LockOf(session, token) + " has not ended");
  }
  if (!before.holder.node.empty() && !held) ++taken_over_;
  // Nobody knows who had it if it was given back within its own turn.
  if (now.holder.node.empty()) return absl::OkStatus();
  stored_[session][now.token] = now.holder;
  const absl::Status turn = CheckTurn(session, now.holder, hub_us);
  std::erase_if(waiting_[session],
                [&now](const Waiting& one) { return one.request == now.holder; });
  return turn;
}

// Whoever waits and asked before the one who is granted the lock is passed over.
absl::Status LockOrder::CheckTurn(SessionNumber session, const Request& holder, uint64_t hub_us) {
  const std::vector<Waiting>& waiting = waiting_[session];
  const auto granted = std::find_if(waiting.begin(), waiting.end(), [&holder](const Waiting& one) {
    return one.request == holder;
  });
  if (granted == waiting.end() || !granted->ordered) return absl::OkStatus();
  if (!granted->new_here) ++waited_;
  for (auto earlier = waiting.begin(); earlier != granted; ++earlier) {
    if (!earlier->ordered || earlier->until_us <= hub_us) continue;
    return Broken("MergedNotLost", "the lock of session " + std::to_string(session) + " goes to " +
                                       NameOf(holder) + " before " + NameOf(earlier->request) +
                                       ", which asked earlier");
  }
  return absl::OkStatus();
}

absl::Status LockOrder::Told(SessionNumber session, uint64_t token, const Request& holder,
                             Version version) {
  const auto [before, first] = told_[session].try_emplace(token, Grant{holder, version});
  if (!first && !(before->second.holder == holder)) {
    return Broken("MergedNotLost", LockOf(session, token) + " is that of " +
                                       NameOf(before->second.holder) + " and of " + NameOf(holder));
  }
  const auto stored = stored_[session].find(token);
  if (stored == stored_[session].end() || stored->second == holder) return absl::OkStatus();
  return Broken("MergedNotLost", NameOf(holder) + " is told that it has " + LockOf(session, token) +
                                     ", which is that of " + NameOf(stored->second));
}

absl::Status LockOrder::MergedNotLost(const Ledger& ledger, const StoredSessions& stored) const {
  for (const Write& write : ledger) {
    const auto session = stored.find(write.session);
    const auto told = told_.find(write.session);
    if (write.lock_token == 0 || write.restored == Write::Restored::kLost) continue;
    if (session == stored.end() || told == told_.end()) continue;
    const auto changed = session->second.changed.find(P("mark/" + write.Name()));
    const auto next = told->second.upper_bound(write.lock_token);
    if (changed == session->second.changed.end() || next == told->second.end()) continue;
    if (changed->second <= next->second.version) continue;
    return Broken("MergedNotLost", "delta " + write.Name() + " is applied under " +
                                       LockOf(write.session, write.lock_token) + " at version " +
                                       std::to_string(changed->second) + ", and " +
                                       LockOf(write.session, next->first) + " was granted at " +
                                       std::to_string(next->second.version));
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::testing
