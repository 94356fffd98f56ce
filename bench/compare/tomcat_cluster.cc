#include "bench/compare/tomcat_cluster.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/compare/java_sources.h"
#include "bench/compare/jvm_nodes.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// Parameters of the front door's /ready (tomcat/SessionServlet.java).
constexpr char kExactly[] = "peers";
constexpr char kAtLeast[] = "peers_min";

// Where Debian's package tomcat10-common has it.
constexpr char kTomcatHome[] = "/usr/share/tomcat10";
// A start takes a second of one core, and then two of waiting for others to be heard.
constexpr size_t kStartsAtOnceMax = 6;

absl::Status FindTomcat() {
  for (const char* const jar : {"/bin/bootstrap.jar", "/lib/catalina-ha.jar"}) {
    if (std::filesystem::exists(absl::StrCat(kTomcatHome, jar))) continue;
    return absl::NotFoundError(
        absl::StrCat(kTomcatHome, jar, " is not there: it is in the package tomcat10-common, and ",
                     "`deploy/install-packages compare` installs it"));
  }
  return absl::OkStatus();
}

class TomcatCluster : public Cluster {
 public:
  TomcatCluster(TomcatSharing sharing, TestBed* bed, const ClusterOptions& options)
      : sharing_(sharing),
        bed_(*bed),
        folder_(options.folder),
        nodes_(bed, options.nodes, options.folder) {}

  absl::Status Start() override;
  std::string FrontAddress(size_t node) const override { return nodes_.FrontAddress(node); }
  std::vector<pid_t> NodePids(size_t node) const override { return nodes_.Pids(node); }
  std::vector<pid_t> ServerPids() const override { return {}; }
  absl::Status KillNode(size_t node) override { return nodes_.Kill(node); }
  absl::Status StartNode(size_t node) override;
  absl::Status RestartServer() override {
    return absl::FailedPreconditionError("Tomcat's cluster has no server to restart");
  }
  absl::Status Stop() override { return nodes_.Stop(); }

 private:
  absl::Status MakeFiles() const;
  absl::Status Launch(size_t node);
  absl::Status AwaitServing(size_t node) { return nodes_.AwaitReady(node, "/ready"); }
  // Until each node that runs knows as many others as run: kExactly, or kAtLeast.
  absl::Status AwaitPeers(const char* condition);

  const TomcatSharing sharing_;
  const TestBed& bed_;
  const std::string folder_;
  JvmNodes nodes_;
};

// The web application, one for all nodes, and each node's own folder, its CATALINA_BASE.
absl::Status TomcatCluster::MakeFiles() const {
  const std::string web_inf = folder_ + "/app/WEB-INF";
  RETURN_IF_ERROR(WriteTextFile(web_inf + "/web.xml", kTomcatWebXml));
  RETURN_IF_ERROR(nodes_.Compile("SessionServlet", kSessionServletJava,
                                 absl::StrCat(kTomcatHome, "/lib/*"), web_inf + "/classes"));
  for (size_t node = 0; node < nodes_.size(); ++node) {
    const size_t host = JvmNodes::Host(node);
    const std::string xml = TomcatServerXml(
        {.sharing = sharing_, .front_ip = bed_.FrontIp(host), .back_ip = bed_.BackIp(host)});
    RETURN_IF_ERROR(WriteTextFile(nodes_.Folder(node) + "/conf/server.xml", xml));
  }
  return absl::OkStatus();
}

// Java itself, not Tomcat's script, so that the process that is started is the node.
absl::Status TomcatCluster::Launch(size_t node) {
  const std::string home = kTomcatHome;
  const std::string base = nodes_.Folder(node);
  return nodes_.Launch(
      node, {"-Dcatalina.home=" + home, "-Dcatalina.base=" + base, "-Djava.io.tmpdir=" + base,
             "-cp", home + "/bin/bootstrap.jar:" + home + "/bin/tomcat-juli.jar",
             "org.apache.catalina.startup.Bootstrap", "start"});
}

absl::Status TomcatCluster::AwaitPeers(const char* condition) {
  const std::vector<size_t> running = nodes_.Running();
  const std::string target = absl::StrCat("/ready?", condition, "=", running.size() - 1);
  for (const size_t node : running) RETURN_IF_ERROR(nodes_.AwaitReady(node, target));
  return absl::OkStatus();
}

// A node asks the one that has been there for longest for all its sessions, and waits for up to 60
// s. Two that begin together may ask each other, and neither answers. So the first node is ready
// before the others begin, and all of them ask it.
absl::Status TomcatCluster::Start() {
  if (!bed_.has_networks()) {
    return absl::NotFoundError(
        "there is no multicast on the loopback interface, by which Tomcat's nodes find each other: "
        "that takes network namespaces");
  }
  RETURN_IF_ERROR(FindTomcat());
  RETURN_IF_ERROR(nodes_.Prepare());
  RETURN_IF_ERROR(MakeFiles());
  for (size_t node = 0; node < nodes_.size(); ++node) {
    RETURN_IF_ERROR(Launch(node));
    if (node == 0) RETURN_IF_ERROR(AwaitServing(node));
    if (node >= kStartsAtOnceMax) RETURN_IF_ERROR(AwaitServing(node - kStartsAtOnceMax + 1));
  }
  return AwaitPeers(kExactly);
}

// The others would take a node that is back before they have missed it for two.
absl::Status TomcatCluster::StartNode(size_t node) {
  RETURN_IF_ERROR(AwaitPeers(kExactly));
  RETURN_IF_ERROR(Launch(node));
  // Who has missed it may count it twice again: its failure detector finds that somebody listens
  // where the dead one did.
  return AwaitPeers(kAtLeast);
}

}  // namespace

std::unique_ptr<Cluster> MakeTomcatCluster(TomcatSharing sharing, TestBed* bed,
                                           const ClusterOptions& options) {
  return std::make_unique<TomcatCluster>(sharing, bed, options);
}

}  // namespace sessionhub::bench
