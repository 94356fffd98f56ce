#include "bench/compare/tomcat_server_xml.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "bench/compare/web_node.h"

namespace sessionhub::bench {
namespace {

// No port takes commands to shut down; SIGTERM does that. A connection of the driver lasts as long
// as the driver wants: the defaults would close it after 100 requests, and after 20 s of silence.
constexpr char kFront[] = R"(    <Connector protocol="HTTP/1.1" address="$0" port="$1"
               maxKeepAliveRequests="-1" keepAliveTimeout="-1"/>
)";

constexpr char kInterceptors[] = "org.apache.catalina.tribes.group.interceptors";

// $0: channelSendOptions of the cluster, $1: its <Manager>, $2: the node's address, $3:
// kInterceptors.
constexpr char kCluster[] =
    R"(        <Cluster className="org.apache.catalina.ha.tcp.SimpleTcpCluster"
                 channelSendOptions="$0">
          $1
          <Channel className="org.apache.catalina.tribes.group.GroupChannel">
            <Membership className="org.apache.catalina.tribes.membership.McastService"
                        address="228.0.0.4" port="45564" frequency="500" dropTime="3000"
                        bind="$2"/>
            <Receiver className="org.apache.catalina.tribes.transport.nio.NioReceiver"
                      address="$2" port="4000" maxThreads="6"/>
            <Sender className="org.apache.catalina.tribes.transport.ReplicationTransmitter">
              <Transport className="org.apache.catalina.tribes.transport.nio.PooledParallelSender"/>
            </Sender>
            <Interceptor className="$3.TcpFailureDetector"/>
            <Interceptor className="$3.MessageDispatchInterceptor"/>
          </Channel>
          <Valve className="org.apache.catalina.ha.tcp.ReplicationValve" filter=""/>
          <Valve className="org.apache.catalina.ha.session.JvmRouteBinderValve"/>
          <ClusterListener className="org.apache.catalina.ha.session.ClusterSessionListener"/>
        </Cluster>
)";

// The engine has no jvmRoute, so that a session keeps its identifier at whichever node it is asked
// for. The application is privileged because its servlet looks at the cluster (SessionServlet), and
// nothing is looked for in jars, which would only make the start slow.
constexpr char kServer[] = R"(<?xml version="1.0" encoding="UTF-8"?>
<Server port="-1">
  <Service name="node">
$0    <Engine name="node" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false" deployOnStartup="false">
$1        <Context path="" docBase="$${catalina.base}/../app" privileged="true"
                 containerSciFilter=".*">
          <JarScanner scanClassPath="false" scanBootstrapClassPath="false"/>
        </Context>
      </Host>
    </Engine>
  </Service>
</Server>
)";

// The sum of Tribes' flags: 2, the receiver answers; 4, once it has applied the message; 8, a
// thread of its own sends it.
constexpr int kAnswered = 6;
constexpr int kInBackground = 8;

std::string ClusterElement(const TomcatNode& node) {
  switch (node.sharing) {
    case TomcatSharing::kDeltaAsync:
    case TomcatSharing::kDeltaSync:
      return absl::Substitute(
          kCluster, node.sharing == TomcatSharing::kDeltaSync ? kAnswered : kInBackground,
          R"(<Manager className="org.apache.catalina.ha.session.DeltaManager"/>)", node.back_ip,
          kInterceptors);
    case TomcatSharing::kBackup:
      break;
  }
  const std::string manager = absl::StrCat(
      R"(<Manager className="org.apache.catalina.ha.session.BackupManager" mapSendOptions=")",
      kAnswered, R"("/>)");
  return absl::Substitute(kCluster, kInBackground, manager, node.back_ip, kInterceptors);
}

}  // namespace

std::string TomcatServerXml(const TomcatNode& node) {
  return absl::Substitute(kServer, absl::Substitute(kFront, node.front_ip, kWebPort),
                          ClusterElement(node));
}

}  // namespace sessionhub::bench
