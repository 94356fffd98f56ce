#include "bench/report/report_scene.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/demo/figures.h"
#include "bench/overload/run_folder.h"

namespace sessionhub::bench {

std::string RatioText(double ratio) {
  return TwoDecimals(ratio) + " x";
}

ReportScene::ReportScene(const ReportOptions& options, std::string folder, Findings* findings)
    : options_(options), folder_(std::move(folder)), findings_(*findings) {
  hub_options_.hub_program = options.hub_program;
}

std::optional<LoadFigures> ReportScene::Load(const std::string& name, LoadOptions load,
                                             std::optional<double> seconds) {
  load.seconds = seconds.value_or(options_.seconds);
  load.value_bytes = kReportValueBytes;
  load.hub_program = options_.hub_program;
  findings_.Begin("load_" + name);
  findings_.Say("load_" + name + ": " + std::to_string(load.nodes) + " nodes, " +
                std::to_string(load.in_flight_max) + " in flight each" +
                (load.per_s > 0 ? ", " + OneDecimal(load.per_s) + " commits/s" : ""));
  const std::string folder = folder_ + "/" + name;
  const absl::StatusOr<LoadFigures> figures = MeasureLoad(load, folder, &findings_);
  if (!figures.ok()) {
    findings_.Violation("could not be measured: " + figures.status().ToString());
    return std::nullopt;
  }
  TellLoad(load, *figures, &findings_);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return *figures;
}

std::optional<double> ReportScene::Limit(const std::string& measure, const std::string& row,
                                         const std::string& key) {
  const nlohmann::ordered_json figures =
      findings_.figures().value(measure, nlohmann::ordered_json());
  if (figures.contains("skipped")) return std::nullopt;
  if (figures.contains(row) && figures[row].contains(key)) return figures[row][key].get<double>();
  findings_.Violation("no figure of " + measure + ", " + row + ", " + key);
  return std::nullopt;
}

void ReportScene::AtMost(const std::string& name, double figure, double limit, double ratio_max) {
  findings_.Goal(
      name, "<= " + RatioText(ratio_max),
      RatioText(figure / limit) + " (" + OneDecimal(figure) + " beside " + OneDecimal(limit) + ")",
      figure <= ratio_max * limit);
}

void ReportScene::Measure(
    const std::string& name,
    const std::function<absl::Status(const std::string& own_folder)>& measure) {
  RunMeasure(name, folder_, &findings_, measure);
}

}  // namespace sessionhub::bench
