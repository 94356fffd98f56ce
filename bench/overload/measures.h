// The measures of `sessionhub-bench overload`; bench/README.md says what each number means. Each
// takes a scene of its own. An error is one of the run itself; what is found is in the findings.
#ifndef BENCH_OVERLOAD_MEASURES_H_
#define BENCH_OVERLOAD_MEASURES_H_

#include "absl/status/status.h"
#include "bench/overload/scene.h"

namespace sessionhub::bench {

// Thousands of attached nodes: what each costs the hub, and commits beside them.
absl::Status MeasureNodes(Scene* scene);

// The hub is killed and started again, and all nodes resume all of their sessions; then once more
// after all sessions have changed meanwhile.
absl::Status MeasureStorm(Scene* scene);

// One node does not read, but says that it is there; its sessions are written by others.
absl::Status MeasureSlowReader(Scene* scene);
// The same with a node that is stopped (SIGSTOP).
absl::Status MeasureStoppedReader(Scene* scene);

// All nodes write one session.
absl::Status MeasureHotSession(Scene* scene);

// More commits than the hub can do: large values, and then many operations each.
absl::Status MeasureMailbox(Scene* scene);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_MEASURES_H_
