// RedisServer: a redis-server of Debian's package in a process of its own, on a free port of the
// loopback address, with an append-only file and nothing else on the disk.
//
// Belongs to the main thread, which starts the process; ends it when destroyed, by its process id.
#ifndef BENCH_LIMITS_REDIS_SERVER_H_
#define BENCH_LIMITS_REDIS_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

// How a redis-server is run: with an append-only file, without snapshots.
struct RedisSettings {
  std::string address = "127.0.0.1";
  int port = 0;
  std::string folder;       // exists; for data and log
  std::string appendfsync;  // "always" or "everysec"
  bool rewrites = true;     // of the append-only file, when it has doubled
};

ChildProcess::Options RedisProcess(const std::string& program, const RedisSettings& settings);

class RedisServer {
 public:
  // Keeps its data and its log in `folder`, which exists. `appendfsync` is "always" or "everysec".
  // Returns once it answers, as the process that was started here and with that setting.
  // NotFound if it is not installed, DeadlineExceeded after 20 s, Unavailable if it does not start.
  static absl::StatusOr<RedisServer> Start(const std::string& folder,
                                           const std::string& appendfsync);

  pid_t pid() const { return process_->pid(); }
  int port() const { return port_; }

  // SIGTERM, and waits for its end. DeadlineExceeded after 20 s, when destruction kills it;
  // Internal if it does not exit with 0.
  absl::Status Stop();

 private:
  RedisServer(std::unique_ptr<ChildProcess> process, int port)
      : process_(std::move(process)), port_(port) {}

  std::unique_ptr<ChildProcess> process_;
  int port_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_REDIS_SERVER_H_
