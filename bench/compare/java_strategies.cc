// The strategies whose nodes are JVMs.
#include <utility>

#include "bench/compare/strategies.h"
#include "bench/compare/terracotta_cluster.h"
#include "bench/compare/tomcat_cluster.h"

namespace sessionhub::bench {
namespace {

// Sixteen JVMs are what a machine of two cores runs beside the one that asks them.
constexpr size_t kJavaNodesMax = 16;

// Members of BackupManager look after each other in bursts.
constexpr double kBackupPauseS = 10;
// Both ends look after each other once nothing has come for five seconds.
constexpr double kTerracottaPauseS = 10;

constexpr size_t kJavaRequestsBefore = 2'000;

constexpr char kJvm[] =
    "one JVM a node, all with 160 MiB of heap, the serial collector and the C1 compiler, so that "
    "sixteen have room";

constexpr char kNothing[] = "nothing: sessions are in the nodes' memory only";

ComparedStrategy Tomcat(std::string name, std::string title, std::string how,
                        TomcatSharing sharing) {
  return {.name = std::move(name),
          .title = std::move(title),
          .how = "Tomcat 10.1 of Debian with its documented default cluster, " + std::string(kJvm) +
                 "; " + std::move(how),
          .power_cut = kNothing,
          .make =
              [sharing](TestBed* bed, const ClusterOptions& options) {
                return MakeTomcatCluster(sharing, bed, options);
              },
          .nodes_max = kJavaNodesMax,
          .requests_before = kJavaRequestsBefore};
}

}  // namespace

void AddJavaStrategies(ComparedStrategies* strategies) {
  strategies->push_back(Tomcat("tomcat_delta_async", "Tomcat DeltaManager, asynchronous",
                               "DeltaManager, channelSendOptions 8 (its default): changed "
                               "attributes to all other nodes, after the answer",
                               TomcatSharing::kDeltaAsync));
  strategies->push_back(Tomcat("tomcat_delta_sync", "Tomcat DeltaManager, synchronous",
                               "DeltaManager, channelSendOptions 6: changed attributes to all "
                               "other nodes, which have applied them before the answer",
                               TomcatSharing::kDeltaSync));
  strategies->push_back(Tomcat("tomcat_backup", "Tomcat BackupManager",
                               "BackupManager, mapSendOptions 6 (its default): changed attributes "
                               "to one other node, which has applied them before the answer",
                               TomcatSharing::kBackup));
  strategies->back().idle_pause_s = kBackupPauseS;
  strategies->push_back(
      {.name = "terracotta",
       .title = "Terracotta server, Ehcache",
       .how = "Ehcache 3.10 clustered on a Terracotta server of its kit, strong "
              "consistency, near cache in the node; the session is loaded and put "
              "whole by each changing request, and all other nodes are told to "
              "drop their copy before the answer; " +
              std::string(kJvm),
       .power_cut = "nothing: the open edition's server keeps sessions in memory "
                    "only",
       .make = MakeTerracottaCluster,
       .nodes_max = kJavaNodesMax,
       .idle_pause_s = kTerracottaPauseS,
       .requests_before = kJavaRequestsBefore});
}

}  // namespace sessionhub::bench
