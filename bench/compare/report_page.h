// The report of a comparison: a page with tables and pictures, made by report/compare_report.py.
#ifndef BENCH_COMPARE_REPORT_PAGE_H_
#define BENCH_COMPARE_REPORT_PAGE_H_

#include <string>

#include "absl/status/status.h"
#include "bench/compare/results.h"

namespace sessionhub::bench {

// Whether a report can be made, before hours are spent on what goes into it: NotFound, naming the
// packages, if Python or what it draws with is not there.
absl::Status CheckReportProgram();

// Writes the page, the pictures and the results themselves into the folder, which it makes if need
// be. Internal with what the program says if it fails.
absl::Status MakeReport(const CompareResults& results, const std::string& folder);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_REPORT_PAGE_H_
