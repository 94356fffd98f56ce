// ClientImpl: drives the ClientMachine. One lock around the machine; gRPC's threads, a timer thread
// and the callers take turns at it. Every step moves frames out and wakes those whose call has
// ended.
//
// Lock order: mutex_ before the locks of Stream and Callbacks. The caller's code (callbacks,
// executor, log sink) is never called with mutex_ held.
#ifndef CLIENT_CPP_SRC_CLIENT_IMPL_H_
#define CLIENT_CPP_SRC_CLIENT_IMPL_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
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

  // The copy is pinned once for the caller.
  absl::StatusOr<CopyRef> Open(const std::string& id, const OpenOptions& options);
  absl::StatusOr<std::shared_ptr<const ViewImpl>> Read(const CopyRef& ref);
  // nullptr if the session has ended, or after fork.
  std::shared_ptr<const ViewImpl> ReadAnyAge(const CopyRef& ref);
  Committed Commit(const CopyRef& ref, Delta delta, std::chrono::milliseconds timeout);
  void Commit(const CopyRef& ref, Delta delta, std::function<void(const Committed&)> done);
  // For what ends without the hub.
  void Tell(std::function<void(const Committed&)> done, Committed committed);
  void Unpin(const CopyRef& ref);

  bool attached() const;
  ClientStats stats() const;
  size_t Close(std::chrono::milliseconds flush);

  const ForkGuard& fork_guard() const { return fork_guard_; }

  void OnFrame(uint64_t stream, const v1::HubFrame& frame) override;
  void OnWritable(uint64_t stream) override;
  void OnEnd(uint64_t stream, const absl::Status& status) override;

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
  // What is left to do without the lock.
  struct Aftermath {
    std::vector<std::function<void()>> callbacks;
    std::vector<std::pair<LogSeverity, std::string>> log;
  };

  // FailedPrecondition if a blocking call may not be made here and now.
  absl::Status CheckMayBlock() const;

  void RunTimer();
  void DestroyEnded() ABSL_LOCKS_EXCLUDED(mutex_);
  void Connect(Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Time NextTick(Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Sends what there is to send and hands on what has ended. After every use of the machine.
  Aftermath Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Send() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Hand(OpenDone done) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Hand(CommitDone done, Aftermath* after) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(Aftermath after) ABSL_LOCKS_EXCLUDED(mutex_);
  Incarnation FreshIncarnation() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status LateOpen(const OpenOptions& options) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ClientOptions options_;
  const ForkGuard fork_guard_;
  Callbacks callbacks_;

  mutable absl::Mutex mutex_;
  ClientMachine machine_ ABSL_GUARDED_BY(mutex_);
  Reconnect reconnect_ ABSL_GUARDED_BY(mutex_);
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Stream> stream_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<Stream>> ended_ ABSL_GUARDED_BY(mutex_);  // to be destroyed elsewhere
  uint64_t stream_number_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writable_ ABSL_GUARDED_BY(mutex_) = false;
  Time connect_at_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<Token, OpenWaiter*> open_waiters_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Token, CommitWaiter*> commit_waiters_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Token, std::function<void(const Committed&)>> commit_callbacks_
      ABSL_GUARDED_BY(mutex_);
  absl::CondVar timer_wake_;
  absl::CondVar quiet_;  // nothing is pending, or the stream is gone
  std::thread timer_;    // set by Start, joined by Close
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_CLIENT_IMPL_H_
