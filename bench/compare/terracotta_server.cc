#include "bench/compare/terracotta_server.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "bench/compare/interrupt.h"
#include "bench/compare/jvm_nodes.h"
#include "bench/compare/programs.h"
#include "bench/demo/process.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// As deploy/install-terracotta has it.
constexpr char kKit[] = "ehcache-clustered-3.10.8-kit";
constexpr char kKitInMaven[] = "/.m2/repository/org/ehcache/ehcache-clustered/3.10.8/";
constexpr milliseconds kUnpackMax{60'000};

constexpr int kPort = 9410;
constexpr milliseconds kStartMax{60'000};
constexpr milliseconds kStartPause{20};
constexpr milliseconds kTerracottaStopMax{30'000};
// With this code the server asks to be started again, which the kit's own script does.
constexpr int kStartAgain = 11;
constexpr char kActive[] = "Moved to State[ ACTIVE-COORDINATOR ]";

// $0: its address, $1: its port, $2: its folder. What the server must be told: with one server,
// either answer to failover-priority is the same.
constexpr char kSettings[] = R"(cluster-name=sessions
stripe.1.node.1.name=server
stripe.1.node.1.hostname=$0
stripe.1.node.1.port=$1
stripe.1.node.1.bind-address=$0
stripe.1.node.1.group-bind-address=$0
stripe.1.node.1.log-dir=$2/terracotta-log
stripe.1.node.1.metadata-dir=$2/terracotta-metadata
failover-priority=availability
offheap-resources=main:1GB
)";

bool HasLine(const std::string& path, const std::string& part) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

class TerracottaServer : public Server {
 public:
  TerracottaServer(std::string kit, const ServerOptions& options)
      : bed_(*options.bed), kit_(std::move(kit)), folder_(options.folder) {}

  absl::Status Start() override;
  std::string Address() const override {
    return absl::StrCat(bed_.BackIp(kServerHost), ":", kPort);
  }
  std::vector<pid_t> Pids() const override {
    if (process_ == nullptr) return {};
    return {process_->pid()};
  }
  absl::Status Restart() override {
    RETURN_IF_ERROR(Stop());
    return Start();
  }
  absl::Status Stop() override;

 private:
  std::vector<std::string> CommandLine(const std::string& java, const std::string& settings) const;
  // Starts the process again when it asks for that.
  absl::Status AwaitActive(const ChildProcess::Options& process);

  TestBed& bed_;
  const std::string kit_;
  const std::string folder_;
  size_t starts_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

// What the kit's own script says, but for the heap: sessions are beside it.
std::vector<std::string> TerracottaServer::CommandLine(const std::string& java,
                                                       const std::string& settings) const {
  return {java,
          "-Xmx256m",
          "-XX:MaxDirectMemorySize=1048576g",
          "-XX:-UsePerfData",
          "-Djava.net.preferIPv4Stack=true",
          "-Dtc.install-root=" + kit_ + "/server",
          "-jar",
          kit_ + "/server/lib/tc.jar",
          "-f",
          settings,
          "-r",
          folder_ + "/terracotta-settings",
          "--auto-activate"};
}

// Each start has a log of its own, so that what it says there is not of the one before.
absl::Status TerracottaServer::Start() {
  ASSIGN_OR_RETURN(const std::string java, FindProgram("java", "openjdk-17-jdk-headless"));
  const std::string settings = folder_ + "/terracotta.properties";
  RETURN_IF_ERROR(WriteTextFile(
      settings, absl::Substitute(kSettings, bed_.BackIp(kServerHost), kPort, folder_)));
  const ChildProcess::Options process = {
      .argv = CommandLine(java, settings),
      .pipes = false,
      .output_path = absl::StrCat(folder_, "/terracotta-", ++starts_, ".log")};
  ASSIGN_OR_RETURN(process_, bed_.StartOn(kServerHost, process));
  return AwaitActive(process);
}

absl::Status TerracottaServer::AwaitActive(const ChildProcess::Options& process) {
  const std::string see_log = "; see " + process.output_path;
  for (const auto deadline = steady_clock::now() + kStartMax; steady_clock::now() < deadline;) {
    if (Interrupted()) return absl::CancelledError("interrupted");
    if (HasLine(process.output_path, kActive)) return absl::OkStatus();
    const absl::StatusOr<int> code = process_->Wait(kStartPause);
    if (!code.ok()) continue;
    if (*code != kStartAgain) {
      return absl::UnavailableError(
          absl::StrCat("the Terracotta server has ended by itself with ", *code, see_log));
    }
    ASSIGN_OR_RETURN(process_, bed_.StartOn(kServerHost, process));
  }
  return absl::DeadlineExceededError("the Terracotta server was not active after 60 s" + see_log);
}

absl::Status TerracottaServer::Stop() {
  if (process_ == nullptr) return absl::OkStatus();
  process_->Terminate();
  const absl::Status status = process_->Wait(kTerracottaStopMax).status();
  process_ = nullptr;
  return status;
}

}  // namespace

absl::StatusOr<std::string> UnpackTerracottaKit(const std::string& folder) {
  const char* const home = std::getenv("HOME");
  const std::string zip = absl::StrCat(home == nullptr ? "" : home, kKitInMaven, kKit, ".zip");
  if (access(zip.c_str(), R_OK) != 0) {
    return absl::NotFoundError("the Terracotta server kit is not there, and " +
                               std::string("`deploy/install-terracotta` brings it: ") + zip);
  }
  ASSIGN_OR_RETURN(const std::string unzip, FindProgram("unzip", "unzip"));
  const std::string kit = absl::StrCat(folder, "/", kKit);
  RETURN_IF_ERROR(RunHelper({unzip, "-q", "-o", zip, absl::StrCat(kKit, "/server/*"),
                             absl::StrCat(kKit, "/client/*.jar"), "-d", folder},
                            folder + "/unzip.log", kUnpackMax));
  return kit;
}

std::unique_ptr<Server> MakeTerracottaServer(const std::string& kit, const ServerOptions& options) {
  return std::make_unique<TerracottaServer>(kit, options);
}

}  // namespace sessionhub::bench
