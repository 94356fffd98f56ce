// Overload: `sessionhub-bench overload`. A real hub under more than it likes: thousands of nodes,
// all of them back at once, one that does not read, one session that all write, more commits than
// it can do. Measures what that costs, and checks that no promise is broken by it.
#ifndef BENCH_OVERLOAD_OVERLOAD_H_
#define BENCH_OVERLOAD_OVERLOAD_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

struct OverloadOptions {
  std::vector<std::string> only;  // names of measures; empty: all
  size_t nodes = 2'000;           // of `nodes`
  size_t storm_nodes = 500;
  size_t storm_sessions = 200;  // of each of them
  double away_s = 6;            // how long the hub of storm is away at least; above its heartbeat
  double stall_s = 60;          // of slow_reader and stopped_reader: one phase of four
  size_t outbox_bytes_max = 8 << 20;  // of the hub, in these two
  size_t hot_nodes = 50;
  size_t flood = 240;       // commits in flight at each node of mailbox
  double load_s = 20;       // of each stretch of writing in the others
  std::string hub_program;  // empty: sessionhubd beside this program
  std::string json_path;    // empty: no figures are written
  std::string command;      // for the file: what was called
  std::string commit;       // for the file: what was built
};

// The names of all measures, in the order in which they are run.
std::vector<std::string> OverloadMeasures();

// Runs the measures and prints what they find. True if no promise was broken; a goal that is missed
// is told, and does not make it false. The temporary folder is removed then, and kept and named
// otherwise. An error is one of the run itself.
absl::StatusOr<bool> RunOverload(const OverloadOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_OVERLOAD_H_
