// Sizing: `sessionhub-bench sizing`. Reckons what a hub and its nodes need, and checks the
// reckoning against real processes.
#ifndef BENCH_SIZING_SIZING_H_
#define BENCH_SIZING_SIZING_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/sizing/size_plan.h"

namespace sessionhub::bench {

struct SizingOptions {
  SizeQuestion question;
  bool check = false;  // measures; `question` is left alone
  bool quick = false;  // of the check: small and short, so that its figures are told and not judged
  double seconds = 30;    // of the check: of changes, at each point
  std::string json_path;  // empty: no figures are written
  std::string command;    // for the file: what was called
  std::string commit;     // for the file: what was built
  std::string hub_program;
};

void AddSizing(CLI::App* program, SizingOptions* options);

// InvalidArgument for options that contradict each other.
absl::Status CheckSizingOptions(const SizingOptions& options);

// Prints the plan, or what the check finds. False if the check finds a resource that is more than
// kSizingFactorMax away from its plan, in either direction, or a broken promise.
absl::StatusOr<bool> RunSizing(const SizingOptions& options);

// How far a measured figure may be from what was planned, in either direction: machines, and what
// shares them, differ by as much.
inline constexpr double kSizingFactorMax = 2;

// True if `measured` is within the factor of `planned`.
bool WithinSizingFactor(double planned, double measured);

}  // namespace sessionhub::bench

#endif  // BENCH_SIZING_SIZING_H_
