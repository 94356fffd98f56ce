#include "bench/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sessionhub::bench {
namespace {

// Below 2^(kBits + 1) each value has a bucket; above, each power of two is cut into 2^kBits parts.
constexpr int kBits = 7;

size_t BucketOf(uint64_t value) {
  const int width = std::bit_width(value);
  if (width <= kBits + 1) return value;
  const int shift = width - kBits - 1;
  return (static_cast<size_t>(shift) << kBits) + (value >> shift);
}

int64_t HighestIn(size_t bucket) {
  if (bucket < (size_t{2} << kBits)) return static_cast<int64_t>(bucket);
  const size_t shift = (bucket >> kBits) - 1;
  const size_t part = bucket - (shift << kBits);
  return static_cast<int64_t>(((part + 1) << shift) - 1);
}

}  // namespace

void LatencyHistogram::Record(int64_t latency_us) {
  latency_us = std::max<int64_t>(latency_us, 0);
  const size_t bucket = BucketOf(static_cast<uint64_t>(latency_us));
  if (bucket >= counts_.size()) counts_.resize(bucket + 1);
  ++counts_[bucket];
  ++count_;
  sum_us_ += latency_us;
  max_us_ = std::max(max_us_, latency_us);
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  counts_.resize(std::max(counts_.size(), other.counts_.size()));
  for (size_t bucket = 0; bucket < other.counts_.size(); ++bucket) {
    counts_[bucket] += other.counts_[bucket];
  }
  count_ += other.count_;
  sum_us_ += other.sum_us_;
  max_us_ = std::max(max_us_, other.max_us_);
}

double LatencyHistogram::MeanUs() const {
  return count_ == 0 ? 0 : static_cast<double>(sum_us_) / static_cast<double>(count_);
}

int64_t LatencyHistogram::PercentileUs(double percent) const {
  const double rank = std::ceil(static_cast<double>(count_) * percent / 100);
  const auto wanted = std::max<uint64_t>(static_cast<uint64_t>(rank), 1);
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted) return std::min(HighestIn(bucket), max_us_);
  }
  return max_us_;
}

nlohmann::json LatencyHistogram::ToJson() const {
  nlohmann::json counts = nlohmann::json::array();
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    if (counts_[bucket] > 0) counts.push_back({bucket, counts_[bucket]});
  }
  return {{"counts", std::move(counts)}, {"sum_us", sum_us_}, {"max_us", max_us_}};
}

LatencyHistogram LatencyHistogram::FromJson(const nlohmann::json& json) {
  LatencyHistogram histogram;
  for (const nlohmann::json& entry : json["counts"]) {
    const auto bucket = entry[0].get<size_t>();
    if (bucket >= histogram.counts_.size()) histogram.counts_.resize(bucket + 1);
    histogram.counts_[bucket] = entry[1].get<uint64_t>();
    histogram.count_ += histogram.counts_[bucket];
  }
  histogram.sum_us_ = json["sum_us"].get<int64_t>();
  histogram.max_us_ = json["max_us"].get<int64_t>();
  return histogram;
}

nlohmann::ordered_json DescribeUs(const LatencyHistogram& histogram) {
  return {{"count", histogram.count()},        {"mean", histogram.MeanUs()},
          {"p50", histogram.PercentileUs(50)}, {"p90", histogram.PercentileUs(90)},
          {"p99", histogram.PercentileUs(99)}, {"p99_9", histogram.PercentileUs(99.9)},
          {"max", histogram.max_us()}};
}

}  // namespace sessionhub::bench
