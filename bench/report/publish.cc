// One session of which N nodes hear: a hub whose nodes have interest in it, beside a change in
// Redis that is published to as many subscribers. One change at a time, which is done when its
// answer is there and all N have heard of it.
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bench/demo/figures.h"
#include "bench/limits/redis_load.h"
#include "bench/limits/redis_server.h"
#include "bench/report/report_rows.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr size_t kHearers[] = {1, 16};
// None falls into the measurement: the longest that the hub allows.
constexpr char kPublishHeartbeatMs[] = "600000";

// Of a change that all have heard of.
struct Published {
  double per_s = 0;
  double p50_us = 0;
  double p99_us = 0;
  double wire_bytes = 0;
  double server_cpu_us = 0;
  double clients_cpu_us = 0;  // of the one process that has writer and hearers
};

nlohmann::ordered_json DescribePublished(const Published& published) {
  return {{"changes_per_s", published.per_s},
          {"p50_us", published.p50_us},
          {"p99_us", published.p99_us},
          {"wire_bytes_per_change", published.wire_bytes},
          {"server_cpu_us_per_change", published.server_cpu_us},
          {"clients_cpu_us_per_change", published.clients_cpu_us}};
}

absl::StatusOr<Published> MeasureHubTo(ReportScene* report, const std::string& folder,
                                       size_t hearers) {
  const double seconds = report->options().seconds;
  Scene scene = report->HubScene(folder);
  RETURN_IF_ERROR(scene.StartHub({"--heartbeat-ms", kPublishHeartbeatMs}));
  ASSIGN_OR_RETURN(const auto nodes, scene.StartHelper("fan-out-nodes", "hearers"));
  RETURN_IF_ERROR(nodes->Ask({{"do", "attach"}, {"nodes", hearers}}, kAskMax).status());
  ASSIGN_OR_RETURN(const Gauge hub_before, scene.HubGauge());
  ASSIGN_OR_RETURN(const Gauge nodes_before, ReadGauge(nodes->pid()));
  const json rounds = {{"do", "rounds"}, {"seconds", seconds}, {"deltas", 1}};
  ASSIGN_OR_RETURN(const json answer, nodes->Ask(rounds, LoopMax(seconds)));
  ASSIGN_OR_RETURN(const Gauge hub_after, scene.HubGauge());
  ASSIGN_OR_RETURN(const Gauge nodes_after, ReadGauge(nodes->pid()));
  RETURN_IF_ERROR(nodes->Stop());
  RETURN_IF_ERROR(scene.StopHub());
  const auto changes = answer["rounds"].get<double>();
  if (changes == 0) return absl::InternalError("no change was heard of by all");
  return Published{.per_s = answer["per_s"].get<double>(),
                   .p50_us = answer["p50_us"].get<double>(),
                   .p99_us = answer["p99_us"].get<double>(),
                   .wire_bytes = answer["wire_bytes"].get<double>() / changes,
                   .server_cpu_us = (hub_after.cpu_s - hub_before.cpu_s) * 1e6 / changes,
                   .clients_cpu_us = (nodes_after.cpu_s - nodes_before.cpu_s) * 1e6 / changes};
}

// The clients are in this process, which does nothing else meanwhile.
absl::StatusOr<Published> MeasureRedisTo(ReportScene* report, const RedisServer& server,
                                         size_t hearers) {
  RedisLoad load;
  load.port = server.port();
  load.subscribers = hearers;
  load.sessions = 1;
  load.seconds = report->options().seconds;
  ASSIGN_OR_RETURN(const Gauge server_before, ReadGauge(server.pid()));
  ASSIGN_OR_RETURN(const Gauge clients_before, ReadGauge(getpid()));
  ASSIGN_OR_RETURN(const RedisOutcome outcome, RunRedisLoad(load));
  ASSIGN_OR_RETURN(const Gauge server_after, ReadGauge(server.pid()));
  ASSIGN_OR_RETURN(const Gauge clients_after, ReadGauge(getpid()));
  const Meter& meter = outcome.meter;
  if (meter.total() == 0) return absl::InternalError("no change was published");
  const double us_of_each = 1e6 / static_cast<double>(meter.total());
  return Published{.per_s = meter.PerSecond(),
                   .p50_us = meter.latencies().PercentileUs(50),
                   .p99_us = meter.latencies().PercentileUs(99),
                   .wire_bytes = outcome.wire_bytes,
                   .server_cpu_us = (server_after.cpu_s - server_before.cpu_s) * us_of_each,
                   .clients_cpu_us = (clients_after.cpu_s - clients_before.cpu_s) * us_of_each};
}

void TellPublished(ReportScene* report, size_t hearers, const Published& hub,
                   const Published& redis) {
  const std::string to = ", one session, to " + std::to_string(hearers) +
                         (hearers == 1 ? " node" : " nodes") + " beside Redis always and PUBLISH";
  const auto tell = [&](const std::string& what, double of_hub, double of_redis) {
    report->KnownRatio({.name = what + to,
                        .figure = {of_hub, kHubSurvives},
                        .beside = {of_redis, Survival::kAcked}});
  };
  tell("changes/s heard by all", hub.per_s, redis.per_s);
  tell("p50 us until all have heard", hub.p50_us, redis.p50_us);
  tell("p99 us until all have heard", hub.p99_us, redis.p99_us);
  tell("bytes on the wire of a change", hub.wire_bytes, redis.wire_bytes);
  tell("processor us a change, server", hub.server_cpu_us, redis.server_cpu_us);
}

absl::Status MeasurePublish(ReportScene* report, const std::string& folder) {
  absl::StatusOr<RedisServer> server = RedisServer::Start(folder, "always");
  const bool skipped = absl::IsNotFound(server.status());
  if (skipped) {
    report->findings().Say("  skipped: " + std::string(server.status().message()));
    report->findings().Figure("skipped", std::string(server.status().message()));
  } else {
    RETURN_IF_ERROR(server.status());
  }
  for (const size_t hearers : kHearers) {
    const std::string count = std::to_string(hearers);
    ASSIGN_OR_RETURN(const Published hub, MeasureHubTo(report, folder + "/" + count, hearers));
    report->findings().Figure("hub_to_" + count, DescribePublished(hub));
    if (skipped) continue;
    ASSIGN_OR_RETURN(const Published redis, MeasureRedisTo(report, *server, hearers));
    report->findings().Figure("redis_always_to_" + count, DescribePublished(redis));
    TellPublished(report, hearers, hub, redis);
  }
  return skipped ? absl::OkStatus() : server->Stop();
}

}  // namespace

void TellPublish(ReportScene* scene) {
  scene->Measure("publish", [scene](const std::string& own_folder) {
    return MeasurePublish(scene, own_folder);
  });
}

}  // namespace sessionhub::bench
