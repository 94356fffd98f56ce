// Meter: counts what was done within a stretch of time, and how long each took. What falls into the
// warm-up before the stretch is not counted.
//
// Each belongs to one thread, or to whoever holds the lock that guards it.
#ifndef BENCH_LIMITS_METER_H_
#define BENCH_LIMITS_METER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/demo/tcp_counters.h"
#include "bench/limits/limit_rows.h"

namespace sessionhub::bench {

using MeterTime = std::chrono::steady_clock::time_point;

// When a measurement counts. Plain data.
struct Stretch {
  MeterTime begin;
  MeterTime end;

  // Begins after a warm-up of a fifth of `seconds`, at least 20 ms.
  static Stretch FromNow(double seconds);

  bool Counts(MeterTime time) const { return time >= begin && time < end; }
  bool Over(MeterTime time) const { return time >= end; }
  double Seconds() const { return std::chrono::duration<double>(end - begin).count(); }
};

// How long things took. Bounded: of more than kMax of them the first kMax tell.
class Latencies {
 public:
  static constexpr size_t kMax = 2'000'000;

  void Add(std::chrono::nanoseconds took);
  void Merge(const Latencies& other);

  // Nearest rank; 0 if there are none.
  double PercentileUs(double percent) const;
  // In the order in which they were added.
  const std::vector<float>& us() const { return us_; }

 private:
  std::vector<float> us_;
};

class Meter {
 public:
  // Bounds what a fast server leaves on the disk: about a hundred bytes for each.
  static constexpr uint64_t kTotalMax = 5'000'000;

  explicit Meter(const Stretch& stretch, uint64_t total_max = kTotalMax)
      : stretch_(stretch), total_max_(total_max) {}

  // True once nothing more is to be begun: the stretch is over, or `total_max` are done, and then
  // it has ended with the last of them.
  bool Over(MeterTime now) const { return stretch_.Over(now) || total_ >= total_max_; }

  // Something that began at `begun` is done now.
  void Add(MeterTime begun, MeterTime now);
  // Takes in what another meter of the same stretch has counted.
  void Merge(const Meter& other);

  // In the stretch; 0 if it has ended before it has begun to count.
  double PerSecond() const;
  const Latencies& latencies() const { return latencies_; }
  // With what was done before and after the stretch.
  uint64_t total() const { return total_; }

  // Fills in `per_s`, `p50_us` and `p99_us`.
  void FillIn(LimitRow* row) const;

 private:
  Stretch stretch_;
  uint64_t total_max_;
  MeterTime ended_ = MeterTime::max();  // with the last of `total_max`
  uint64_t counted_ = 0;
  uint64_t total_ = 0;
  Latencies latencies_;
};

// What something took of the time and of the calling thread's processor time.
struct Spent {
  std::chrono::nanoseconds wall{0};
  std::chrono::nanoseconds cpu{0};
};

// Counts from its making, on the thread that has made it.
class SpentTimer {
 public:
  SpentTimer();
  Spent Read() const;

 private:
  const std::chrono::nanoseconds cpu_;
  const MeterTime begun_;
};

// Bytes on the wire for each of what was done `count` times between two looks at the same
// connections; 0 if nothing was done.
double WireBytesOfEach(const TcpCounters& before, const TcpCounters& after, uint64_t count);

// Processor time for 10,000 of what was done `count` times between two looks at a process, in
// seconds; 0 if nothing was done.
double CpuSecondsPer10k(double cpu_s_before, double cpu_s_after, uint64_t count);

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_METER_H_
