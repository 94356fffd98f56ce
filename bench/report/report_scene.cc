#include "bench/report/report_scene.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/demo/figures.h"
#include "bench/overload/run_folder.h"

namespace sessionhub::bench {

std::string RatioText(double ratio) {
  return TwoDecimals(ratio) + " x";
}

std::string AboveNoise(double figure, double noise) {
  const double bound = std::max(noise, -figure);
  if (figure > bound) return OneDecimal(figure);
  return "below noise: within " + OneDecimal(bound) + " of none";
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

std::optional<Measured> ReportScene::Limit(const std::string& measure, const std::string& row,
                                           const std::string& key) {
  const nlohmann::ordered_json figures =
      findings_.figures().value(measure, nlohmann::ordered_json());
  if (figures.contains("skipped")) return std::nullopt;
  if (figures.contains(row) && figures[row].contains(key)) {
    const auto survives = ParseSurvival(figures[row].value("survives", ""));
    if (survives) return Measured{figures[row][key].get<double>(), *survives};
  }
  findings_.Violation("no figure of " + measure + ", " + row + ", " + key);
  return std::nullopt;
}

std::optional<std::string> ReportScene::Divide(const RatioRow& row) {
  const absl::StatusOr<double> ratio = RatioOf(row.figure, row.beside, row.comparison);
  if (ratio.ok()) {
    return RatioText(*ratio) + " (" + OneDecimal(row.figure.value) + " beside " +
           OneDecimal(row.beside.value) + ")";
  }
  findings_.Violation(row.name + ": " + std::string(ratio.status().message()));
  return std::nullopt;
}

void ReportScene::TellRatio(const RatioRow& row, const std::string& sign, bool reached) {
  const std::optional<std::string> figure = Divide(row);
  if (!figure) return;
  findings_.Tell({.name = row.name,
                  .goal = sign.empty() ? "" : sign + " " + RatioText(row.bound),
                  .figure = *figure,
                  .reached = reached,
                  .source = row.source,
                  .survives = row.figure.survives,
                  .beside_survives = row.beside.survives});
}

void ReportScene::AtMost(const RatioRow& row) {
  TellRatio(row, "<=", row.figure.value <= row.bound * row.beside.value);
}

void ReportScene::AtLeast(const RatioRow& row) {
  TellRatio(row, ">=", row.figure.value >= row.bound * row.beside.value);
}

void ReportScene::KnownRatio(const RatioRow& row) {
  TellRatio(row, "", false);
}

void ReportScene::Measure(
    const std::string& name,
    const std::function<absl::Status(const std::string& own_folder)>& measure) {
  RunMeasure(name, folder_, &findings_, measure);
}

}  // namespace sessionhub::bench
