// What is risked with each strategy: nodes are killed and cut off, two nodes change a session at
// once, everything is restarted; and what users were told is stored is asked for afterwards.
// Through the front door only, and alike for all strategies.
//
// Belongs to the orchestrator's one thread.
#ifndef BENCH_COMPARE_RISKS_H_
#define BENCH_COMPARE_RISKS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "bench/compare/risk_figures.h"
#include "bench/compare/risk_trials.h"
#include "bench/compare/strategies.h"
#include "bench/compare/test_bed.h"

namespace sessionhub::bench {

// Hears a line for people after each trial.
using RiskTeller = std::function<void(const std::string& line)>;

// Runs all trials on clusters that it starts and stops: one of two nodes, and one of as many as the
// plan's burst wants. Where a strategy can be had with requests at all nodes in turn, that is how
// it is run. The folder exists. Trials that cannot be made are among the figures, and those that
// the bed cannot have (Unimplemented) are no failures; an error is one of a cluster that does not
// start: NotFound, naming the package, or Cancelled after Ctrl-C.
absl::StatusOr<RiskFigures> MeasureRisks(const ComparedStrategy& strategy, const RiskPlan& plan,
                                         TestBed* bed, const std::string& folder,
                                         const RiskTeller& tell);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_RISKS_H_
