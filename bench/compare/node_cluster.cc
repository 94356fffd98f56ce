#include "bench/compare/node_cluster.h"

#include <chrono>
#include <thread>
#include <utility>

#include "bench/compare/http_connection.h"
#include "bench/compare/interrupt.h"
#include "bench/compare/programs.h"
#include "bench/compare/web_node.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kReadyMax{60'000};
constexpr milliseconds kReadyPause{5};
constexpr milliseconds kStopMax{20'000};

size_t HostOf(size_t node) {
  return node + 1;
}

}  // namespace

std::string WebAddress(const TestBed& bed, size_t host) {
  return bed.FrontIp(host) + ":" + std::to_string(kWebPort);
}

absl::Status AwaitWebServer(const std::string& address, ChildProcess* process,
                            const std::string& log_path) {
  const auto deadline = steady_clock::now() + kReadyMax;
  while (steady_clock::now() < deadline) {
    if (Interrupted()) return absl::CancelledError("interrupted");
    if (!process->Running()) {
      return absl::UnavailableError("the web server at " + address + " has ended by itself; see " +
                                    log_path);
    }
    const absl::StatusOr<HttpAnswer> answer = HttpConnection(address, "").Get("/ready", "");
    if (answer.ok() && answer->status == 200) return absl::OkStatus();
    std::this_thread::sleep_for(kReadyPause);
  }
  return absl::DeadlineExceededError("the web server at " + address +
                                     " was not ready after 60 s; see " + log_path);
}

absl::Status StopProcess(ChildProcess* process, const std::string& log_path) {
  process->Terminate();
  ASSIGN_OR_RETURN(const int code, process->Wait(kStopMax));
  if (code == 0) return absl::OkStatus();
  return absl::InternalError("a process ended with " + std::to_string(code) +
                             " after SIGTERM; see " + log_path);
}

NodeCluster::NodeCluster(TestBed* bed, std::string strategy, std::unique_ptr<Server> server,
                         const ClusterOptions& options)
    : bed_(*bed),
      strategy_(std::move(strategy)),
      options_(options),
      server_(std::move(server)),
      nodes_(options.nodes) {}

absl::Status NodeCluster::Start() {
  if (server_ != nullptr) {
    RETURN_IF_ERROR(bed_.AddHost(kServerHost));
    RETURN_IF_ERROR(server_->Start());
  }
  for (size_t node = 0; node < options_.nodes; ++node) RETURN_IF_ERROR(bed_.AddHost(HostOf(node)));
  // Nodes may wait for each other, so all are there before one is waited for.
  for (size_t node = 0; node < options_.nodes; ++node) RETURN_IF_ERROR(Launch(node));
  for (size_t node = 0; node < options_.nodes; ++node) RETURN_IF_ERROR(AwaitReady(node));
  return absl::OkStatus();
}

std::string NodeCluster::LogPath(size_t node) const {
  return options_.folder + "/node-" + std::to_string(node + 1) + ".log";
}

std::vector<std::string> NodeCluster::CommandLine(size_t node) const {
  std::vector<std::string> argv = {OwnProgram("sessionhub-bench"), "compare-node"};
  const auto add = [&](const std::string& option, const std::string& value) {
    argv.push_back(option);
    argv.push_back(value);
  };
  add("--strategy", strategy_);
  add("--node", std::to_string(node));
  add("--front", bed_.FrontIp(HostOf(node)));
  add("--back", bed_.BackIp(HostOf(node)));
  for (size_t peer = 0; peer < options_.nodes; ++peer) {
    if (peer != node) add("--peer", bed_.BackIp(HostOf(peer)));
  }
  if (server_ != nullptr) add("--server", server_->Address());
  if (options_.round_robin) argv.push_back("--round-robin");
  return argv;
}

absl::Status NodeCluster::Launch(size_t node) {
  const ChildProcess::Options process = {
      .argv = CommandLine(node), .pipes = false, .output_path = LogPath(node)};
  ASSIGN_OR_RETURN(nodes_[node], bed_.StartOn(HostOf(node), process));
  return absl::OkStatus();
}

absl::Status NodeCluster::AwaitReady(size_t node) {
  return AwaitWebServer(FrontAddress(node), nodes_[node].get(), LogPath(node));
}

std::string NodeCluster::FrontAddress(size_t node) const {
  return WebAddress(bed_, HostOf(node));
}

std::vector<pid_t> NodeCluster::NodePids(size_t node) const {
  return {nodes_[node]->pid()};
}

std::vector<pid_t> NodeCluster::ServerPids() const {
  return server_ == nullptr ? std::vector<pid_t>() : server_->Pids();
}

absl::Status NodeCluster::KillNode(size_t node) {
  nodes_[node]->Kill();
  return absl::OkStatus();
}

absl::Status NodeCluster::StartNode(size_t node) {
  RETURN_IF_ERROR(Launch(node));
  return AwaitReady(node);
}

absl::Status NodeCluster::RestartServer() {
  if (server_ == nullptr) {
    return absl::FailedPreconditionError(strategy_ + " has no server to restart");
  }
  return server_->Restart();
}

absl::Status NodeCluster::Stop() {
  for (size_t node = 0; node < options_.nodes; ++node) {
    if (nodes_[node] == nullptr || !nodes_[node]->Running()) continue;
    RETURN_IF_ERROR(StopProcess(nodes_[node].get(), LogPath(node)));
  }
  return server_ == nullptr ? absl::OkStatus() : server_->Stop();
}

}  // namespace sessionhub::bench
