// Registrar: the Roster on a thread of its own, since an Attach must be durable before it is
// answered and no gRPC thread may wait for a disk.
#ifndef HUB_SHARD_REGISTRAR_H_
#define HUB_SHARD_REGISTRAR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/journal/journal.h"
#include "hub/shard/roster.h"
#include "hub/store/store.h"

namespace sessionhub::hub {

// `present` is called on the registrar's thread, on which Register also tells its callers.
struct RegistrarOptions : RosterOptions {
  size_t requests_max = 1'000;  // that wait; one more is refused
};

class Registrar {
 public:
  // `journal` and `store` are not owned.
  Registrar(const RegistrarOptions& options, Journal* journal, Store* store);
  ~Registrar();

  using Done = std::function<void(absl::StatusOr<Registered>)>;

  // Makes app and incarnation known, durably, then calls `done` on the registrar's thread.
  // ResourceExhausted past apps_max. Returns ResourceExhausted at once, and never calls `done`,
  // past requests_max.
  absl::Status Register(Registration registration, Done done) ABSL_LOCKS_EXCLUDED(mutex_);

  // A Roster::Sweep; `done` is called on the registrar's thread. While one sweep waits, another is
  // dropped with its `done`.
  void Sweep(std::function<void()> done = nullptr) ABSL_LOCKS_EXCLUDED(mutex_);

  struct Fill {
    size_t requests = 0;   // that wait
    uint64_t refused = 0;  // past requests_max, since the start
  };
  Fill fill() const ABSL_LOCKS_EXCLUDED(mutex_);
  size_t requests_max() const { return requests_max_; }

  // Answers what has been asked, then ends the thread.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Request {
    Registration registration;
    Done done;
    std::function<void()> swept;  // instead of both
  };

  void Run();

  const size_t requests_max_;
  Roster roster_;  // the thread's

  mutable absl::Mutex mutex_;
  uint64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  bool sweep_waits_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Request> requests_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_REGISTRAR_H_
