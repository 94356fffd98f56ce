// Locks: how a stored lock is granted, prolonged and given back, and who waits for the locks of
// sessions. What is granted is stored in the session's meta; who waits is known to this hub process
// only, first come first served. Pure: time is an argument.
#ifndef HUB_SHARD_LOCKS_H_
#define HUB_SHARD_LOCKS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "hub/record/turn_record.h"
#include "hub/shard/input.h"
#include "hub/shard/shard_machine_options.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

inline constexpr uint64_t kLockLeaseUsMax = 600'000'000;
inline constexpr uint64_t kLockWaitUsMax = 60'000'000;

// ---- the stored lock; times are served time (served_time.h), so that an outage ends no lease ----

// A lock is held until its deadline, and not at it.
bool IsHeld(const stored::Lock& lock, uint64_t served_us);
bool IsHeldWith(const stored::Lock& lock, uint64_t token, uint64_t served_us);
// True if this very request was granted the lock that is held: it is asked again after a cut.
bool IsHeldBy(const stored::Lock& lock, const Incarnation& owner, uint32_t request,
              uint64_t served_us);

// Gives the lock, whoever held it, and returns its token: greater than every token that this
// session's lock has had before.
uint64_t Grant(const Incarnation& owner, uint32_t request, uint64_t deadline_us,
               stored::Lock* lock);
// Nobody holds the lock; the next token is still greater than the last.
void Release(stored::Lock* lock);

// ---- those who wait; times are hub time ----

struct LockWaiter {
  Origin origin;
  uint32_t request = 0;
  Incarnation owner{};
  uint64_t lease_us = 0;
  uint64_t until_us = 0;  // its wait ends
};

// The waiters of one shard. Not thread-safe.
class Locks {
 public:
  explicit Locks(const LocksOptions& options) : options_(options) {}

  // Waits behind those who wait already; if nobody does, `free_at_us` is when the stored lock will
  // have ended. ResourceExhausted past a bound, naming it.
  absl::Status Add(SessionNumber session, const LockWaiter& waiter, uint64_t free_at_us);
  bool HasWaiters(SessionNumber session) const { return queues_.contains(session); }

  // Takes the first of those whose wait had not ended when the lock became free. Those before it
  // stay for TakeLate.
  std::optional<LockWaiter> TakeNext(SessionNumber session);
  // The stored lock ends, or has ended, at another time than was said before.
  void SetFreeAt(SessionNumber session, uint64_t free_at_us);
  // Takes those whose wait has ended by `now_us`, in order.
  std::vector<LockWaiter> TakeLate(SessionNumber session, uint64_t now_us);

  // The stream of this node is gone, and so are its waiters.
  void RemoveNode(NodeNumber node);
  // The session is no more. Returns its waiters, in order.
  std::vector<LockWaiter> RemoveSession(SessionNumber session);

  // Sessions with something to do by `now_us`: their lock is free, or somebody's wait has ended.
  std::vector<SessionNumber> DueBy(uint64_t now_us) const;

  size_t size() const { return size_; }

 private:
  struct Queue {
    std::deque<LockWaiter> waiters;  // never empty
    uint64_t free_at_us = 0;
    uint64_t due_us = 0;  // as in due_
  };

  // After each change of a queue: forgets an empty one, else notes when it is due.
  void Note(SessionNumber session);

  LocksOptions options_;
  absl::flat_hash_map<SessionNumber, Queue> queues_;
  absl::btree_set<std::pair<uint64_t, SessionNumber>> due_;  // one for each queue
  size_t size_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_LOCKS_H_
