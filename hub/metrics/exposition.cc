#include "hub/metrics/exposition.h"

#include <prometheus/text_serializer.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace sessionhub::hub {
namespace {

constexpr double kSecondsOfNs = 1e-9;

}  // namespace

Exposition::Family& Exposition::Family::Add(double value, Labels labels) {
  prometheus::ClientMetric& metric = family_->metric.emplace_back();
  metric.label = std::move(labels);
  if (family_->type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return *this;
}

Exposition::Family& Exposition::Family::Add(const LatencyHistogram::Figures& figures,
                                            Labels labels) {
  prometheus::ClientMetric& metric = family_->metric.emplace_back();
  metric.label = std::move(labels);
  uint64_t cumulative = 0;
  for (size_t bucket = 0; bucket < figures.counts.size(); ++bucket) {
    cumulative += figures.counts[bucket];
    const bool bounded = bucket < LatencyHistogram::kBoundsNs.size();
    const double bound =
        bounded ? static_cast<double>(LatencyHistogram::kBoundsNs[bucket]) * kSecondsOfNs
                : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({cumulative, bound});
  }
  metric.histogram.sample_count = cumulative;
  metric.histogram.sample_sum = static_cast<double>(figures.sum_ns) * kSecondsOfNs;
  return *this;
}

Exposition::Family Exposition::Declare(std::string name, std::string help,
                                       prometheus::MetricType type) {
  prometheus::MetricFamily& family = families_.emplace_back();
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return Family(&family);
}

std::string Exposition::ToText() const {
  return prometheus::TextSerializer().Serialize(families_);
}

}  // namespace sessionhub::hub
