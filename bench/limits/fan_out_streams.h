// FanOutStreams: the clients' side of `fan_out`: many streams, each on a connection of its own, of
// which each hears every message.
//
// Made, told and destroyed by one thread; gRPC's threads hear.
#ifndef BENCH_LIMITS_FAN_OUT_STREAMS_H_
#define BENCH_LIMITS_FAN_OUT_STREAMS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "bench/limits/round.h"

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
  void BeginRound() { round_.Begin(streams_.size()); }
  // Waits until all have. DeadlineExceeded after 10 s.
  absl::Status AwaitRound() { return round_.Await(); }

 private:
  class Stream;

  Round round_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_FAN_OUT_STREAMS_H_
