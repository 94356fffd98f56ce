// StoreServer: a server of one Debian package, as a process that is told by its command line where
// to listen and where its data is.
//
// Belongs to the orchestrator's one thread.
#ifndef BENCH_COMPARE_STORE_SERVER_H_
#define BENCH_COMPARE_STORE_SERVER_H_

#include <sys/types.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/compare/host_port.h"
#include "bench/compare/server.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

// Where a server runs: a host of a test bed, or this one.
struct ServerPlace {
  std::string ip;
  bool own_ports = true;  // all ports are free there
  std::function<absl::StatusOr<std::unique_ptr<ChildProcess>>(const ChildProcess::Options&)> start;
  // Runs what opens sockets, so that they are of that host.
  std::function<absl::Status(const std::function<absl::Status()>&)> run;
};

ServerPlace OnServerHost(TestBed* bed);
ServerPlace OnLoopback();

// What one of them needs.
struct StoreProgram {
  std::string name;   // for messages
  uint16_t port = 0;  // that it has where all are free
  int stop_signal = SIGTERM;
  int exit_code = 0;  // after that
  // Ends it at once, with all of its processes.
  int end_signal = SIGKILL;
  // Makes ready what it needs in the folder, which is empty, and says how it is started there.
  // NotFound, naming the package, if it is not installed.
  std::function<absl::StatusOr<ChildProcess::Options>(const HostPort& address,
                                                      const std::string& folder)>
      prepare;
  // OK if it answers.
  std::function<absl::Status(const HostPort& address)> ask;
};

class StoreServer final : public Server {
 public:
  // Keeps data and logs in a folder of its own, below `folder`.
  StoreServer(StoreProgram program, ServerPlace place, const std::string& folder);
  ~StoreServer() override;

  absl::Status Start() override;
  std::string Address() const override { return FormatHostPort(address_); }
  std::vector<pid_t> Pids() const override;
  absl::Status Restart() override;
  absl::Status Stop() override;

 private:
  absl::Status StartProcess();
  absl::Status AwaitAnswer();

  const StoreProgram program_;
  const ServerPlace place_;
  const std::string folder_;
  HostPort address_;
  ChildProcess::Options options_;
  std::unique_ptr<ChildProcess> process_;
};

StoreProgram MemcachedProgram();
StoreProgram RedisProgram();        // that syncs its file each second ...
StoreProgram SyncedRedisProgram();  // ... or before each answer
StoreProgram PostgresProgram();

// A command line that runs `argv` as this user, if this process is root's, and lets it end by
// `end_signal` (a name) with the process that starts it. It may go through folders that are root's
// alone. NotFound where there is no user but root: in a user namespace that somebody else has made.
absl::StatusOr<std::vector<std::string>> AsUser(const std::string& user,
                                                const std::string& end_signal,
                                                const std::vector<std::string>& argv);

// The process, if it runs, and all that have come from it.
std::vector<pid_t> ProcessTree(pid_t root);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_STORE_SERVER_H_
