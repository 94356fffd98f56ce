#include "hub/shard/locks.h"

#include <algorithm>
#include <string>

namespace sessionhub::hub {

bool IsHeld(const stored::Lock& lock, uint64_t served_us) {
  return !lock.owner().empty() && lock.deadline() > served_us;
}

bool IsHeldWith(const stored::Lock& lock, uint64_t token, uint64_t served_us) {
  return IsHeld(lock, served_us) && lock.counter() == token;
}

bool IsHeldBy(const stored::Lock& lock, const Incarnation& owner, uint32_t request,
              uint64_t served_us) {
  return IsHeld(lock, served_us) && lock.request() == request &&
         lock.owner() == Id128ToBytes(owner);
}

uint64_t Grant(const Incarnation& owner, uint32_t request, uint64_t deadline_us,
               stored::Lock* lock) {
  lock->set_owner(Id128ToBytes(owner));
  lock->set_request(request);
  lock->set_deadline(deadline_us);
  lock->set_counter(lock->counter() + 1);
  return lock->counter();
}

void Release(stored::Lock* lock) {
  lock->clear_owner();
  lock->clear_request();
  lock->clear_deadline();
}

absl::Status Locks::Add(SessionNumber session, const LockWaiter& waiter, uint64_t free_at_us) {
  if (size_ >= options_.waiters_max) {
    return absl::ResourceExhaustedError(
        "shard has waiters_max = " + std::to_string(options_.waiters_max) +
        " requests that wait for locks: ask again later");
  }
  auto it = queues_.find(session);
  if (it != queues_.end() && it->second.waiters.size() >= options_.waiters_of_session_max) {
    return absl::ResourceExhaustedError(
        "session has waiters_of_session_max = " + std::to_string(options_.waiters_of_session_max) +
        " requests that wait for its lock: ask again later");
  }
  Queue& queue = queues_[session];
  if (queue.waiters.empty()) queue.free_at_us = free_at_us;
  queue.waiters.push_back(waiter);
  ++size_;
  Note(session);
  return absl::OkStatus();
}

std::optional<LockWaiter> Locks::TakeNext(SessionNumber session) {
  auto it = queues_.find(session);
  if (it == queues_.end()) return std::nullopt;
  std::deque<LockWaiter>& waiters = it->second.waiters;
  const auto next = std::find_if(waiters.begin(), waiters.end(), [&it](const auto& waiter) {
    return waiter.until_us >= it->second.free_at_us;
  });
  if (next == waiters.end()) return std::nullopt;
  LockWaiter taken = *next;
  waiters.erase(next);
  --size_;
  Note(session);
  return taken;
}

void Locks::SetFreeAt(SessionNumber session, uint64_t free_at_us) {
  auto it = queues_.find(session);
  if (it == queues_.end()) return;
  it->second.free_at_us = free_at_us;
  Note(session);
}

std::vector<LockWaiter> Locks::TakeLate(SessionNumber session, uint64_t now_us) {
  std::vector<LockWaiter> late;
  auto it = queues_.find(session);
  if (it == queues_.end()) return late;
  std::deque<LockWaiter>& waiters = it->second.waiters;
  for (auto waiter = waiters.begin(); waiter != waiters.end();) {
    if (waiter->until_us > now_us) {
      ++waiter;
      continue;
    }
    late.push_back(*waiter);
    waiter = waiters.erase(waiter);
    --size_;
  }
  Note(session);
  return late;
}

void Locks::RemoveNode(NodeNumber node) {
  std::vector<SessionNumber> changed;
  for (auto& [session, queue] : queues_) {
    const size_t removed =
        std::erase_if(queue.waiters, [node](const auto& it) { return it.origin.node == node; });
    if (removed == 0) continue;
    size_ -= removed;
    changed.push_back(session);
  }
  for (SessionNumber session : changed) Note(session);
}

std::vector<LockWaiter> Locks::RemoveSession(SessionNumber session) {
  auto it = queues_.find(session);
  if (it == queues_.end()) return {};
  std::vector<LockWaiter> waiters(it->second.waiters.begin(), it->second.waiters.end());
  size_ -= waiters.size();
  it->second.waiters.clear();
  Note(session);
  return waiters;
}

std::vector<SessionNumber> Locks::DueBy(uint64_t now_us) const {
  std::vector<SessionNumber> sessions;
  for (const auto& [due_us, session] : due_) {
    if (due_us > now_us) break;
    sessions.push_back(session);
  }
  return sessions;
}

void Locks::Note(SessionNumber session) {
  auto it = queues_.find(session);
  Queue& queue = it->second;
  due_.erase({queue.due_us, session});
  if (queue.waiters.empty()) {
    queues_.erase(it);
    return;
  }
  queue.due_us = queue.free_at_us;
  for (const LockWaiter& waiter : queue.waiters) {
    queue.due_us = std::min(queue.due_us, waiter.until_us);
  }
  due_.insert({queue.due_us, session});
}

}  // namespace sessionhub::hub
