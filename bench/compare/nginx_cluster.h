// NginxCluster: web nodes that share nothing, and before them a real nginx that sends each user to
// one of them by ip_hash.
#ifndef BENCH_COMPARE_NGINX_CLUSTER_H_
#define BENCH_COMPARE_NGINX_CLUSTER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/compare/cluster.h"
#include "bench/compare/node_cluster.h"
#include "bench/compare/test_bed.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

class NginxCluster : public Cluster {
 public:
  // The bed outlives it.
  NginxCluster(TestBed* bed, const ClusterOptions& options);

  absl::Status Start() override;
  // The balancer's, whichever node: it decides.
  std::string FrontAddress(size_t node) const override;
  std::vector<pid_t> NodePids(size_t node) const override { return nodes_.NodePids(node); }
  // The balancer is part of every web site, and no server of sessions.
  std::vector<pid_t> ServerPids() const override { return {}; }
  absl::Status KillNode(size_t node) override { return nodes_.KillNode(node); }
  absl::Status StartNode(size_t node) override { return nodes_.StartNode(node); }
  absl::Status RestartServer() override { return nodes_.RestartServer(); }
  absl::Status Stop() override;

 private:
  absl::Status StartNginx();
  absl::Status WriteSettings(const std::string& path) const;
  std::string LogPath() const { return options_.folder + "/nginx.log"; }

  TestBed& bed_;
  const ClusterOptions options_;
  NodeCluster nodes_;
  std::unique_ptr<ChildProcess> nginx_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_NGINX_CLUSTER_H_
