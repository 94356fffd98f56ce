// WebNode: `sessionhub-bench compare-node`, a web server in small on a host of its own. It serves
// HTTP/1.1 with connections kept alive, and leaves what becomes of sessions to its strategy:
//
//   POST /create            lines NAME=VALUE           200 and Set-Cookie: JSESSIONID=ID
//   POST /change            Cookie, lines NAME=VALUE   200 when the strategy says it is stored
//   GET  /read?field=NAME   Cookie                     200 and the value, or nothing without it
//   GET  /dump              Cookie                     200 and all lines NAME=VALUE, by name
//   GET  /ready                                        200 once the node serves
//
// The id of a session is the node's to make.
//
// 404: the node has no such session. 500 and a line that says why: anything else.
#ifndef BENCH_COMPARE_WEB_NODE_H_
#define BENCH_COMPARE_WEB_NODE_H_

#include <string>

#include "absl/status/status.h"
#include "bench/compare/node_sessions.h"

namespace sessionhub::bench {

struct WebNodeOptions {
  NodeSessionsOptions sessions;
  std::string front_ip;  // where it listens, at kWebPort
};

// Of every web node and balancer.
inline constexpr int kWebPort = 8080;

// Serves until SIGTERM. Its sessions are shared when it begins to listen. Unavailable if it cannot.
absl::Status RunWebNode(const WebNodeOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_WEB_NODE_H_
