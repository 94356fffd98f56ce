// ReportScene: what the rows of a report share: options, folder, findings, loads and limits that
// are measured, and how a figure is told beside what it is to be compared with.
#ifndef BENCH_REPORT_REPORT_SCENE_H_
#define BENCH_REPORT_REPORT_SCENE_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "bench/load/load.h"
#include "bench/overload/findings.h"
#include "bench/overload/overload.h"
#include "bench/overload/scene.h"
#include "bench/overload/survival.h"
#include "bench/report/report.h"

namespace sessionhub::bench {

// Of what a commit changes, wherever a row says nothing else.
inline constexpr size_t kReportValueBytes = 16;

// Of every load of a report: its commits wait until they are durable.
inline constexpr Survival kHubSurvives = Survival::kAcked;

// Of the loads that stand beside Redis.
inline constexpr size_t kReportProcesses = 16;

// "1.25 x".
std::string RatioText(double ratio);

// "12.3"; or "below noise: within 4.5 of none" where the figure is not above `noise`, which is how
// far two measurements of the same are apart, or is negative.
std::string AboveNoise(double figure, double noise);

// A figure beside another of the same run.
struct RatioRow {
  std::string name;
  Measured figure;
  Measured beside;
  double bound = 1;  // of a goal
  GoalSource source = GoalSource::kDesign;
  Comparison comparison = Comparison::kAlike;
};

// Lives for one run. One thread.
class ReportScene {
 public:
  // `folder` exists. `options` and `findings` outlive this.
  ReportScene(const ReportOptions& options, std::string folder, Findings* findings);

  const ReportOptions& options() const { return options_; }
  const std::string& folder() const { return folder_; }
  Findings& findings() const { return findings_; }

  // A load under its own name; nothing, and a violation, if it could not be measured.
  std::optional<LoadFigures> Load(const std::string& name, LoadOptions load,
                                  std::optional<double> seconds = std::nullopt);

  // Of a limit, and what survives of it. Nothing where the peer is not installed, which has been
  // said; else a figure that is not there is a mistake, as its goal would be left out in silence.
  std::optional<Measured> Limit(const std::string& measure, const std::string& row,
                                const std::string& key);

  // Goals: the figure is at most, or at least, `bound` times what it stands beside. A ratio of
  // figures that survive differently and are not marked as unlike is told as a violation instead.
  void AtMost(const RatioRow& row);
  void AtLeast(const RatioRow& row);
  // The same ratio without a goal.
  void KnownRatio(const RatioRow& row);

  // Measures under `name`; an error of it is told as a violation.
  void Measure(const std::string& name,
               const std::function<absl::Status(const std::string& own_folder)>& measure);
  // A hub that has not started, and its nodes, below `own_folder`.
  Scene HubScene(const std::string& own_folder) const {
    return Scene(hub_options_, own_folder, &findings_);
  }

  // Commits a second that 16 processes with one in flight did; 0: not measured.
  double can_do_per_s = 0;
  // What sessionhub-micro has written of all parts; empty: not measured.
  std::string micro_json;

 private:
  // Its ratio and figures as text; nothing, and a violation, where it must not be made.
  std::optional<std::string> Divide(const RatioRow& row);
  void TellRatio(const RatioRow& row, const std::string& sign, bool reached);

  const ReportOptions& options_;
  const std::string folder_;
  Findings& findings_;
  OverloadOptions hub_options_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_REPORT_SCENE_H_
