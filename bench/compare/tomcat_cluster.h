// A cluster of real Tomcat 10 nodes from Debian's packages, which share sessions by themselves: one
// JVM on each host, the web application of bench/compare/tomcat on each.
#ifndef BENCH_COMPARE_TOMCAT_CLUSTER_H_
#define BENCH_COMPARE_TOMCAT_CLUSTER_H_

#include <memory>

#include "bench/compare/cluster.h"
#include "bench/compare/test_bed.h"
#include "bench/compare/tomcat_server_xml.h"

namespace sessionhub::bench {

// Start is NotFound on a bed without multicast. Start and StartNode return once each node knows all
// others; KillNode does not wait until they
// have missed the node, which takes them 3 s.
std::unique_ptr<Cluster> MakeTomcatCluster(TomcatSharing sharing, TestBed* bed,
                                           const ClusterOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_TOMCAT_CLUSTER_H_
