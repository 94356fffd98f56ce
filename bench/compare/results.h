// What a comparison has found, and the file that tells of it: bench/README.md describes its keys.
#ifndef BENCH_COMPARE_RESULTS_H_
#define BENCH_COMPARE_RESULTS_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/compare/measure.h"

namespace sessionhub::bench {

struct SkippedStrategy {
  std::string strategy;
  std::string why;
};

struct StrategyIdle {
  std::string strategy;
  size_t nodes = 0;
  double bytes_per_s = 0;
};

struct StrategyCell {
  std::string strategy;
  CellFigures figures;
};

struct CompareResults {
  std::string command;     // what was called
  std::string commit;      // what was built
  std::string started_at;  // UTC, as 2026-11-30T09:00:00Z
  std::string network;     // what was counted: TestBed::network
  double seconds = 0;
  bool quick = false;
  std::vector<std::string> strategies;  // names of those that were asked for
  std::vector<SkippedStrategy> skipped;
  std::vector<StrategyIdle> idle;
  std::vector<StrategyCell> cells;
  nlohmann::ordered_json risks = nlohmann::ordered_json::array();
};

nlohmann::ordered_json ToJson(const CompareResults& results);

// Unavailable if it cannot be written.
absl::Status WriteResults(const CompareResults& results, const std::string& path);

// A line for people: a cell's strategy, what was asked of it and the main figures.
std::string DescribeCell(const StrategyCell& cell);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_RESULTS_H_
