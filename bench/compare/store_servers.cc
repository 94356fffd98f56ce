// The stores as servers of the test bed.
#include "bench/compare/server.h"
#include "bench/compare/store_server.h"

namespace sessionhub::bench {

ServerPlace OnServerHost(TestBed* bed) {
  ServerPlace place;
  place.ip = bed->BackIp(kServerHost);
  place.own_ports = bed->has_networks();
  place.start = [bed](const ChildProcess::Options& options) {
    return bed->StartOn(kServerHost, options);
  };
  place.run = [bed](const std::function<absl::Status()>& action) {
    return bed->DoOn(kServerHost, action);
  };
  return place;
}

std::unique_ptr<Server> MakeMemcachedServer(const ServerOptions& options) {
  return std::make_unique<StoreServer>(MemcachedProgram(), OnServerHost(options.bed),
                                       options.folder);
}

std::unique_ptr<Server> MakeRedisServer(const ServerOptions& options) {
  return std::make_unique<StoreServer>(RedisProgram(), OnServerHost(options.bed), options.folder);
}

std::unique_ptr<Server> MakeSyncedRedisServer(const ServerOptions& options) {
  return std::make_unique<StoreServer>(SyncedRedisProgram(), OnServerHost(options.bed),
                                       options.folder);
}

std::unique_ptr<Server> MakePostgresServer(const ServerOptions& options) {
  return std::make_unique<StoreServer>(PostgresProgram(), OnServerHost(options.bed),
                                       options.folder);
}

}  // namespace sessionhub::bench
