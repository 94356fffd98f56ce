// FanOutStreams: the clients' side of `fan_out`: many streams, each on a connection of its own, of
// which each hears every message.
//
// Made, told and destroyed by one thread; gRPC's threads hear.
#ifndef BENCH_LIMITS_FAN_OUT_STREAMS_H_
#define BENCH_LIMITS_FAN_OUT_STREAMS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace sessionhub::bench {

class FanOutStreams {
 public:
  FanOutStreams();
  // Ends the streams, and waits for that.
  ~FanOutStreams();

  // Connects `count` streams to the loopback address, and returns when each has had its first
  // message. DeadlineExceeded if one connection takes more than 10 s, or a message does.
  absl::Status Connect(uint16_t port, size_t count);

  // From now on every stream is to hear one message. Not before the last round was awaited.
  void BeginRound() ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until all have. DeadlineExceeded after 10 s.
  absl::Status AwaitRound() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Stream;

  void Hear() ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<std::unique_ptr<Stream>> streams_;
  std::atomic<size_t> missing_ = 0;
  absl::Mutex mutex_;
  bool all_have_heard_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_FAN_OUT_STREAMS_H_
