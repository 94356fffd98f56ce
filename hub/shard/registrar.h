// Registrar: the one writer of apps and incarnations, on a thread of its own, since an Attach must
// be durable before it is answered and no gRPC thread may wait for a disk.
#ifndef HUB_SHARD_REGISTRAR_H_
#define HUB_SHARD_REGISTRAR_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/journal/journal.h"
#include "hub/store/store.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

struct RegistrarOptions {
  AppNumber apps_max = 1000;
  size_t requests_max = 1'000;  // that wait; one more is refused
  std::function<uint64_t()> now_us;
  std::function<void(const absl::Status&)> on_failure;  // as ShardThreadOptions::on_failure
};

// A node that asks to attach.
struct Registration {
  std::string app;
  std::string node_name;
  Incarnation incarnation{};
  bool known_before = false;
};

struct Registered {
  AppNumber app = 0;
  // The incarnation says that it was attached before, and this hub does not know it: it may not
  // resend.
  bool incarnation_ended = false;
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

  // Answers what has been asked, then ends the thread.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Request {
    Registration registration;
    Done done;
  };

  void Run();
  absl::StatusOr<Registered> Handle(const Registration& registration);
  absl::StatusOr<AppNumber> FindOrAddApp(const std::string& name, TurnRecord* record);

  const RegistrarOptions options_;
  Journal* const journal_;
  Store* const store_;

  absl::Mutex mutex_;
  std::deque<Request> requests_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_REGISTRAR_H_
