// The server.xml of a Tomcat node: the cluster that Tomcat's documentation gives as the default
// one, on this node's addresses. Pure.
#ifndef BENCH_COMPARE_TOMCAT_SERVER_XML_H_
#define BENCH_COMPARE_TOMCAT_SERVER_XML_H_

#include <string>

namespace sessionhub::bench {

// How Tomcat shares sessions.
enum class TomcatSharing {
  kDeltaAsync,  // DeltaManager, changes to all others, sent after the answer: Tomcat's default
  kDeltaSync,   // DeltaManager, changes to all others, which have applied them before the answer
  kBackup,      // BackupManager, changes to one other, which has them before the answer
};

struct TomcatNode {
  TomcatSharing sharing = TomcatSharing::kDeltaAsync;
  std::string front_ip;  // serves HTTP there, on kWebPort
  std::string back_ip;   // speaks with the other nodes there
};

// Its web application is the folder `app` beside the node's own folder, CATALINA_BASE.
std::string TomcatServerXml(const TomcatNode& node);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_TOMCAT_SERVER_XML_H_
