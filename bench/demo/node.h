// Node: `sessionhub-bench node`, a web server in small. A real process that embeds the client stub
// and runs the demo's request handler for each line of its standard input.
#ifndef BENCH_DEMO_NODE_H_
#define BENCH_DEMO_NODE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace sessionhub::bench {

struct NodeOptions {
  std::string endpoint;
  std::string app;
  std::string name;
  std::string log_path;
  size_t threads = 8;                  // that handle requests
  size_t unanswered_max = 64;          // commits in flight; a handler waits past it
  uint64_t open_patience_ms = 45'000;  // until a session that the hub does not open is given up
  uint64_t stale_max_ms = 15'000;      // as ClientOptions::stale_max
};

// Runs until its input ends or says "quit". Besides requests it understands: "ready", "attached",
// "stats", "tcp", "views<tab>FILE" (writes its copy of every session it has opened), "settled"
// (waits until every request that it was given is answered), "read" (the status with which it reads
// from the copy that it used last).
absl::Status RunNode(const NodeOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_NODE_H_
