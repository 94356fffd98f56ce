// Mailbox: what waits for a shard's next turn. Bounded in bytes; a full mailbox makes its senders
// stop reading from their streams, so that nothing waits anywhere else.
//
// Thread-safety: any thread pushes, the shard's thread drains.
#ifndef HUB_SHARD_MAILBOX_H_
#define HUB_SHARD_MAILBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "hub/shard/input.h"
#include "hub/walk_times.h"

namespace sessionhub::hub {

class Mailbox {
 public:
  explicit Mailbox(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Takes the input unless the mailbox is full. If it is, the input stays the caller's and
  // `when_room` is called once, on the shard's thread, when there is room; it must not block.
  bool TryPush(Input* input, const std::function<void()>& when_room) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const size_t added = InputSizeBytes(*input);
    if (bytes_ + added > bytes_max_ && !inputs_.empty()) return WaitForRoom(when_room);
    bytes_ += added;
    Add(std::move(*input));
    return true;
  }

  // True if it holds no more than its bound. If it does, as for TryPush.
  bool HasRoom(const std::function<void()>& when_room) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return bytes_ <= bytes_max_ || WaitForRoom(when_room);
  }

  // Takes the input in any case. For what the number of nodes or operators bounds. A tick that
  // waits already speaks for a further one: a turn that lasts gathers none.
  void Push(Input input) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (std::holds_alternative<TickInput>(input) && std::exchange(tick_waits_, true)) return;
    bytes_ += InputSizeBytes(input);
    Add(std::move(input));
  }

  // Waits until there is something, the mailbox is closed, or `timeout` has passed; then moves up
  // to `count_max` inputs into `inputs`. False once it is closed and empty. `since_ns` gets when
  // about the first of them came, by NowNs, if there is one.
  bool Drain(size_t count_max, absl::Duration timeout, std::vector<Input>* inputs,
             uint64_t* since_ns = nullptr) ABSL_LOCKS_EXCLUDED(mutex_) {
    std::vector<std::function<void()>> waiting;
    bool open = true;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(this, &Mailbox::HasSomething), timeout);
      if (since_ns && !inputs_.empty()) *since_ns = inputs_.front().since_ns;
      while (!inputs_.empty() && inputs->size() < count_max) {
        Input& input = inputs_.front().input;
        bytes_ -= InputSizeBytes(input);
        if (std::holds_alternative<TickInput>(input)) tick_waits_ = false;
        inputs->push_back(std::move(input));
        inputs_.pop_front();
      }
      open = !closed_ || !inputs_.empty() || !inputs->empty();
      if (bytes_ <= bytes_max_ / 2) waiting.swap(waiting_);
    }
    for (const auto& when_room : waiting) when_room();
    return open;
  }

  // Nothing more will come: Drain empties what is there and then says so.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

  struct Fill {
    size_t bytes = 0;
    size_t inputs = 0;
    uint64_t refused = 0;  // how often somebody was told to wait for room, since the start
  };
  Fill fill() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return {bytes_, inputs_.size(), refused_};
  }
  size_t bytes_max() const { return bytes_max_; }

 private:
  // Made in its place: an input is large to move.
  struct Waiting {
    Waiting(Input&& moved, uint64_t since) : input(std::move(moved)), since_ns(since) {}

    Input input;
    uint64_t since_ns;
  };

  void Add(Input&& input) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    inputs_.emplace_back(std::move(input), arrivals_.Stamp(inputs_.empty()));
  }
  bool WaitForRoom(const std::function<void()>& when_room) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++refused_;
    waiting_.push_back(when_room);
    return false;
  }
  bool HasSomething() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !inputs_.empty() || closed_;
  }

  const size_t bytes_max_;
  mutable absl::Mutex mutex_;
  std::deque<Waiting> inputs_ ABSL_GUARDED_BY(mutex_);
  ArrivalClock arrivals_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  uint64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  bool tick_waits_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_MAILBOX_H_
