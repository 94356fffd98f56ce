#include "sessionhub/lock.h"

#include <algorithm>
#include <string>
#include <utility>

#include "client/cpp/src/lock_impl.h"
#include "client/cpp/src/session_impl.h"
#include "proto/session/error_codes.h"
#include "proto/session/refusal.h"
#include "sessionhub/session.h"

namespace sessionhub {

using std::chrono::steady_clock;

SessionLock::SessionLock(std::unique_ptr<client::LockImpl> impl) : impl_(std::move(impl)) {}
SessionLock::SessionLock(SessionLock&&) noexcept = default;

SessionLock& SessionLock::operator=(SessionLock&& other) noexcept {
  if (this == &other) return *this;
  Unlock();
  impl_ = std::move(other.impl_);
  return *this;
}

SessionLock::~SessionLock() {
  Unlock();
}

uint64_t SessionLock::token() const {
  return impl_ ? impl_->granted.token : 0;
}
uint64_t SessionLock::version() const {
  return impl_ ? impl_->granted.version : 0;
}

absl::Status SessionLock::Prolong(std::chrono::milliseconds lease,
                                  std::chrono::milliseconds timeout) {
  if (!impl_) {
    return ErrorStatus(ClientError::kLockGivenBack, "the lock was given back: ask for it again");
  }
  const absl::StatusOr<client::GrantedLock> granted = impl_->session->client->Lock(
      impl_->session->ref, {lease, std::chrono::milliseconds(0), impl_->granted.token}, timeout);
  // Without an answer the lease may have been prolonged.
  if (granted.ok() || absl::IsUnavailable(granted.status())) {
    impl_->until = std::max(impl_->until, steady_clock::now() + lease);
  }
  return granted.status();
}

void SessionLock::Unlock() {
  const std::unique_ptr<client::LockImpl> impl = std::move(impl_);
  if (!impl) return;
  impl->session->client->Unlock(impl->session->ref, impl->granted.token, impl->until);
}

absl::StatusOr<SessionLock> Session::Lock(const LockOptions& options) {
  absl::StatusOr<client::GrantedLock> granted =
      impl_->client->Lock(impl_->ref, {options.lease, options.wait, 0}, options.timeout);
  if (!granted.ok()) return granted.status();
  auto lock = std::make_unique<client::LockImpl>();
  lock->session = impl_;
  lock->granted = *granted;
  lock->until = steady_clock::now() + options.lease;
  return SessionLock(std::move(lock));
}

Edit& Edit::UnderLock(const SessionLock& lock) {
  if (!lock.impl_) {
    impl_->Fail(RefusalStatus(v1::LOCK_LOST, "the lock was given back: ask for it again"));
  } else if (lock.impl_->session->ref.number != impl_->session->ref.number) {
    impl_->Fail(absl::InvalidArgumentError("the lock is another session's"));
  } else {
    impl_->delta.lock_token = lock.impl_->granted.token;
  }
  return *this;
}

}  // namespace sessionhub
