// Round: what is waited for at many streams at once, and rounds for as long as a measurement takes.
//
// Thread-safety: one thread begins and awaits, any thread hears.
#ifndef BENCH_LIMITS_ROUND_H_
#define BENCH_LIMITS_ROUND_H_

#include <atomic>
#include <cstddef>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/limits/meter.h"

namespace sessionhub::bench {

class Round {
 public:
  // From now on so many things are to be heard. Not before the last round was awaited.
  void Begin(size_t count) ABSL_LOCKS_EXCLUDED(mutex_);
  void Hear(size_t count = 1) ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until all are. DeadlineExceeded after 10 s.
  absl::Status Await() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  std::atomic<size_t> missing_ = 0;
  absl::Mutex mutex_;
  bool all_heard_ ABSL_GUARDED_BY(mutex_) = true;
};

// Calls `round` again and again, until the stretch is over or one fails.
absl::StatusOr<Meter> MeasureRounds(const Stretch& stretch,
                                    const std::function<absl::Status()>& round);

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_ROUND_H_
