#include "bench/limits/round.h"

#include <chrono>
#include <string>

#include "absl/time/time.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr absl::Duration kRoundMax = absl::Seconds(10);

}  // namespace

void Round::Begin(size_t count) {
  {
    absl::MutexLock lock(&mutex_);
    all_heard_ = count == 0;
  }
  missing_ = count;
}

void Round::Hear(size_t count) {
  if (missing_.fetch_sub(count) > count) return;
  absl::MutexLock lock(&mutex_);
  all_heard_ = true;
}

absl::Status Round::Await() {
  absl::MutexLock lock(&mutex_);
  if (mutex_.AwaitWithTimeout(absl::Condition(&all_heard_), kRoundMax)) return absl::OkStatus();
  return absl::DeadlineExceededError(std::to_string(missing_) +
                                     " things of a round were not heard within 10 s");
}

absl::StatusOr<Meter> MeasureRounds(const Stretch& stretch,
                                    const std::function<absl::Status()>& round) {
  Meter rounds(stretch);
  auto begun = std::chrono::steady_clock::now();
  while (!rounds.Over(begun)) {
    RETURN_IF_ERROR(round());
    const auto now = std::chrono::steady_clock::now();
    rounds.Add(begun, now);
    begun = now;
  }
  return rounds;
}

}  // namespace sessionhub::bench
