// LatencyHistogram: how often each latency was seen, in buckets of which none is wider than a 128th
// of its value, in the manner of HdrHistogram (http://hdrhistogram.org): a fixed size whatever is
// recorded, and percentiles that tell of the tail as exactly as of the middle.
#ifndef BENCH_LOAD_HISTOGRAM_H_
#define BENCH_LOAD_HISTOGRAM_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

namespace sessionhub::bench {

// Not thread-safe.
class LatencyHistogram {
 public:
  // A negative one counts as 0.
  void Record(int64_t latency_us);
  void Merge(const LatencyHistogram& other);

  uint64_t count() const { return count_; }
  int64_t max_us() const { return max_us_; }
  double MeanUs() const;
  // The latency that `percent` of all are not above, at most a 128th too high; 0 if there are none.
  int64_t PercentileUs(double percent) const;

  // [[bucket, count]...] and the sums; FromJson takes only what ToJson has made.
  nlohmann::json ToJson() const;
  static LatencyHistogram FromJson(const nlohmann::json& json);

 private:
  std::vector<uint64_t> counts_;  // by bucket, as far as there are any
  uint64_t count_ = 0;
  int64_t sum_us_ = 0;
  int64_t max_us_ = 0;
};

// What figures files say of one, in us: {"count", "mean", "p50", "p90", "p99", "p99_9", "max"}.
nlohmann::ordered_json DescribeUs(const LatencyHistogram& histogram);

}  // namespace sessionhub::bench

#endif  // BENCH_LOAD_HISTOGRAM_H_
