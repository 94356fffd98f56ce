#include "bench/compare/strategies.h"

#include "bench/compare/nginx_cluster.h"
#include "bench/compare/node_cluster.h"

namespace sessionhub::bench {
namespace {

// The hub and its nodes send something at least so often.
constexpr double kHubPauseS = 5;

}  // namespace

const ComparedStrategies& AllStrategies() {
  static const ComparedStrategies* const kAll = [] {
    auto* strategies = new ComparedStrategies();
    AddNodeStrategies(strategies);
    AddJavaStrategies(strategies);
    AddStoreStrategies(strategies);
    AddHubStrategies(strategies);
    return strategies;
  }();
  return *kAll;
}

const ComparedStrategy* FindStrategy(std::string_view name) {
  for (const ComparedStrategy& strategy : AllStrategies()) {
    if (strategy.name == name) return &strategy;
  }
  return nullptr;
}

ClusterMaker OwnNodes(const std::string& strategy, ServerMaker make_server) {
  return [strategy, make_server](TestBed* bed, const ClusterOptions& options) {
    std::unique_ptr<Server> server;
    if (make_server != nullptr) server = make_server({.bed = bed, .folder = options.folder});
    return std::make_unique<NodeCluster>(bed, strategy, std::move(server), options);
  };
}

void AddNodeStrategies(ComparedStrategies* strategies) {
  strategies->push_back(
      {.name = "sticky_only",
       .title = "sticky only",
       .how = "nginx with ip_hash before the web nodes; a session is in the memory of its node",
       .power_cut = "nothing: sessions are in the memory of one node",
       .make =
           [](TestBed* bed, const ClusterOptions& options) {
             return std::make_unique<NginxCluster>(bed, options);
           },
       .round_robin = false});
  strategies->push_back(
      {.name = "broadcast_sessions",
       .title = "broadcast of whole sessions",
       .how = "full mesh over TCP; a change sends its whole session to all other nodes, and is "
              "answered once the kernel has it; what a broken connection has missed is not told "
              "again",
       .power_cut = "nothing: sessions are in the memory of the nodes",
       .make = OwnNodes("broadcast_sessions", nullptr)});
  strategies->push_back(
      {.name = "broadcast_fields",
       .title = "broadcast of changed fields",
       .how = "the same mesh; a change sends the fields that it sets to all other nodes, in the "
              "manner of the hub's forwards but without versions: ids and names go once, then as "
              "numbers",
       .power_cut = "nothing: sessions are in the memory of the nodes",
       .make = OwnNodes("broadcast_fields", nullptr)});
}

void AddHubStrategies(ComparedStrategies* strategies) {
  strategies->push_back(
      {.name = "sessionhub_push",
       .title = "sessionhub, push",
       .how = "sessionhubd; a change is answered once it is durable, and forwarded to the nodes "
              "that have opened its session",
       .power_cut_leaves = PowerCutLeaves::kAll,
       .power_cut = kSyncedBeforeAnswer,
       .make = OwnNodes("sessionhub_push", MakeHubServer),
       .idle_pause_s = kHubPauseS});
  strategies->push_back(
      {.name = "sessionhub_invalidate",
       .title = "sessionhub, invalidate",
       .how = "the same hub; nodes that have opened a session are told once that it has changed, "
              "and fetch what has changed with their next request of it",
       .power_cut_leaves = PowerCutLeaves::kAll,
       .power_cut = kSyncedBeforeAnswer,
       .make = OwnNodes("sessionhub_invalidate", MakeHubServer),
       .idle_pause_s = kHubPauseS});
}

}  // namespace sessionhub::bench
