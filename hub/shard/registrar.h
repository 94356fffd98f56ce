// Registrar: the one writer of apps and incarnations, on a thread of its own, since an Attach must
// be durable before it is answered and no gRPC thread may wait for a disk.
//
// It also ends the incarnations that were not seen for the resend horizon: they may not resend any
// more. Their time away is counted in served time, in which some hub has served this data folder,
// so that an outage ends nobody.
#ifndef HUB_SHARD_REGISTRAR_H_
#define HUB_SHARD_REGISTRAR_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/journal/journal.h"
#include "hub/shard/served_time.h"
#include "hub/store/store.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

struct RegistrarOptions {
  AppNumber apps_max = 1000;
  size_t requests_max = 1'000;  // that wait; one more is refused
  uint64_t resend_horizon_us = 24ull * 3600 * 1'000'000;
  size_t swept_max = 256;            // incarnations that one sweep looks at
  std::function<uint64_t()> now_us;  // hub time
  ServedTime served;
  // True for an incarnation that is attached or in its lease. Called on the registrar's thread, on
  // which Register also tells its callers, so that an attach cannot come in between.
  std::function<bool(const Incarnation&)> present;
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

  // Looks at some of the incarnations, each time at the next ones: notes that those present were
  // seen, and ends those away for the resend horizon (at least that long, at most an eighth more
  // and a round of sweeps). `done` is called on the registrar's thread. While one sweep waits,
  // another is dropped with its `done`. To be called every second or so.
  void Sweep(std::function<void()> done = nullptr) ABSL_LOCKS_EXCLUDED(mutex_);

  // Answers what has been asked, then ends the thread.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Request {
    Registration registration;
    Done done;
    std::function<void()> swept;  // instead of both
  };

  void Run();
  absl::StatusOr<Registered> Handle(const Registration& registration);
  absl::StatusOr<AppNumber> FindOrAddApp(const std::string& name, TurnRecord* record);
  absl::StatusOr<bool> FindOrAddIncarnation(const Registration& registration, AppNumber app,
                                            TurnRecord* record);
  absl::Status SweepSome();
  absl::Status Write(TurnRecord record);
  uint64_t SeenEvery() const { return options_.resend_horizon_us / 8; }
  bool IsOver(uint64_t last_seen, uint64_t served_us) const {
    return served_us > last_seen + options_.resend_horizon_us + SeenEvery();
  }
  uint64_t ServedUs() const { return options_.served.At(options_.now_us()); }

  const RegistrarOptions options_;
  Journal* const journal_;
  Store* const store_;

  std::optional<Incarnation> swept_through_;  // of the thread

  absl::Mutex mutex_;
  bool sweep_waits_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Request> requests_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_REGISTRAR_H_
