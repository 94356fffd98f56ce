// Server: what a strategy keeps its sessions in beside the web nodes (a hub, a cache, a database):
// one real process, or several, on kServerHost of a test bed.
//
// Belongs to the orchestrator's one thread.
#ifndef BENCH_COMPARE_SERVER_H_
#define BENCH_COMPARE_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/compare/test_bed.h"

namespace sessionhub::bench {

class Server {
 public:
  virtual ~Server() = default;  // kills what still runs

  // With nothing stored. It answers on its address when this returns. NotFound, naming the package
  // and `deploy/install-packages compare`, if it is not installed.
  virtual absl::Status Start() = 0;
  // HOST:PORT of the back network; the same ever after Start.
  virtual std::string Address() const = 0;
  // Of all its processes that run now.
  virtual std::vector<pid_t> Pids() const = 0;
  // In good order, and again on what it has stored and on the same address.
  virtual absl::Status Restart() = 0;
  virtual absl::Status Stop() = 0;  // in good order
};

// Where a server runs and keeps data and logs. The bed has kServerHost by Start, and outlives the
// server; the folder exists.
struct ServerOptions {
  TestBed* bed = nullptr;
  std::string folder;
};

using ServerMaker = std::unique_ptr<Server> (*)(const ServerOptions& options);

std::unique_ptr<Server> MakeHubServer(const ServerOptions& options);        // sessionhubd
std::unique_ptr<Server> MakeMemcachedServer(const ServerOptions& options);  // memcached
std::unique_ptr<Server> MakeRedisServer(const ServerOptions& options);      // redis-server
std::unique_ptr<Server> MakeSyncedRedisServer(const ServerOptions& options);
std::unique_ptr<Server> MakePostgresServer(const ServerOptions& options);  // postgres

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_SERVER_H_
