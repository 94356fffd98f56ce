// The Terracotta server of Ehcache's kit, as a server of the comparison: one active server, no
// mirror. The open edition keeps everything in memory.
#ifndef BENCH_COMPARE_TERRACOTTA_SERVER_H_
#define BENCH_COMPARE_TERRACOTTA_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/compare/server.h"

namespace sessionhub::bench {

// Unpacks the kit, which `deploy/install-terracotta` has brought, and returns the folder inside
// `folder` in which it is. NotFound, naming that script, if it has not.
absl::StatusOr<std::string> UnpackTerracottaKit(const std::string& folder);

// Of an unpacked kit. NotFound from Start, naming the package, if there is no Java.
std::unique_ptr<Server> MakeTerracottaServer(const std::string& kit, const ServerOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_TERRACOTTA_SERVER_H_
