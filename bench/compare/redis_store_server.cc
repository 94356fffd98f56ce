// redis-server as a server of the comparison: with an append-only file, as who does not want to
// lose all sessions has it.
#include "bench/compare/programs.h"
#include "bench/compare/store_server.h"
#include "bench/compare/store_settings.h"
#include "bench/limits/redis_link.h"
#include "bench/limits/redis_server.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

absl::StatusOr<ChildProcess::Options> PrepareRedis(const char* appendfsync, const HostPort& address,
                                                   const std::string& folder) {
  ASSIGN_OR_RETURN(const std::string program, FindProgram("redis-server", "redis-server"));
  return RedisProcess(program, {.address = address.host,
                                .port = address.port,
                                .folder = folder,
                                .appendfsync = appendfsync});
}

// While it still reads its file, it answers with an error.
absl::Status AskRedis(const HostPort& address) {
  ASSIGN_OR_RETURN(RedisLink link, RedisLink::Connect(address.host, address.port));
  return link.Ask({"PING"}).status();
}

StoreProgram RedisThatSyncs(const char* name, const char* appendfsync) {
  StoreProgram program;
  program.name = name;
  program.port = 6379;
  program.prepare = [appendfsync](const HostPort& address, const std::string& folder) {
    return PrepareRedis(appendfsync, address, folder);
  };
  program.ask = AskRedis;
  return program;
}

}  // namespace

StoreProgram RedisProgram() {
  return RedisThatSyncs("redis", kRedisAppendFsync);
}

StoreProgram SyncedRedisProgram() {
  return RedisThatSyncs("redis_synced", kRedisSyncedAppendFsync);
}

}  // namespace sessionhub::bench
