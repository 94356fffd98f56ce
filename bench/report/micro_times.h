// What Google Benchmark says of a benchmark. Pure.
#ifndef BENCH_REPORT_MICRO_TIMES_H_
#define BENCH_REPORT_MICRO_TIMES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

// Processor time of one turn of the benchmark `name`, in ns, by the JSON text that Google Benchmark
// writes. InvalidArgument if that is none; NotFound if the benchmark is not in it;
// FailedPrecondition if it has failed or its unit is not known.
absl::StatusOr<double> FindMicroNs(const std::string& text, const std::string& name);

// The same of all that are in it, with their names, in their order.
absl::StatusOr<std::vector<std::pair<std::string, double>>> AllMicroNs(const std::string& text);

// The same text without the names of host and program file, which say nothing of the figures.
// InvalidArgument if it is none of Google Benchmark's.
absl::StatusOr<std::string> WithoutPlace(const std::string& text);

// What its counter `counter` says; the same errors, FailedPrecondition also if it has none.
absl::StatusOr<double> FindMicroCounter(const std::string& text, const std::string& name,
                                        const std::string& counter);

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_MICRO_TIMES_H_
