// FanOutNodes: many nodes, each on a connection of its own, that hold one session, of which one
// writes it. They speak frames themselves, by the same callback API as the bare streams of
// bench/limits/fan_out_streams.h, and do nothing with what they hear but count it.
//
// Made, told and destroyed by one thread; gRPC's threads hear.
#ifndef BENCH_REPORT_FAN_OUT_NODES_H_
#define BENCH_REPORT_FAN_OUT_NODES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/limits/round.h"
#include "bench/load/generator_process.h"

namespace sessionhub::bench {

class FanOutNodes {
 public:
  FanOutNodes();
  // Ends the streams, and waits for that.
  ~FanOutNodes();

  // Attaches a node that writes and `count` others to the hub at this port of the loopback address,
  // and returns when each has its copy. DeadlineExceeded if one connection takes more than 10 s, or
  // all copies do.
  absl::Status Attach(uint16_t port, const std::string& app, size_t count);

  // The writer sends `deltas`, each one field of 16 bytes, in one frame; returns when it has the
  // answer to each, and each of the others has heard of each. DeadlineExceeded after 10 s.
  absl::Status RunRound(size_t deltas);

  // Frames with forwards, heard by all.
  uint64_t frames() const { return frames_; }

 private:
  class Stream;

  Round round_;
  std::atomic<uint64_t> frames_ = 0;
  std::vector<std::unique_ptr<Stream>> streams_;  // the first one writes
};

// The process behind a Worker: reads commands from standard input until its end.
//
//   {"do": "attach", "nodes": N}   that hear; 0: there is only the writer
//   {"do": "rounds", "seconds": S, "deltas": D}   answers {"rounds": R, "frames": F, "per_s": …,
//       "p50_us": …, "p99_us": …, "wire_bytes": …}
//
// Rounds and frames, and what the kernel has counted on all connections, with all headers, are
// those of the warm-up too. A second and the latencies are of rounds.
absl::Status RunFanOutNodes(const GeneratorProcessOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_FAN_OUT_NODES_H_
