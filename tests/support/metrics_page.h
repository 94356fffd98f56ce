// MetricsPage: what a hub tells over HTTP, as tests look at it. Belongs to one thread.
#ifndef TESTS_SUPPORT_METRICS_PAGE_H_
#define TESTS_SUPPORT_METRICS_PAGE_H_

#include <map>
#include <string>

namespace sessionhub::testing {

struct HttpAnswer {
  int code = 0;  // 0: there was none
  std::string body;
};

// GET from this machine.
HttpAnswer HttpGet(int port, const std::string& path);

class MetricsPage {
 public:
  // Of the port that serves them; looks at each call anew.
  explicit MetricsPage(int port) : port_(port) {}

  // All samples, by name and labels as they stand there: `deltas_total{outcome="applied"}`. Empty
  // if the page cannot be had.
  std::map<std::string, double> Samples() const;

  // One of them; -1 if there is no such.
  double Of(const std::string& sample) const;

 private:
  const int port_;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_METRICS_PAGE_H_
