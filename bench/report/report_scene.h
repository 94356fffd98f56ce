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
#include "bench/report/report.h"

namespace sessionhub::bench {

// Of what a commit changes, wherever a row says nothing else.
inline constexpr size_t kReportValueBytes = 16;

// "1.25 x".
std::string RatioText(double ratio);

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

  // Of a limit. Nothing where the peer is not installed, which has been said; else a figure that is
  // not there is a mistake, as its goal would be left out in silence.
  std::optional<double> Limit(const std::string& measure, const std::string& row,
                              const std::string& key);

  // A goal: `figure` is at most so many times `limit`.
  void AtMost(const std::string& name, double figure, double limit, double ratio_max);

  // Measures under `name`; an error of it is told as a violation.
  void Measure(const std::string& name,
               const std::function<absl::Status(const std::string& own_folder)>& measure);
  // A hub that has not started, and its nodes, below `own_folder`.
  Scene HubScene(const std::string& own_folder) const {
    return Scene(hub_options_, own_folder, &findings_);
  }

  // Commits a second that 16 processes with one in flight did; 0: not measured.
  double can_do_per_s = 0;

 private:
  const ReportOptions& options_;
  const std::string folder_;
  Findings& findings_;
  OverloadOptions hub_options_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_REPORT_SCENE_H_
