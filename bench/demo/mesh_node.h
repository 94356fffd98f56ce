// MeshNode: `sessionhub-bench mesh-node`, a web server in small that replicates its sessions by
// broadcast: a TCP connection to every other node, each change sent to all of them.
//
// One thread, one poll loop. Nothing is durable and nothing is acknowledged, which spares the
// broadcast bytes that the hub has to spend. Changes of requests that wait together leave in one
// send().
#ifndef BENCH_DEMO_MESH_NODE_H_
#define BENCH_DEMO_MESH_NODE_H_

#include <string>

#include "absl/status/status.h"
#include "bench/demo/mesh_codec.h"

namespace sessionhub::bench {

struct MeshNodeOptions {
  Broadcast broadcast = Broadcast::kSession;
  std::string log_path;
};

// Runs until its input ends or says "quit". Besides requests it understands: "ready" (answers with
// its port), "connect<tab>PORT", "links" (how many nodes it is connected with), "tcp" (the
// connections that it made itself, so that a sum over the nodes has each once), "stats" (messages
// sent, messages received, changes in its copies).
absl::Status RunMeshNode(const MeshNodeOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_MESH_NODE_H_
