#include "tests/support/metrics_page.h"

#include <httplib.h>

#include <sstream>

#include "tests/support/wait_for.h"

namespace sessionhub::testing {

HttpAnswer HttpGet(int port, const std::string& path) {
  httplib::Client client("127.0.0.1", port);
  client.set_read_timeout(kPatience);
  const auto answer = client.Get(path);
  if (!answer) return {};
  return {answer->status, answer->body};
}

std::map<std::string, double> MetricsPage::Samples() const {
  std::map<std::string, double> samples;
  std::istringstream lines(HttpGet(port_, "/metrics").body);
  for (std::string line; std::getline(lines, line);) {
    const size_t space = line.rfind(' ');
    if (line.rfind('#', 0) == 0 || space == std::string::npos) continue;
    samples[line.substr(0, space)] = std::stod(line.substr(space + 1));
  }
  return samples;
}

double MetricsPage::Of(const std::string& sample) const {
  const std::map<std::string, double> samples = Samples();
  const auto it = samples.find(sample);
  return it == samples.end() ? -1 : it->second;
}

}  // namespace sessionhub::testing
