// The five steps of the demo: each runs, prints a line of plain words and figures, and adds them to
// the report. An error is one of the run itself; a broken promise is a failure in the report.
#ifndef BENCH_DEMO_DEMO_STEPS_H_
#define BENCH_DEMO_DEMO_STEPS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "bench/demo/report.h"
#include "bench/demo/step.h"

namespace sessionhub::bench {

// 1: each session stays at one node; the hub forwards nothing. Also measures the bytes of that.
absl::Status ShowSticky(Stage* stage, Report* report);
// 2: two nodes take turns; each gets what the other changes, and the third gets nothing.
absl::Status ShowRoundRobin(Stage* stage, Report* report);
// 3: nodes are killed; their sessions go on at the others with every acked change.
absl::Status ShowNodeKills(Stage* stage, size_t kills, uint64_t seed, Report* report);
// 4: the hub is killed; everything goes on by itself, every acked change is there, once.
absl::Status ShowHubKills(Stage* stage, size_t kills, uint64_t seed, Report* report);
// 5: bytes for each change, beside broadcasts of the same requests. Needs step 1.
absl::Status ShowBytes(Stage* stage, Report* report);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_DEMO_STEPS_H_
