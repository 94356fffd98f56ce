#include "bench/compare/results.h"

#include <cmath>
#include <fstream>

#include "bench/compare/strategies.h"
#include "bench/compare/sweep.h"
#include "bench/demo/figures.h"
#include "bench/overload/gauge.h"

namespace sessionhub::bench {
namespace {

using nlohmann::ordered_json;

// More digits would claim more than was measured.
double InTenths(double number) {
  return std::round(number * 10) / 10;
}

const char* PowerCutName(PowerCutLeaves leaves) {
  switch (leaves) {
    case PowerCutLeaves::kNone:
      return "none";
    case PowerCutLeaves::kSome:
      return "some";
    case PowerCutLeaves::kAll:
      return "all";
  }
  return "";
}

ordered_json InHundredthsOrNull(const std::optional<double>& number) {
  return number.has_value() ? ordered_json(std::round(*number * 100) / 100) : ordered_json(nullptr);
}

ordered_json StrategiesJson(const CompareResults& results) {
  ordered_json list = ordered_json::array();
  for (const std::string& name : results.strategies) {
    const ComparedStrategy* const strategy = FindStrategy(name);
    if (strategy == nullptr) continue;
    list.push_back({{"name", name},
                    {"title", strategy->title},
                    {"how", strategy->how},
                    {"power_cut_leaves", PowerCutName(strategy->power_cut_leaves)},
                    {"power_cut", strategy->power_cut}});
  }
  return list;
}

ordered_json CellJson(const StrategyCell& measured) {
  const CellFigures& figures = measured.figures;
  const Cell& cell = figures.cell;
  return {{"strategy", measured.strategy},
          {"what", figures.what},
          {"nodes", cell.nodes},
          {"routing", cell.round_robin ? "round_robin" : "sticky"},
          {"session_bytes", cell.session_bytes},
          {"fields", cell.fields},
          {"fields_changed", cell.fields_changed},
          {"read_percent", cell.read_percent},
          {"connections", cell.connections},
          {"requests", figures.requests},
          {"seconds", figures.seconds},
          {"bytes_per_change", InTenths(figures.bytes_per_change)},
          {"idle_bytes_per_change", InTenths(figures.idle_bytes_per_change)},
          {"frames_per_change", InHundredthsOrNull(figures.frames_per_change)},
          {"latency_p50_us", figures.latency_p50_us},
          {"latency_p99_us", figures.latency_p99_us},
          {"cpu_nodes_us", InTenths(figures.cpu_nodes_us)},
          {"cpu_server_us", InTenths(figures.cpu_server_us)},
          {"node_memory_bytes", figures.node_memory_bytes},
          {"server_memory_bytes", figures.server_memory_bytes},
          {"errors", figures.errors},
          {"command", "sessionhub-bench compare --only " + measured.strategy + CommandOf(cell)}};
}

}  // namespace

ordered_json ToJson(const CompareResults& results) {
  ordered_json skipped = ordered_json::array(), idle = skipped, cells = skipped;
  for (const SkippedStrategy& one : results.skipped) {
    skipped.push_back({{"strategy", one.strategy}, {"why", one.why}});
  }
  for (const StrategyIdle& one : results.idle) {
    idle.push_back({{"strategy", one.strategy},
                    {"nodes", one.nodes},
                    {"bytes_per_s", InTenths(one.bytes_per_s)},
                    {"command", "sessionhub-bench compare --only " + one.strategy + " --nodes " +
                                    std::to_string(one.nodes)}});
  }
  for (const StrategyCell& one : results.cells) cells.push_back(CellJson(one));
  return {{"command", results.command},
          {"commit", results.commit},
          {"machine", DescribeMachine()},
          {"started_at", results.started_at},
          {"seconds", InTenths(results.seconds)},
          {"quick", results.quick},
          {"network", results.network},
          {"strategies", StrategiesJson(results)},
          {"skipped", skipped},
          {"idle", idle},
          {"cells", cells},
          {"risks", results.risks}};
}

absl::Status WriteResults(const CompareResults& results, const std::string& path) {
  std::ofstream file(path);
  file << ToJson(results).dump(2) << "\n";
  file.close();
  return file ? absl::OkStatus() : absl::UnavailableError("cannot write " + path);
}

std::string DescribeCell(const StrategyCell& measured) {
  const CellFigures& figures = measured.figures;
  const Cell& cell = figures.cell;
  std::string line = "  " + figures.what + ", " + (cell.round_robin ? "round-robin" : "sticky") +
                     ", " + std::to_string(cell.session_bytes) + " bytes, ";
  if (figures.what != "create") {
    line += std::to_string(cell.fields_changed) + " of " + std::to_string(cell.fields) +
            " fields, " + std::to_string(cell.read_percent) + " % reads, " +
            std::to_string(UsersOf(cell)) + " users, ";
  }
  line += std::to_string(figures.requests) + " requests: " + OneDecimal(figures.bytes_per_change) +
          " bytes";
  if (figures.frames_per_change.has_value()) {
    line += " in " + TwoDecimals(*figures.frames_per_change) + " frames";
  }
  line += ", p50 " + std::to_string(figures.latency_p50_us) + " us, p99 " +
          std::to_string(figures.latency_p99_us) + " us";
  if (figures.errors > 0) line += ", " + std::to_string(figures.errors) + " ERRORS";
  return line;
}

}  // namespace sessionhub::bench
