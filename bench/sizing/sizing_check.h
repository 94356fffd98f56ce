// SizingCheck: the points at which the plan is measured, and the runs that do it.
#ifndef BENCH_SIZING_SIZING_CHECK_H_
#define BENCH_SIZING_SIZING_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/overload/findings.h"
#include "bench/sizing/sizing.h"

namespace sessionhub::bench {

struct SizingPoint {
  std::string name;
  SizeQuestion question;
};

// From small to large, so that slopes show, and one with TLS. Those of a quick check are a
// hundredth as large.
std::vector<SizingPoint> SizingPoints(bool quick);

// Runs a real hub and its nodes below `folder`, and tells planned, measured and ratio of each of
// kSizeResources. A resource that cannot be measured here is left out and named. Errors are those
// of the run.
absl::Status CheckPoint(const SizingOptions& options, const SizingPoint& point,
                        const std::string& folder, Findings* findings);

}  // namespace sessionhub::bench

#endif  // BENCH_SIZING_SIZING_CHECK_H_
