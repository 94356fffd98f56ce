// Generator: one node's commits, as a load asks for them, and how long each took. With a rate the
// loop is open: a commit's latency counts from when it was meant to begin, so that a hub which is
// slow for a second is charged with all that should have begun in it (no coordinated omission).
#ifndef BENCH_LOAD_GENERATOR_H_
#define BENCH_LOAD_GENERATOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/load/histogram.h"
#include "sessionhub/client.h"

namespace sessionhub::bench {

struct GeneratorOrder {
  double per_s = 0;          // commits that begin in a second; 0: each as soon as one ends
  size_t in_flight_max = 1;  // commits without an answer; one more waits, and its clock runs
  size_t session_fields = 1;
  size_t fields = 1;  // that a commit sets, of the session_fields, one after the other
  size_t value_bytes = 16;
  Ack ack = Ack::kDurable;
  double warm_up_s = 0;  // commits that are meant to begin in it are not counted
  double seconds = 1;    // after the warm-up
  double delay_s = 0;  // of the begin, with a rate: so that nodes do not all commit at one instant
};

struct GeneratorCounts {
  LatencyHistogram
      latency;          // of those counted, which were applied (or received, if that was asked)
  uint64_t all = 0;     // the same, with the warm-up's
  uint64_t failed = 0;  // refused, or ended unknown
  std::string first_error;
};

// Each commit is on the next session.
class Generator {
 public:
  // Neither is owned; there is at least one session.
  Generator(const std::vector<Session>& sessions, const GeneratorOrder& order)
      : sessions_(sessions), order_(order) {}

  // Returns once the last commit is answered. DeadlineExceeded if one is not within a minute.
  absl::StatusOr<GeneratorCounts> Run();

 private:
  void RunBlocking();
  void RunOpen();
  absl::Status AwaitAnswers();
  // A commit that is to begin, and when it was meant to.
  struct Due {
    Edit edit;
    int64_t meant_us = 0;
  };
  Edit NextEdit() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<Due> TakeDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SubmitDue() ABSL_LOCKS_EXCLUDED(mutex_);
  void Submit(Due due) ABSL_LOCKS_EXCLUDED(mutex_);
  void Count(int64_t meant_us, const Committed& committed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int64_t IntervalsUs(uint64_t count) const {
    return static_cast<int64_t>(static_cast<double>(count) * 1e6 / order_.per_s);
  }

  const std::vector<Session>& sessions_;
  const GeneratorOrder order_;
  int64_t begun_us_ = 0;
  int64_t counted_us_ = 0;  // from then on
  int64_t end_us_ = 0;      // none is meant to begin after that

  absl::Mutex mutex_;
  uint64_t begun_ ABSL_GUARDED_BY(mutex_) = 0;  // commits
  size_t in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  GeneratorCounts counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::bench

#endif  // BENCH_LOAD_GENERATOR_H_
