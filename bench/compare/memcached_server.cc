// memcached as a server of the comparison. It keeps sessions in its memory alone, so nothing of
// them is left when it is restarted.
#include "bench/compare/memcached_link.h"
#include "bench/compare/programs.h"
#include "bench/compare/store_server.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// The default is 64 MiB, from which large sessions would be evicted while they are in use.
constexpr char kMemoryMib[] = "2048";
// More than 64 nodes have together; the default is 1,024.
constexpr char kConnectionsMax[] = "4096";

absl::StatusOr<ChildProcess::Options> PrepareMemcached(const HostPort& address,
                                                       const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string program, FindProgram("memcached", "memcached"));
  ChildProcess::Options options;
  // It refuses to run as root. The user is the one of the package.
  ASSIGN_OR_RETURN(options.argv,
                   AsUser("memcache", "KILL",
                          {program, "-l", address.host, "-p", std::to_string(address.port), "-U",
                           "0", "-m", kMemoryMib, "-c", kConnectionsMax}));
  options.output_path = folder + "/memcached.out";
  return options;
}

}  // namespace

StoreProgram MemcachedProgram() {
  StoreProgram program;
  program.name = "memcached";
  program.port = 11211;
  program.prepare = PrepareMemcached;
  program.ask = [](const HostPort& address) { return MemcachedLink::Connect(address).status(); };
  return program;
}

}  // namespace sessionhub::bench
