// Dump: `sessionhub-bench dump`, a fresh process that asks the hub what it holds and writes it down
// for the checker.
#ifndef BENCH_DEMO_DUMP_H_
#define BENCH_DEMO_DUMP_H_

#include <string>

#include "absl/status/status.h"

namespace sessionhub::bench {

struct DumpOptions {
  std::string endpoint;
  std::string app;
  std::string ids_path;  // a session id on each line; empty: nodes are written, not sessions
  std::string output_path;
};

// Sessions: one line each (see carts_writer.h); an id without a session gets no line. Nodes: a JSON
// array of {"name", "attached", "forwards", "interests"}, one for each incarnation of the app.
// Errors are the hub's.
absl::Status RunDump(const DumpOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_DUMP_H_
