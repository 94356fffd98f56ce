// A cluster of JVMs whose sessions are in an Ehcache on a real Terracotta server: the web node is
// bench/compare/terracotta.
#ifndef BENCH_COMPARE_TERRACOTTA_CLUSTER_H_
#define BENCH_COMPARE_TERRACOTTA_CLUSTER_H_

#include <memory>

#include "bench/compare/cluster.h"
#include "bench/compare/test_bed.h"

namespace sessionhub::bench {

// RestartServer returns once all nodes have found the server again.
std::unique_ptr<Cluster> MakeTerracottaCluster(TestBed* bed, const ClusterOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_TERRACOTTA_CLUSTER_H_
