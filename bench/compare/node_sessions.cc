#include "bench/compare/node_sessions.h"

namespace sessionhub::bench {

MadeNodeSessions MakeNodeSessions(const NodeSessionsOptions& options) {
  for (const auto make : {MakeMeshSessions, MakeMemcachedSessions, MakeRedisSessions,
                          MakePostgresSessions, MakeHubSessions}) {
    MadeNodeSessions made = make(options);
    if (!made.ok() || *made != nullptr) return made;
  }
  return absl::InvalidArgumentError("there is no strategy " + options.strategy +
                                    " for a web node of ours");
}

}  // namespace sessionhub::bench
