// Pace: when each change of a load begins. In a closed loop as soon as there is room for it; with a
// rate at times that are fixed before, from which its latency counts, so that a server which is
// slow for a second is charged with all that should have begun in it. Pure; one thread.
#ifndef BENCH_LIMITS_PACE_H_
#define BENCH_LIMITS_PACE_H_

#include <cstdint>

#include "bench/limits/meter.h"

namespace sessionhub::bench {

class Pace {
 public:
  // From `begin` on, `per_s` changes in a second, or with 0 as many as there is room for; none is
  // meant to begin at `end` or later.
  Pace(MeterTime begin, MeterTime end, double per_s) : begin_(begin), end_(end), per_s_(per_s) {}

  bool open_loop() const { return per_s_ > 0; }
  // True if one may begin.
  bool Due(MeterTime now) const { return !Over(now) && next(now) <= now; }
  // True once none will begin any more.
  bool Over(MeterTime now) const { return next(now) >= end_; }
  // When the next one is meant to begin: in a closed loop at once.
  MeterTime next(MeterTime now) const;
  // One begins. Returns when it was meant to.
  MeterTime Take(MeterTime now);

 private:
  MeterTime begin_;
  MeterTime end_;
  double per_s_;
  uint64_t taken_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_PACE_H_
