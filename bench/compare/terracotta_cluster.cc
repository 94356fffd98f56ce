#include "bench/compare/terracotta_cluster.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/compare/java_sources.h"
#include "bench/compare/jvm_nodes.h"
#include "bench/compare/terracotta_server.h"
#include "bench/compare/web_node.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr char kReady[] = "/ready";

class TerracottaCluster : public Cluster {
 public:
  TerracottaCluster(TestBed* bed, const ClusterOptions& options)
      : bed_(bed), folder_(options.folder), nodes_(bed, options.nodes, options.folder) {}

  absl::Status Start() override;
  std::string FrontAddress(size_t node) const override { return nodes_.FrontAddress(node); }
  std::vector<pid_t> NodePids(size_t node) const override { return nodes_.Pids(node); }
  std::vector<pid_t> ServerPids() const override {
    return server_ == nullptr ? std::vector<pid_t>() : server_->Pids();
  }
  absl::Status KillNode(size_t node) override { return nodes_.Kill(node); }
  absl::Status StartNode(size_t node) override;
  absl::Status RestartServer() override;
  absl::Status Stop() override;

 private:
  absl::Status Launch(size_t node);

  TestBed* const bed_;
  const std::string folder_;
  std::string class_path_;
  std::unique_ptr<Server> server_;
  JvmNodes nodes_;  // ends before the server
};

absl::Status TerracottaCluster::Start() {
  ASSIGN_OR_RETURN(const std::string kit, UnpackTerracottaKit(folder_));
  RETURN_IF_ERROR(nodes_.Prepare());
  RETURN_IF_ERROR(bed_->AddHost(kServerHost));
  server_ = MakeTerracottaServer(kit, {.bed = bed_, .folder = folder_});
  RETURN_IF_ERROR(server_->Start());
  const std::string classes = folder_ + "/classes";
  class_path_ = absl::StrCat(classes, ":", kit, "/client/ehcache/*:", kit, "/client/lib/*");
  RETURN_IF_ERROR(nodes_.Compile("TerracottaNode", kTerracottaNodeJava, class_path_, classes));
  for (size_t node = 0; node < nodes_.size(); ++node) RETURN_IF_ERROR(Launch(node));
  for (const size_t node : nodes_.Running()) RETURN_IF_ERROR(nodes_.AwaitReady(node, kReady));
  return absl::OkStatus();
}

// Java's own web server waits for acknowledgements before it sends the end of an answer, and closes
// a connection that was silent for 30 s, unless told otherwise.
absl::Status TerracottaCluster::Launch(size_t node) {
  return nodes_.Launch(
      node, {"-Dsun.net.httpserver.nodelay=true", "-Dsun.net.httpserver.idleInterval=3600", "-cp",
             class_path_, "TerracottaNode", bed_->FrontIp(JvmNodes::Host(node)),
             std::to_string(kWebPort), server_->Address()});
}

absl::Status TerracottaCluster::StartNode(size_t node) {
  RETURN_IF_ERROR(Launch(node));
  return nodes_.AwaitReady(node, kReady);
}

absl::Status TerracottaCluster::RestartServer() {
  RETURN_IF_ERROR(server_->Restart());
  for (const size_t node : nodes_.Running()) RETURN_IF_ERROR(nodes_.AwaitReady(node, kReady));
  return absl::OkStatus();
}

absl::Status TerracottaCluster::Stop() {
  absl::Status status = nodes_.Stop();
  if (server_ != nullptr) status.Update(server_->Stop());
  return status;
}

}  // namespace

std::unique_ptr<Cluster> MakeTerracottaCluster(TestBed* bed, const ClusterOptions& options) {
  return std::make_unique<TerracottaCluster>(bed, options);
}

}  // namespace sessionhub::bench
