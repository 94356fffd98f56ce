// Gauge: what the kernel tells of a process.
#ifndef BENCH_OVERLOAD_GAUGE_H_
#define BENCH_OVERLOAD_GAUGE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

struct Gauge {
  uint64_t rss_bytes = 0;
  uint64_t rss_peak_bytes = 0;  // since its start, or the last ResetPeak
  uint64_t threads = 0;
  uint64_t descriptors = 0;
  double cpu_s = 0;  // processor time of all its threads, since its start
};

// Unavailable if there is no such process.
absl::StatusOr<Gauge> ReadGauge(pid_t pid);

// From now on the peak is counted anew.
absl::Status ResetPeak(pid_t pid);

// Processor, number of cores, memory and kernel of this machine, in a line.
std::string DescribeMachine();

// "12.3 MiB".
std::string InMebibytes(double bytes);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_GAUGE_H_
