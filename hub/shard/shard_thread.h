// ShardThread: the thread that runs the turns of one shard: drains the mailbox, runs a turn, again.
// Batches form by themselves while the last sync runs.
#ifndef HUB_SHARD_SHARD_THREAD_H_
#define HUB_SHARD_SHARD_THREAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "hub/shard/mailbox.h"
#include "hub/shard/shard.h"
#include "hub/shard/shard_report.h"
#include "hub/shard/turn_meter.h"

namespace sessionhub::hub {

struct ShardThreadOptions {
  size_t mailbox_bytes_max = 16 << 20;
  size_t turn_inputs_max = 1024;
  std::function<uint64_t()> now_us;  // hub time
  // Called on the shard's thread when a turn has failed; must not return to serving.
  std::function<void(const absl::Status&)> on_failure;
  TurnMeterOptions meter;
};

class ShardThread {
 public:
  // Owns the shard; starts running with Start.
  ShardThread(const ShardThreadOptions& options, std::unique_ptr<Shard> shard);
  ~ShardThread();

  void Start();

  // Runs every input that is already in the mailbox, then ends the thread. Call after the last
  // push.
  void Stop();

  Mailbox& mailbox() { return mailbox_; }

  // Runs `look` on the shard's thread between two turns and waits for it. Returns without running
  // it once the thread has stopped.
  void Inspect(const std::function<void(const Shard&)>& look) ABSL_LOCKS_EXCLUDED(mutex_);

  // As of the end of a turn, about a tenth of a second ago while there are turns; never waits for
  // one.
  ShardReport report() const ABSL_LOCKS_EXCLUDED(report_mutex_);

  uint64_t slow_commits() const { return meter_.slow_commits(); }

 private:
  void Run();
  absl::Status RunTurns(absl::Span<const Input> inputs, uint64_t since_ns);
  void Report() ABSL_LOCKS_EXCLUDED(report_mutex_);
  void RunInspections() ABSL_LOCKS_EXCLUDED(mutex_);

  struct Inspection {
    const std::function<void(const Shard&)>* look = nullptr;
    bool done = false;
  };

  const ShardThreadOptions options_;
  const std::unique_ptr<Shard> shard_;
  TurnMeter meter_;
  Mailbox mailbox_;
  std::thread thread_;

  absl::Mutex mutex_;
  std::vector<Inspection*> inspections_ ABSL_GUARDED_BY(mutex_);
  bool running_ ABSL_GUARDED_BY(mutex_) = false;

  uint64_t reported_ns_ = 0;  // the thread's
  mutable absl::Mutex report_mutex_;
  ShardReport report_ ABSL_GUARDED_BY(report_mutex_);
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_SHARD_THREAD_H_
