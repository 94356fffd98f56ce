// The calls about ids, and about many sessions.
#include <utility>

#include "absl/time/time.h"
#include "client/cpp/src/client_impl.h"
#include "proto/session/error_codes.h"

namespace sessionhub::client {

absl::Status ClientImpl::ChangeId(const CopyRef& ref, const std::string& id,
                                  std::chrono::milliseconds alias_window,
                                  std::chrono::milliseconds timeout) {
  if (absl::Status status = CheckMayBlock(); !status.ok()) return status;
  const absl::Time deadline = absl::Now() + absl::FromChrono(timeout);
  IdChangeWaiter waiter;
  Aftermath after;
  {
    absl::MutexLock lock(&mutex_);
    absl::StatusOr<Token> token = machine_.ChangeId(ref, id, alias_window);
    if (!token.ok()) return token.status();
    id_change_waiters_[*token] = &waiter;
    after = Step();
    while (!waiter.result && !waiter.done.WaitWithDeadline(&mutex_, deadline)) {
    }
    id_change_waiters_.erase(*token);
    if (!waiter.result) {
      waiter.result = Late(ErrorStatus(
          ClientError::kNoAnswer, "no answer within " + std::to_string(timeout.count()) +
                                      " ms: the id change stays pending and is still asked for"));
    }
  }
  Finish(std::move(after));
  return *std::move(waiter.result);
}

std::optional<std::string> ClientImpl::IdOf(const CopyRef& ref) {
  if (fork_guard_.forked()) return std::nullopt;
  absl::MutexLock lock(&mutex_);
  return machine_.IdOf(ref);
}

absl::StatusOr<std::shared_ptr<UnaryCalls>> ClientImpl::Unary() {
  if (absl::Status status = CheckMayBlock(); !status.ok()) return status;
  std::shared_ptr<UnaryCalls> before;  // destroyed after the lock is released
  absl::MutexLock lock(&mutex_);
  if (!machine_.standing().ok()) return machine_.standing();
  if (!unary_ || unary_endpoint_ != reconnect_.endpoint()) {
    before = std::move(unary_);
    unary_endpoint_ = reconnect_.endpoint();
    unary_ = UnaryCalls::To(unary_endpoint_, options_);
  }
  return unary_;
}

void ClientImpl::Hand(IdChangeDone done) {
  auto waiter = id_change_waiters_.find(done.token);
  if (waiter == id_change_waiters_.end()) return;  // the caller's wait ended before
  waiter->second->result = std::move(done.status);
  waiter->second->done.Signal();
}

}  // namespace sessionhub::client
