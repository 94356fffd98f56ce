// SessionLock: the lock of a session, for as long as a lease. Part of the public API (C++17).
//
//   absl::StatusOr<SessionLock> lock = session.Lock();
//   if (!lock.ok()) return lock.status();                       // somebody else has it
//   Edit edit = session.Begin();
//   edit.UnderLock(*lock).Set("order/state", "paid");           // refused if the lock was lost
//
// A lock stops nobody from changing the session. It keeps others from getting the lock, and an Edit
// UnderLock from being applied once it is lost. Most changes need none: changes of different fields
// and increments never undo each other, and IfUnchangedSince guards what was read.
#ifndef SESSIONHUB_LOCK_H_
#define SESSIONHUB_LOCK_H_

#include <chrono>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "sessionhub/export.h"

namespace sessionhub {

namespace client {
struct LockImpl;
}  // namespace client

// For how long Session::Lock asks for the lock, and how long it waits. A lease or wait
// out of range is InvalidArgument.
struct LockOptions {
  // The lock ends by itself this long after it was granted or last prolonged: 1 ms to 10 minutes.
  // Counted by the hub, in time in which it serves.
  std::chrono::milliseconds lease{30'000};
  // How long to wait while somebody else has it: 0 to 60 s. Who waits gets it in the order of
  // asking, but for a restart of the hub.
  std::chrono::milliseconds wait{0};
  // How much longer the hub's answer is waited for.
  std::chrono::milliseconds timeout{5'000};
};

// A lock that was granted. It ends with Unlock, with this object, with the session, or with its
// lease; not with the connection, nor with the hub. Move-only; belongs to one thread at a time.
class SESSIONHUB_EXPORT SessionLock {
 public:
  SessionLock(SessionLock&&) noexcept;
  SessionLock& operator=(SessionLock&&) noexcept;
  // As Unlock.
  ~SessionLock();

  // Names this grant: of two of one life of a session, the later one has the greater token. It can
  // be given to another store, which then refuses whoever comes with a smaller one; the next life
  // of the id, and a hub whose data were restored, begin anew. 0 once it was given back or moved
  // from.
  uint64_t token() const;
  // The session's version when the lock was granted. A View of at least this version has all that
  // earlier holders have changed. With Interest::kPush Read gives one from then on; otherwise open
  // the session again with OpenOptions::at_least_version.
  uint64_t version() const;

  // The lock ends `lease` (1 ms to 10 minutes) from when the hub hears of this. Waits for the
  // answer, at most `timeout`. Errors: Aborted if the lock is lost; FailedPrecondition if it was
  // given back or moved from, and as for Session::Lock; InvalidArgument; NotFound if the session
  // has ended; Unavailable if the hub did not answer: the lease may have been prolonged, or not.
  absl::Status Prolong(std::chrono::milliseconds lease, std::chrono::milliseconds timeout);

  // Gives the lock back, without waiting. The hub hears of it once the commits made under it are
  // answered; if it cannot be told, the lock ends with its lease.
  void Unlock();

 private:
  friend class Session;
  friend class Edit;
  explicit SessionLock(std::unique_ptr<client::LockImpl> impl);

  std::unique_ptr<client::LockImpl> impl_;
};

}  // namespace sessionhub

#endif  // SESSIONHUB_LOCK_H_
