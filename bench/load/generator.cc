#include "bench/load/generator.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "bench/demo/commit_log.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::milliseconds kAnswerMax{60'000};

}  // namespace

absl::StatusOr<GeneratorCounts> Generator::Run() {
  begun_us_ = MonotonicMicros() + static_cast<int64_t>(order_.delay_s * 1e6);
  counted_us_ = begun_us_ + static_cast<int64_t>(order_.warm_up_s * 1e6);
  end_us_ = counted_us_ + static_cast<int64_t>(order_.seconds * 1e6);
  if (order_.per_s > 0) {
    RunOpen();
  } else if (order_.in_flight_max == 1) {
    RunBlocking();
  } else {
    for (size_t i = 0; i < order_.in_flight_max; ++i) SubmitDue();
    std::this_thread::sleep_for(std::chrono::microseconds(end_us_ - begun_us_));
  }
  RETURN_IF_ERROR(AwaitAnswers());
  absl::MutexLock lock(&mutex_);
  return std::move(counts_);
}

// One in flight, as an application has it that waits for its commits: without another thread.
void Generator::RunBlocking() {
  while (true) {
    std::optional<Due> due;
    {
      absl::MutexLock lock(&mutex_);
      due = TakeDue();
    }
    if (!due) return;
    const Committed committed = std::move(due->edit).Commit(order_.ack, kAnswerMax);
    absl::MutexLock lock(&mutex_);
    Count(due->meant_us, committed);
  }
}

void Generator::RunOpen() {
  for (uint64_t next = 0; begun_us_ + IntervalsUs(next) < end_us_; ++next) {
    const int64_t wait_us = begun_us_ + IntervalsUs(next) - MonotonicMicros();
    if (wait_us > 0) std::this_thread::sleep_for(std::chrono::microseconds(wait_us));
    SubmitDue();
  }
}

absl::Status Generator::AwaitAnswers() {
  const auto answered = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return in_flight_ == 0; };
  absl::MutexLock lock(&mutex_);
  if (mutex_.AwaitWithTimeout(absl::Condition(&answered), absl::FromChrono(kAnswerMax))) {
    return absl::OkStatus();
  }
  return absl::DeadlineExceededError(std::to_string(in_flight_) + " commits have no answer after " +
                                     std::to_string(kAnswerMax.count()) + " ms");
}

Edit Generator::NextEdit() {
  const uint64_t turn = begun_ / sessions_.size();
  Edit edit = sessions_[begun_ % sessions_.size()].Begin();
  std::string value(order_.value_bytes, 'v');
  // A value that is as before would be no change for whoever looks for one.
  const std::string number = std::to_string(begun_);
  std::copy_n(number.begin(), std::min(number.size(), value.size()), value.begin());
  for (size_t i = 0; i < order_.fields; ++i) {
    edit.Set("f/" + std::to_string((turn + i) % order_.session_fields), value);
  }
  return edit;
}

// The next commit, if it is time for one and there is room.
std::optional<Generator::Due> Generator::TakeDue() {
  const int64_t now_us = MonotonicMicros();
  const int64_t meant_us = order_.per_s > 0 ? begun_us_ + IntervalsUs(begun_) : now_us;
  if (stopped_ || in_flight_ >= order_.in_flight_max) return std::nullopt;
  if (meant_us > now_us || meant_us >= end_us_) return std::nullopt;
  Due due{NextEdit(), meant_us};
  ++begun_;
  ++in_flight_;
  return due;
}

void Generator::SubmitDue() {
  std::optional<Due> due;
  {
    absl::MutexLock lock(&mutex_);
    due = TakeDue();
  }
  if (due) Submit(*std::move(due));
}

void Generator::Submit(Due due) {
  std::move(due.edit).Commit(order_.ack, [this, meant_us = due.meant_us](const Committed& done) {
    std::optional<Due> next;
    {
      absl::MutexLock lock(&mutex_);
      Count(meant_us, done);
      next = TakeDue();
    }
    // Without a next one this object may be gone, as nothing is in flight.
    if (next) Submit(*std::move(next));
  });
}

void Generator::Count(int64_t meant_us, const Committed& committed) {
  const bool taken = committed.applied() || committed.kind == Committed::Kind::kReceived;
  --in_flight_;
  if (taken) {
    ++counts_.all;
    if (meant_us >= counted_us_) counts_.latency.Record(MonotonicMicros() - meant_us);
    return;
  }
  if (counts_.failed++ == 0) counts_.first_error = committed.status.ToString();
  stopped_ = true;  // one is enough to fail the run: no storm of them
}

}  // namespace sessionhub::bench
