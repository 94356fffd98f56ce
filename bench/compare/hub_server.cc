// The hub as a server of the comparison: a sessionhubd as it comes, on the back network.
#include <memory>
#include <string>
#include <vector>

#include "bench/compare/programs.h"
#include "bench/compare/server.h"
#include "bench/demo/hub_process.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

class HubServer : public Server {
 public:
  explicit HubServer(const ServerOptions& options)
      : bed_(*options.bed),
        // Nobody but the hosts of this bed is on its back network, or who is on this machine.
        hub_(OwnProgram("sessionhubd"), options.folder, {"--insecure-listen"},
             options.bed->BackIp(kServerHost)) {}

  absl::Status Start() override {
    return bed_.DoOn(kServerHost, [this] { return hub_.Start(); });
  }
  std::string Address() const override { return hub_.endpoint(); }
  std::vector<pid_t> Pids() const override { return {hub_.pid()}; }
  absl::Status Restart() override {
    RETURN_IF_ERROR(hub_.Stop());
    return Start();
  }
  absl::Status Stop() override { return hub_.Stop(); }

 private:
  TestBed& bed_;
  HubProcess hub_;
};

}  // namespace

std::unique_ptr<Server> MakeHubServer(const ServerOptions& options) {
  return std::make_unique<HubServer>(options);
}

}  // namespace sessionhub::bench
