// Cluster: a strategy of sharing sessions in service: so many web nodes, each on a host of its own,
// and the servers that they need. All clusters are spoken to alike, by HTTP (web_node.h).
//
// Belongs to the orchestrator's one thread.
#ifndef BENCH_COMPARE_CLUSTER_H_
#define BENCH_COMPARE_CLUSTER_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace sessionhub::bench {

struct ClusterOptions {
  size_t nodes = 2;
  // Requests of a session come to all nodes in turn: a node must not trust what it has kept of one
  // unless somebody tells it of changes.
  bool round_robin = false;
  std::string folder;  // exists; for logs and data
};

class Cluster {
 public:
  virtual ~Cluster() = default;  // kills what still runs

  // Every node serves when it returns. NotFound, naming the package, if a server is not installed.
  virtual absl::Status Start() = 0;
  // Where requests for this node go, as HOST:PORT of the front network. A balancer has one for all.
  virtual std::string FrontAddress(size_t node) const = 0;
  virtual std::vector<pid_t> NodePids(size_t node) const = 0;
  virtual std::vector<pid_t> ServerPids() const = 0;  // empty: there is no server

  virtual absl::Status KillNode(size_t node) = 0;  // SIGKILL
  // After its end; serves again when it returns.
  virtual absl::Status StartNode(size_t node) = 0;
  // In good order, on what it has stored. FailedPrecondition if there is no server.
  virtual absl::Status RestartServer() = 0;
  // All of it, in good order.
  virtual absl::Status Stop() = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_CLUSTER_H_
