#include "bench/report/micro_times.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

absl::StatusOr<nlohmann::json> RowsOf(const std::string& text) {
  nlohmann::json all = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!all.is_object() || !all.contains("benchmarks") || !all["benchmarks"].is_array()) {
    return absl::InvalidArgumentError("these are no figures of a benchmark");
  }
  return std::move(all["benchmarks"]);
}

absl::StatusOr<nlohmann::json> FindRow(const std::string& text, const std::string& name) {
  ASSIGN_OR_RETURN(const nlohmann::json rows, RowsOf(text));
  for (const nlohmann::json& row : rows) {
    if (!row.is_object() || row.value("name", "") != name) continue;
    if (!row.value("error_occurred", false)) return row;
    return absl::FailedPreconditionError("the benchmark " + name + " has failed: " +
                                         row.value("error_message", "it does not say why"));
  }
  return absl::NotFoundError("there is no benchmark " + name);
}

absl::StatusOr<double> NumberIn(const nlohmann::json& row, const std::string& name,
                                const std::string& key) {
  if (row.contains(key) && row[key].is_number()) return row[key].get<double>();
  return absl::FailedPreconditionError("the benchmark " + name + " does not tell its " + key);
}

}  // namespace

absl::StatusOr<double> FindMicroNs(const std::string& text, const std::string& name) {
  static const std::map<std::string, double> kNsOfUnit = {
      {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  ASSIGN_OR_RETURN(const nlohmann::json row, FindRow(text, name));
  ASSIGN_OR_RETURN(const double time, NumberIn(row, name, "cpu_time"));
  const auto unit = kNsOfUnit.find(row.value("time_unit", ""));
  if (unit != kNsOfUnit.end()) return time * unit->second;
  return absl::FailedPreconditionError("the benchmark " + name +
                                       " tells its time in no unit of ns, us, ms, s");
}

absl::StatusOr<std::vector<std::pair<std::string, double>>> AllMicroNs(const std::string& text) {
  ASSIGN_OR_RETURN(const nlohmann::json rows, RowsOf(text));
  std::vector<std::pair<std::string, double>> all;
  for (const nlohmann::json& row : rows) {
    const std::string name = row.is_object() ? row.value("name", "") : "";
    ASSIGN_OR_RETURN(const double ns, FindMicroNs(text, name));
    all.emplace_back(name, ns);
  }
  return all;
}

absl::StatusOr<std::string> WithoutPlace(const std::string& text) {
  RETURN_IF_ERROR(RowsOf(text).status());
  auto all = nlohmann::ordered_json::parse(text);
  if (all.contains("context") && all["context"].is_object()) {
    all["context"].erase("host_name");
    all["context"].erase("executable");
  }
  return all.dump(2) + "\n";
}

absl::StatusOr<double> FindMicroCounter(const std::string& text, const std::string& name,
                                        const std::string& counter) {
  ASSIGN_OR_RETURN(const nlohmann::json row, FindRow(text, name));
  return NumberIn(row, name, counter);
}

}  // namespace sessionhub::bench
