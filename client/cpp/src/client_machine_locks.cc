// How this node asks for locks, and gives them back.
#include <algorithm>
#include <string>
#include <utility>

#include "client/cpp/src/client_machine.h"
#include "client/cpp/src/frame_room.h"
#include "proto/session/error_codes.h"
#include "proto/session/refusal.h"

namespace sessionhub::client {
namespace {

using std::chrono::milliseconds;

// The hub bounds them too; beyond, they are mistakes.
constexpr milliseconds kLeaseMax{600'000};
constexpr milliseconds kWaitMax{60'000};
constexpr size_t kLockBytesMax = 64;

absl::Status CheckRange(const char* what, milliseconds given, milliseconds least,
                        milliseconds most) {
  if (given >= least && given <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      std::string(what) + " must be from " + std::to_string(least.count()) + " to " +
      std::to_string(most.count()) + " ms, not " + std::to_string(given.count()));
}

}  // namespace

absl::Status ClientMachine::CheckLocks() const {
  if (agreed(v1::FEATURE_LOCKS)) return absl::OkStatus();
  return ErrorStatus(v1::UNSUPPORTED, "this hub offers no locks");
}

absl::StatusOr<Token> ClientMachine::Lock(const CopyRef& ref, const LockWish& wish, Time now) {
  if (!standing_.ok()) return standing_;
  if (absl::Status status = CheckLocks(); !status.ok()) return status;
  if (absl::Status status = CheckRange("lease", wish.lease, milliseconds(1), kLeaseMax);
      !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckRange("wait", wish.wait, milliseconds(0), kWaitMax);
      !status.ok()) {
    return status;
  }
  if (!sessions_.cache().Find(ref)) {
    return ErrorStatus(v1::GONE, "the session has ended: open its id again");
  }
  if (absl::Status added = locks_.Add(last_token_ + 1, ref.number, wish, now); !added.ok()) {
    return added;
  }
  return ++last_token_;
}

void ClientMachine::Unlock(const CopyRef& ref, uint64_t lock_token, Time until) {
  // A copy that is gone may have been of another history, whose tokens say nothing of this one's.
  if (!standing_.ok() || !sessions_.cache().Find(ref)) return;
  locks_.Return(ref.number, lock_token, until);
}

bool ClientMachine::HasWritesUnder(const LockReturn& lock) const {
  const std::vector<PendingWrite*>& writes = sessions_.writes().Of(lock.number);
  return std::any_of(writes.begin(), writes.end(), [&lock](const PendingWrite* write) {
    return !write->answered && write->delta.lock_token == lock.lock_token;
  });
}

void ClientMachine::FillLocks(v1::NodeFrame* frame, Time now) {
  if (!agreed(v1::FEATURE_LOCKS)) return;
  size_t room = std::min(RequestRoom(*frame), limits_.frame_bytes_max / 4 / kLockBytesMax + 1);
  // What is committed under a lock needs it until that is answered.
  const auto may_go = [this](const LockReturn& lock) { return !HasWritesUnder(lock); };
  if (locks_.HasReturns()) {
    for (const LockReturn& lock : locks_.TakeReturns(room, may_go)) {
      v1::Unlock* unlock = frame->add_unlocks();
      unlock->set_number(lock.number);
      unlock->set_token(lock.lock_token);
      --room;
    }
  }
  for (LockRequest* request = locks_.NextUnsent(); request && room > 0;
       request = locks_.NextUnsent(), --room) {
    const Time until = std::max(request->wait_until, now);
    v1::LockRequest* lock = frame->add_locks();
    lock->set_request(request->request);
    lock->set_number(request->number);
    lock->set_lease_ms(static_cast<uint64_t>(request->lease.count()));
    lock->set_wait_ms(
        static_cast<uint64_t>(std::chrono::duration_cast<milliseconds>(until - now).count()));
    lock->set_token(request->prolongs);
    request->sent = request->sent_ever = true;
  }
}

void ClientMachine::OnLockAnswer(const v1::Answer& answer, Time now) {
  LockRequest* request = locks_.Find(answer.request());
  if (!request) return;
  if (answer.has_refused()) {
    const absl::Status why = StatusOf({answer.refused().reason(), answer.refused().message()});
    if (request->wanted) locks_done_.push_back({request->token, why});
    locks_.Take(answer.request());
    return;
  }
  request->lock_token = answer.lock_token();
  request->version = answer.version();
  request->until = now + request->lease;
  if (!request->wanted) locks_.Forget(request->token);
}

// A holder is to read what those before it wrote: a copy that follows the session gets there by
// itself.
bool ClientMachine::Lags(const LockRequest& request) const {
  const Copy* copy = sessions_.cache().Find(request.number);
  return copy && copy->interest == Interest::kPush && copy->version < request.version;
}

void ClientMachine::TellLocks(Time now) {
  if (locks_.size() == 0) return;
  locks_.AskAgain(now);
  const auto ready = [this](const LockRequest& request) {
    return request.prolongs != 0 || !Lags(request);
  };
  for (const LockRequest& request : locks_.TakeGranted(ready)) {
    locks_done_.push_back({request.token, GrantedLock{request.lock_token, request.version}});
  }
}

void ClientMachine::EndLocks(const absl::Status& why) {
  for (Token token : locks_.Clear()) locks_done_.push_back({token, why});
}

}  // namespace sessionhub::client
