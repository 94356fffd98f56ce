// Mesh: the same requests through a full mesh of nodes that broadcast their changes, for
// comparison.
#ifndef BENCH_DEMO_MESH_H_
#define BENCH_DEMO_MESH_H_

#include "absl/status/statusor.h"
#include "bench/demo/mesh_codec.h"
#include "bench/demo/step.h"

namespace sessionhub::bench {

// Runs the whole workload over three fresh mesh nodes and counts the bytes on their three
// connections. Internal if a node did not get every change.
absl::StatusOr<Bytes> RunMesh(Stage* stage, Broadcast broadcast, Routing routing);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_MESH_H_
