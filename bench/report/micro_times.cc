#include "bench/report/micro_times.h"

#include <map>
#include <nlohmann/json.hpp>

namespace sessionhub::bench {

absl::StatusOr<double> FindMicroNs(const std::string& text, const std::string& name) {
  static const std::map<std::string, double> kNsOfUnit = {
      {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  const nlohmann::json all = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!all.is_object() || !all.contains("benchmarks") || !all["benchmarks"].is_array()) {
    return absl::InvalidArgumentError("these are no figures of a benchmark");
  }
  for (const nlohmann::json& row : all["benchmarks"]) {
    if (!row.is_object() || row.value("name", "") != name) continue;
    const auto unit = kNsOfUnit.find(row.value("time_unit", ""));
    if (row.value("error_occurred", false) || unit == kNsOfUnit.end() ||
        !row.contains("cpu_time") || !row["cpu_time"].is_number()) {
      return absl::FailedPreconditionError("the benchmark " + name + " tells no time: " +
                                           row.value("error_message", "no such unit"));
    }
    return row["cpu_time"].get<double>() * unit->second;
  }
  return absl::NotFoundError("there is no benchmark " + name);
}

}  // namespace sessionhub::bench
