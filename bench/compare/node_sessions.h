// NodeSessions: how a web node keeps the sessions that it serves, and shares them with the others:
// one strategy, as it runs inside the node.
#ifndef BENCH_COMPARE_NODE_SESSIONS_H_
#define BENCH_COMPARE_NODE_SESSIONS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::bench {

// By name. Values are printable ASCII without line ends.
using SessionFields = std::map<std::string, std::string>;

// Thread-safe: each request has a thread. A call is what one request does, and returns once the
// strategy would let the node answer its user.
class NodeSessions {
 public:
  virtual ~NodeSessions() = default;

  // A session that no node has yet.
  virtual absl::Status Create(const std::string& id, const SessionFields& fields) = 0;
  // Sets these fields and leaves the others. NotFound if there is no such session for this node.
  virtual absl::Status Change(const std::string& id, const SessionFields& changes) = 0;
  // All fields. NotFound if there is no such session for this node.
  virtual absl::StatusOr<SessionFields> Read(const std::string& id) = 0;
};

struct NodeSessionsOptions {
  std::string strategy;            // a name of strategies.h
  size_t node = 0;                 // of the cluster, from 0
  std::string back_address;        // of this node, where it may listen for others
  std::vector<std::string> peers;  // the other nodes' back addresses
  std::string server;              // HOST:PORT of the server; empty if there is none
  bool round_robin = false;        // as ClusterOptions
};

// InvalidArgument if there is no such strategy, Unavailable if its server or peers do not answer.
absl::StatusOr<std::unique_ptr<NodeSessions>> MakeNodeSessions(const NodeSessionsOptions& options);

// The parts of MakeNodeSessions: nullptr if the name is not one of theirs.
using MadeNodeSessions = absl::StatusOr<std::unique_ptr<NodeSessions>>;
MadeNodeSessions MakeMeshSessions(const NodeSessionsOptions& options);       // local, broadcast
MadeNodeSessions MakeMemcachedSessions(const NodeSessionsOptions& options);  // memcached
MadeNodeSessions MakeRedisSessions(const NodeSessionsOptions& options);      // Redis
MadeNodeSessions MakePostgresSessions(const NodeSessionsOptions& options);   // PostgreSQL
MadeNodeSessions MakeHubSessions(const NodeSessionsOptions& options);        // sessionhub

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_NODE_SESSIONS_H_
