// ClientImpl: drives the ClientMachine. One lock around the machine; gRPC's threads, a timer thread
// and the callers take turns at it. Every step moves frames out and wakes those whose call has
// ended.
//
// Lock order: mutex_ before the locks of Stream, Callbacks and Subscriptions. The caller's code
// (callbacks, executor, log sink) is never called with mutex_ held.
#ifndef CLIENT_CPP_SRC_CLIENT_IMPL_H_
#define CLIENT_CPP_SRC_CLIENT_IMPL_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "client/cpp/src/callbacks.h"
#include "client/cpp/src/client_machine.h"
#include "client/cpp/src/fork_guard.h"
#include "client/cpp/src/reconnect.h"
#include "client/cpp/src/stream.h"
#include "client/cpp/src/subscriptions.h"
#include "client/cpp/src/unary_calls.h"
#include "sessionhub/client.h"

namespace sessionhub::client {

// Thread-safe. Owned by the Client and by its Session handles. Close ends its threads.
class ClientImpl final : public StreamEvents, public std::enable_shared_from_this<ClientImpl> {
 public:
  // `options` must be legal.
  explicit ClientImpl(ClientOptions options);
  ~ClientImpl() override = default;

  // Starts the timer, which connects.
  void Start();

  // Each copy is pinned once for the caller.
  std::vector<absl::StatusOr<CopyRef>> Open(const std::vector<std::string>& ids,
                                            const OpenOptions& options);
  absl::Status Evict(const std::string& id);
  absl::StatusOr<std::shared_ptr<Subscriber>> Subscribe(const CopyRef& ref,
                                                        std::function<void(const Event&)> callback);
  void Unsubscribe(const std::shared_ptr<Subscriber>& subscriber);
  absl::StatusOr<std::shared_ptr<const ViewImpl>> Read(const CopyRef& ref,
                                                       const ReadOptions& options);
  // What an Edit is built on. nullptr if the session has ended, or after fork.
  std::shared_ptr<const ViewImpl> Begin(const CopyRef& ref);
  Committed Commit(const CopyRef& ref, Delta delta, Ack ack, std::chrono::milliseconds timeout,
                   Splices splices = {});
  void Commit(const CopyRef& ref, Delta delta, Ack ack, std::function<void(const Committed&)> done,
              Splices splices = {});
  // A commit was refused before it came here.
  void NoteRefused(const CopyRef& ref);
  // For what ends without the hub.
  void Tell(std::function<void(const Committed&)> done, Committed committed);
  void Unpin(const CopyRef& ref);
  absl::Status ChangeId(const CopyRef& ref, const std::string& id,
                        std::chrono::milliseconds alias_window, std::chrono::milliseconds timeout);
  // As Session::Lock, or SessionLock::Prolong; waits for the answer `timeout` longer than the hub.
  absl::StatusOr<GrantedLock> Lock(const CopyRef& ref, const LockWish& wish,
                                   std::chrono::milliseconds timeout);
  void Unlock(const CopyRef& ref, uint64_t lock_token, Time until);
  // Nothing if there is no copy any more, or after fork.
  std::optional<std::string> IdOf(const CopyRef& ref);

  // The calls of the hub's endpoint that is in use. FailedPrecondition if a blocking call may not
  // be made here and now, and after Close.
  absl::StatusOr<std::shared_ptr<UnaryCalls>> Unary();
  const std::string& app() const { return options_.app; }

  bool attached() const;
  ClientStats stats() const;
  size_t Close(std::chrono::milliseconds flush);

  const ForkGuard& fork_guard() const { return fork_guard_; }

  void OnFrame(uint64_t stream, const v1::HubFrame& frame) override;
  void OnWritable(uint64_t stream) override;
  void OnEnd(uint64_t stream, const absl::Status& status) override;

  bool verifies() const { return options_.verify && !fork_guard_.forked(); }
  // One line for the log sink, from outside of the client.
  void Warn(const std::string& line) const {
    if (options_.log_sink) options_.log_sink(LogSeverity::kWarning, line);
  }

 private:
  // A call that waits; lives on the stack of its caller.
  struct OpenWaiter {
    absl::CondVar done;
    std::optional<absl::StatusOr<CopyRef>> result;
  };
  struct CommitWaiter {
    absl::CondVar done;
    std::optional<Committed> result;
  };
  struct IdChangeWaiter {
    absl::CondVar done;
    std::optional<absl::Status> result;
  };
  struct LockWaiter {
    absl::CondVar done;
    std::optional<absl::StatusOr<GrantedLock>> result;
  };
  // What is left to do without the lock, by Finish. Close waits for it: the caller's code may be
  // gone afterwards.
  struct Aftermath {
    std::vector<std::function<void()>> callbacks;
    std::vector<std::pair<LogSeverity, std::string>> log;
    bool counted = false;  // in unfinished_
  };

  // FailedPrecondition if a blocking call may not be made here and now.
  absl::Status CheckMayBlock() const;
  absl::Status CheckMayOpen(size_t count) const;

  void RunTimer();
  void TakeLeave(absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DestroyEnded() ABSL_LOCKS_EXCLUDED(mutex_);
  bool MayConnect() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // If it is time to.
  void Connect() ABSL_LOCKS_EXCLUDED(mutex_);
  Time NextTick(Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Sends what there is to send and hands on what has ended. After every use of the machine.
  Aftermath Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Send() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Hand(const CopyEvent& event, Aftermath* after) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tells a subscriber its next event, and comes back for the one after it.
  void TellNext(const std::shared_ptr<Subscriber>& subscriber);
  void Hand(OpenDone done) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Hand(CommitDone done, Aftermath* after) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Hand(IdChangeDone done) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Hand(LockDone done) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Before the lock is released under which something was left to do.
  void Count(Aftermath* after) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(Aftermath after) ABSL_LOCKS_EXCLUDED(mutex_);
  void AwaitFinished() ABSL_LOCKS_EXCLUDED(mutex_);
  Incarnation FreshIncarnation() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status LateOpen(const OpenOptions& options) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status LateCommit(std::chrono::milliseconds timeout) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What a caller is told whose time is over: `late`, and why the hub is not there. If it does not
  // let this client in, that is the code, too.
  absl::Status Late(const absl::Status& late) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::pair<LogSeverity, std::string> LineOfEnd(const absl::Status& status) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ClientOptions options_;
  const ForkGuard fork_guard_;
  Callbacks callbacks_;
  Subscriptions subscriptions_;

  mutable absl::Mutex mutex_;
  ClientMachine machine_ ABSL_GUARDED_BY(mutex_);
  Reconnect reconnect_ ABSL_GUARDED_BY(mutex_);
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Stream> stream_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Stream>> ended_ ABSL_GUARDED_BY(mutex_);  // to be destroyed elsewhere
  uint64_t stream_number_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status last_end_ ABSL_GUARDED_BY(mutex_);    // of a stream, since the hub was reached
  bool connecting_ ABSL_GUARDED_BY(mutex_) = false;  // stream_ is about to be there
  bool writable_ ABSL_GUARDED_BY(mutex_) = false;
  Time connect_at_ ABSL_GUARDED_BY(mutex_);
  Time tick_at_ ABSL_GUARDED_BY(mutex_) = Time::max();  // when the timer wakes by itself
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  size_t unfinished_ ABSL_GUARDED_BY(mutex_) = 0;  // aftermaths that tell the caller something
  bool leaving_ ABSL_GUARDED_BY(mutex_) = false;   // does not come back any more
  std::shared_ptr<UnaryCalls> unary_ ABSL_GUARDED_BY(mutex_);  // to unary_endpoint_
  std::string unary_endpoint_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Token, OpenWaiter*> open_waiters_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Token, CommitWaiter*> commit_waiters_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Token, IdChangeWaiter*> id_change_waiters_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Token, LockWaiter*> lock_waiters_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Token, std::function<void(const Committed&)>> commit_callbacks_
      ABSL_GUARDED_BY(mutex_);
  absl::CondVar timer_wake_;
  absl::CondVar quiet_;  // nothing is pending, the stream is gone, or nothing is unfinished
  std::thread timer_;    // set by Start, joined by Close
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_CLIENT_IMPL_H_
