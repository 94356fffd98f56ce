// NodeCluster: our own web nodes (web_node.h) on hosts 1, 2, … of a test bed, and the server in
// which they keep their sessions, if the strategy has one.
#ifndef BENCH_COMPARE_NODE_CLUSTER_H_
#define BENCH_COMPARE_NODE_CLUSTER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/compare/cluster.h"
#include "bench/compare/server.h"
#include "bench/compare/test_bed.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

class NodeCluster : public Cluster {
 public:
  // The bed outlives it. Without a server it is nullptr.
  NodeCluster(TestBed* bed, std::string strategy, std::unique_ptr<Server> server,
              const ClusterOptions& options);

  absl::Status Start() override;
  std::string FrontAddress(size_t node) const override;
  std::vector<pid_t> NodePids(size_t node) const override;
  std::vector<pid_t> ServerPids() const override;
  absl::Status KillNode(size_t node) override;
  absl::Status StartNode(size_t node) override;
  absl::Status RestartServer() override;
  absl::Status Stop() override;

 private:
  absl::Status Launch(size_t node);
  absl::Status AwaitReady(size_t node);
  std::vector<std::string> CommandLine(size_t node) const;
  std::string LogPath(size_t node) const;

  TestBed& bed_;
  const std::string strategy_;
  const ClusterOptions options_;
  const std::unique_ptr<Server> server_;
  std::vector<std::unique_ptr<ChildProcess>> nodes_;
};

// HOST:PORT of the web server on this host.
std::string WebAddress(const TestBed& bed, size_t host);

// Asks a web server for /ready until it answers 200, at most 60 s. Unavailable, naming the log, if
// its process ends first.
absl::Status AwaitWebServer(const std::string& address, ChildProcess* process,
                            const std::string& log_path);

// SIGTERM, and waits for the end. Internal, naming the log, if it does not exit with 0 within 20 s.
absl::Status StopProcess(ChildProcess* process, const std::string& log_path);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_NODE_CLUSTER_H_
