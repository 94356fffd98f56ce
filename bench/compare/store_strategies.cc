// The strategies that keep sessions in a store: our own web nodes, with the store's usual client
// library, and the server as Debian has it.
#include <string>

#include "bench/compare/store_settings.h"
#include "bench/compare/strategies.h"

namespace sessionhub::bench {
namespace {

// What get and set send does not depend on the number of nodes; what tracking sends does, and is
// more than that of others with fewer. Time is short.
constexpr size_t kStoreNodesMax = 16;

std::string RedisHow(const std::string& appendfsync, const std::string& what) {
  return "redis-server with an append-only file, appendfsync " + appendfsync + "; hiredis; " + what;
}

ComparedStrategy Redis(const std::string& name, const std::string& title, const std::string& what,
                       size_t nodes_max = kStoreNodesMax) {
  return {.name = name,
          .title = title,
          .how = RedisHow(kRedisAppendFsync, what),
          .power_cut_leaves = PowerCutLeaves::kSome,
          .power_cut = "all but those of the last second or two, which were not synced yet",
          .make = OwnNodes(name, MakeRedisServer),
          .nodes_max = nodes_max};
}

// The same, with its file synced before each answer.
ComparedStrategy SyncedRedis(const std::string& name, const std::string& title,
                             const std::string& what, size_t nodes_max = kStoreNodesMax) {
  return {.name = name + "_synced",
          .title = title,
          .how = RedisHow(kRedisSyncedAppendFsync, what),
          .power_cut_leaves = PowerCutLeaves::kAll,
          .power_cut = kSyncedBeforeAnswer,
          .make = OwnNodes(name, MakeSyncedRedisServer),
          .nodes_max = nodes_max};
}

void AddMemcached(ComparedStrategies* strategies) {
  strategies->push_back(
      {.name = "memcached_sticky",
       .title = "memcached, sticky, backup copy",
       .how = "memcached; libmemcached; a node has its sessions in memory, and sets the whole "
              "session after each change",
       .power_cut = "nothing: sessions are in the memory of the nodes and of memcached",
       .make = OwnNodes("memcached_sticky", MakeMemcachedServer),
       .nodes_max = kStoreNodesMax,
       .round_robin = false});
  strategies->push_back(
      {.name = "memcached",
       .title = "memcached, get and set",
       .how = "memcached; libmemcached; get of the whole session by each request, set by those "
              "that change it",
       .power_cut = "nothing: sessions are in the memory of memcached",
       .make = OwnNodes("memcached", MakeMemcachedServer),
       .nodes_max = kStoreNodesMax});
}

void AddRedis(ComparedStrategies* strategies) {
  strategies->push_back(Redis("redis_whole", "Redis, GET and SET",
                              "GET of the whole session by each request, SET by those that change "
                              "it"));
  strategies->push_back(Redis("redis_fields", "Redis, HGETALL and HMSET (Spring Session)",
                              "the commands of Spring Session's RedisSessionRepository: HGETALL, "
                              "EXISTS, HMSET of what has changed and of the time, PEXPIREAT"));
  strategies->push_back(Redis("redis_publish", "Redis, HSET and PUBLISH to all nodes",
                              "as Redisson's MEMORY mode: changed fields by HSET, EXPIRE and "
                              "PUBLISH in one go; each node has a copy of every session",
                              kComparedNodesMax));
  strategies->push_back(Redis("redis_channels", "Redis, HSET and PUBLISH to those that follow",
                              "a channel for each session, to which a node subscribes when it "
                              "first serves it; changed fields by HSET, EXPIRE and PUBLISH",
                              kComparedNodesMax));
  strategies->push_back(Redis("redis_tracking", "Redis, client-side caching",
                              "CLIENT TRACKING, redirected to a second connection; changed fields "
                              "by HSET and EXPIRE; a node that was told that a session has "
                              "changed loads it by HGETALL with its next request"));
  // The leanest of them with each routing, once as durable as a database.
  strategies->push_back(SyncedRedis("redis_channels",
                                    "Redis, HSET and PUBLISH to those that follow, synced",
                                    "all else as without syncing", kComparedNodesMax));
  strategies->push_back(SyncedRedis("redis_tracking", "Redis, client-side caching, synced",
                                    "all else as without syncing"));
}

}  // namespace

void AddStoreStrategies(ComparedStrategies* strategies) {
  AddMemcached(strategies);
  AddRedis(strategies);
  strategies->push_back(
      {.name = "postgres",
       .title = "PostgreSQL, a row for each session",
       .how = "PostgreSQL as initdb sets it up; libpq, prepared statements, binary; SELECT of the "
              "whole session by each request, UPDATE by those that change it",
       .power_cut_leaves = PowerCutLeaves::kAll,
       .power_cut = kSyncedBeforeAnswer,
       .make = OwnNodes("postgres", MakePostgresServer),
       .nodes_max = kStoreNodesMax});
}

}  // namespace sessionhub::bench
