// The files that a report leaves for whoever reads of it later, below bench/results.
#ifndef BENCH_REPORT_RESULTS_FILES_H_
#define BENCH_REPORT_RESULTS_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "bench/overload/findings.h"

namespace sessionhub::bench {

struct ResultsFiles {
  std::string folder;  // exists
  std::string date;    // "2026-12-01", the begin of their names
  std::string command;
  std::string commit;
  std::string limits_table;  // as LimitRows has it; empty: none
  std::string micro_json;    // what sessionhub-micro has written; empty: none
};

// The day in UTC.
std::string Today();

// The text of the page: what was called, on what, each goal in a table, and the limits.
std::string ResultsPage(const ResultsFiles& files, const Findings& findings);

// Writes DATE-report.json with all figures, DATE-report-table.md, and DATE-micro.json if there is
// any; what had these names is replaced. Unavailable, naming the file, if one cannot be written.
absl::Status WriteResults(const ResultsFiles& files, const Findings& findings);

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_RESULTS_FILES_H_
