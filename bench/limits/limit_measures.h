// The measures of the limits, and what each is given. A measure prints and writes down its rows as
// it gets them; an error is one of the measurement itself, never a slow machine.
#ifndef BENCH_LIMITS_LIMIT_MEASURES_H_
#define BENCH_LIMITS_LIMIT_MEASURES_H_

#include <string>

#include "absl/status/status.h"
#include "bench/limits/limit_rows.h"
#include "bench/limits/limits.h"
#include "bench/overload/findings.h"

namespace sessionhub::bench {

// Lives for one measure; owns nothing. One thread.
class LimitScene {
 public:
  // `folder` exists. All others outlive this.
  LimitScene(const LimitsOptions& options, std::string folder, Findings* findings, LimitRows* rows)
      : options_(options), folder_(std::move(folder)), findings_(*findings), rows_(*rows) {}

  const LimitsOptions& options() const { return options_; }
  const std::string& folder() const { return folder_; }
  Findings& findings() const { return findings_; }

  // What is being measured now, before it takes its seconds.
  void Progress(const std::string& what) const;
  // A row of the table, and under `key` a figure of the measure.
  void Tell(const std::string& key, const LimitRow& row) const;

 private:
  const LimitsOptions& options_;
  const std::string folder_;
  Findings& findings_;
  LimitRows& rows_;
};

absl::Status MeasureEcho(const LimitScene& scene);
absl::Status MeasureFanOut(const LimitScene& scene);
absl::Status MeasureAppend(const LimitScene& scene);
absl::Status MeasureTurns(const LimitScene& scene);
absl::Status MeasureRedisAlways(const LimitScene& scene);
absl::Status MeasureRedisEverysec(const LimitScene& scene);

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_LIMIT_MEASURES_H_
