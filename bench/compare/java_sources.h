// What nodes that are JVMs run. The program carries the text of these files, so that a run compiles
// them against the installed libraries and needs no tree of sources.
#ifndef BENCH_COMPARE_JAVA_SOURCES_H_
#define BENCH_COMPARE_JAVA_SOURCES_H_

#include <string_view>

namespace sessionhub::bench {

extern const std::string_view kSessionServletJava;  // tomcat/SessionServlet.java
extern const std::string_view kTomcatWebXml;        // tomcat/web.xml
extern const std::string_view kTerracottaNodeJava;  // terracotta/TerracottaNode.java

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_JAVA_SOURCES_H_
