// redis_always and redis_everysec: the peer, as it is mostly run for sessions and as it is run by
// those who may lose nothing.
#include <string>

#include "bench/limits/limit_measures.h"
#include "bench/limits/redis_load.h"
#include "bench/limits/redis_server.h"
#include "bench/overload/gauge.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

struct Fsync {
  const char* appendfsync;
  Survival survives;
};

constexpr Fsync kAlways = {"always", Survival::kAcked};
constexpr Fsync kEverysec = {"everysec", Survival::kAllButTheLastSecond};

std::string NameOfLoad(const RedisLoad& load, const Fsync& fsync) {
  std::string name = std::string("Redis ") + fsync.appendfsync + ", HSET";
  if (load.subscribers > 0) name += " + PUBLISH to " + std::to_string(load.subscribers);
  name += ", " + std::to_string(load.connections);
  name += load.connections == 1 ? " connection, " : " connections, ";
  return name + std::to_string(load.in_flight) + " in flight" +
         (load.connections == 1 ? "" : " each");
}

std::string KeyOfLoad(const RedisLoad& load) {
  std::string key = "hset";
  if (load.subscribers > 0) key += "_publish_" + std::to_string(load.subscribers);
  return key + "_" + std::to_string(load.connections) + "x" + std::to_string(load.in_flight);
}

absl::Status MeasureRedisLoad(const LimitScene& scene, const RedisServer& server,
                              const Fsync& fsync, RedisLoad load) {
  load.port = server.port();
  load.seconds = scene.options().seconds;
  LimitRow row{NameOfLoad(load, fsync), fsync.survives};
  scene.Progress(row.name);
  ASSIGN_OR_RETURN(const Gauge before, ReadGauge(server.pid()));
  ASSIGN_OR_RETURN(const RedisOutcome outcome, RunRedisLoad(load));
  ASSIGN_OR_RETURN(const Gauge after, ReadGauge(server.pid()));
  outcome.meter.FillIn(&row);
  row.wire_bytes = outcome.wire_bytes;
  row.cpu_s_per_10k = CpuSecondsPer10k(before.cpu_s, after.cpu_s, outcome.meter.total());
  scene.Tell(KeyOfLoad(load), row);
  return absl::OkStatus();
}

absl::Status MeasureRedis(const LimitScene& scene, const Fsync& fsync) {
  absl::StatusOr<RedisServer> server = RedisServer::Start(scene.folder(), fsync.appendfsync);
  if (absl::IsNotFound(server.status())) {
    scene.findings().Say("  skipped: " + std::string(server.status().message()));
    scene.findings().Figure("skipped", std::string(server.status().message()));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(server.status());
  for (const RedisLoad& load :
       {RedisLoad{.connections = 1, .in_flight = 1}, RedisLoad{.connections = 16, .in_flight = 1},
        RedisLoad{.connections = 16, .in_flight = 16}}) {
    RETURN_IF_ERROR(MeasureRedisLoad(scene, *server, fsync, load));
  }
  for (const size_t subscribers : scene.options().subscribers) {
    for (const size_t connections : {1, 16}) {
      RETURN_IF_ERROR(MeasureRedisLoad(scene, *server, fsync,
                                       {.connections = connections, .subscribers = subscribers}));
    }
  }
  return server->Stop();
}

}  // namespace

absl::Status MeasureRedisAlways(const LimitScene& scene) {
  return MeasureRedis(scene, kAlways);
}

absl::Status MeasureRedisEverysec(const LimitScene& scene) {
  return MeasureRedis(scene, kEverysec);
}

}  // namespace sessionhub::bench
