// The calls about locks.
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "client/cpp/src/client_impl.h"
#include "proto/session/error_codes.h"

namespace sessionhub::client {

using std::chrono::steady_clock;

absl::StatusOr<GrantedLock> ClientImpl::Lock(const CopyRef& ref, const LockWish& wish,
                                             std::chrono::milliseconds timeout) {
  if (absl::Status status = CheckMayBlock(); !status.ok()) return status;
  const absl::Duration patience = absl::FromChrono(wish.wait) + absl::FromChrono(timeout);
  const absl::Time deadline = absl::Now() + patience;
  LockWaiter waiter;
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    absl::StatusOr<Token> token = machine_.Lock(ref, wish, steady_clock::now());
    if (!token.ok()) return token.status();
    lock_waiters_[*token] = &waiter;
    after = Step();
    while (!waiter.result && !waiter.done.WaitWithDeadline(&mutex_, deadline)) {
    }
    lock_waiters_.erase(*token);
    if (!waiter.result) {
      machine_.ForgetLock(*token);
      waiter.result = Late(ErrorStatus(ClientError::kLockUnanswered,
                                       "no answer within " +
                                           std::to_string(absl::ToInt64Milliseconds(patience)) +
                                           " ms: whatever was granted is given back"));
    }
  }
  Finish(std::move(after));
  return *std::move(waiter.result);
}

void ClientImpl::Unlock(const CopyRef& ref, uint64_t lock_token, Time until) {
  if (fork_guard_.forked()) return;
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    if (closing_) return;
    machine_.Unlock(ref, lock_token, until);
    after = Step();
  }
  Finish(std::move(after));
}

void ClientImpl::Hand(LockDone done) {
  auto waiter = lock_waiters_.find(done.token);
  if (waiter == lock_waiters_.end()) return;
  waiter->second->result = std::move(done.lock);
  waiter->second->done.Signal();
}

}  // namespace sessionhub::client
