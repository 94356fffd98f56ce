// Exposition: metrics in the making, as prometheus-cpp wants them: each is declared where its value
// is added. Belongs to one thread.
#ifndef HUB_METRICS_EXPOSITION_H_
#define HUB_METRICS_EXPOSITION_H_

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

#include "hub/walk_times.h"

namespace sessionhub::hub {

class Exposition {
 public:
  using Labels = std::vector<prometheus::ClientMetric::Label>;

  // One metric. Valid until the next one is declared.
  class Family {
   public:
    explicit Family(prometheus::MetricFamily* family) : family_(family) {}
    Family& Add(double value, Labels labels = {});
    Family& Add(const LatencyHistogram::Figures& figures, Labels labels = {});

   private:
    prometheus::MetricFamily* const family_;
  };

  // Each name once. A counter's ends in _total; the unit stands before that, or last.
  Family Counter(std::string name, std::string help) {
    return Declare(std::move(name), std::move(help), prometheus::MetricType::Counter);
  }
  Family Gauge(std::string name, std::string help) {
    return Declare(std::move(name), std::move(help), prometheus::MetricType::Gauge);
  }
  Family Histogram(std::string name, std::string help) {
    return Declare(std::move(name), std::move(help), prometheus::MetricType::Histogram);
  }

  const std::vector<prometheus::MetricFamily>& families() const { return families_; }
  // In the text format that Prometheus reads.
  std::string ToText() const;

 private:
  Family Declare(std::string name, std::string help, prometheus::MetricType type);

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace sessionhub::hub

#endif  // HUB_METRICS_EXPOSITION_H_
