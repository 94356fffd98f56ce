// Demo: `sessionhub-bench demo`, the whole path with real processes, real kills and real bytes, in
// five steps. The orchestrator holds no logic of the client; what is true is decided by the
// checker.
#ifndef BENCH_DEMO_DEMO_H_
#define BENCH_DEMO_DEMO_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

struct DemoOptions {
  std::string baskets_path;  // empty: baskets are generated
  size_t limit = 0;          // of lines read; 0: all
  size_t carts = 400;        // generated
  uint64_t seed = 1;
  size_t users = 48;         // who shop at the same time
  size_t kills = 20;         // of a node, and as many of the hub
  double idle_s = 3;         // how long idle traffic is measured, each time
  double time_max_s = 1800;  // for everything
  std::string hub_program;   // empty: sessionhubd beside this program
  std::string json_path;     // empty: no figures are written
};

// Runs all steps and prints what happened. True if every promise was kept. The temporary folder is
// removed then, and kept and named otherwise. An error is one of the run itself.
absl::StatusOr<bool> RunDemo(const DemoOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_DEMO_H_
