// Half of what the hub can do, at the hub and at Redis one after the other: the same rate by as
// many processes, each with a time for each change that was fixed before.
#include <nlohmann/json.hpp>
#include <string>

#include "bench/demo/figures.h"
#include "bench/limits/redis_server.h"
#include "bench/overload/worker.h"
#include "bench/report/crowd_nodes.h"
#include "bench/report/report_rows.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr double kBesideShare = 4;  // times the seconds of a measurement, at each of the two
constexpr size_t kBesideInFlight = 16;

struct Side {
  double per_s = 0;
  LatencyHistogram latency;
  double server_cpu_us = 0;   // of a change
  double clients_cpu_us = 0;  // of all of them together

  double Us(double percent) const { return static_cast<double>(latency.PercentileUs(percent)); }
  double CpuUs() const { return server_cpu_us + clients_cpu_us; }
};

nlohmann::ordered_json DescribeSide(const Side& side) {
  return {{"changes_per_s", side.per_s},
          {"latency_us", DescribeUs(side.latency)},
          {"server_cpu_us_per_change", side.server_cpu_us},
          {"clients_cpu_us_per_change", side.clients_cpu_us}};
}

std::string SideText(const Side& side) {
  return OneDecimal(side.Us(50)) + " and " + OneDecimal(side.Us(99)) + ", " +
         OneDecimal(side.server_cpu_us) + " and " + OneDecimal(side.clients_cpu_us);
}

// Processes that are there, one connection each.
absl::StatusOr<Workers> StartRedisClients(const RedisServer& server, const std::string& folder) {
  Workers clients;
  for (size_t i = 0; i < kReportProcesses; ++i) {
    WorkerSpec spec;
    spec.program = ProgramFolder() + "/sessionhub-bench";
    spec.folder = folder;
    spec.endpoint = "127.0.0.1:" + std::to_string(server.port());
    spec.app = "redis";
    spec.prefix = "client-" + std::to_string(i);
    spec.command = "redis-client";
    ASSIGN_OR_RETURN(clients.emplace_back(), Worker::Start(spec));
  }
  RETURN_IF_ERROR(AskAll(clients, {{"do", "attach"}}, kAskMax).status());
  return clients;
}

absl::StatusOr<double> CpuSecondsOf(const Workers& workers) {
  double cpu_s = 0;
  for (const auto& worker : workers) {
    ASSIGN_OR_RETURN(const Gauge gauge, ReadGauge(worker->pid()));
    cpu_s += gauge.cpu_s;
  }
  return cpu_s;
}

absl::Status SendRuns(const Workers& clients, double per_s, double seconds) {
  json run = {{"do", "run"},
              {"in_flight", kBesideInFlight},
              {"per_s", per_s / static_cast<double>(clients.size())},
              {"seconds", seconds}};
  for (size_t i = 0; i < clients.size(); ++i) {
    // Each has its turn within the time between two changes of a client.
    run["delay_s"] = static_cast<double>(i) / per_s;
    RETURN_IF_ERROR(clients[i]->Send(run));
  }
  return absl::OkStatus();
}

absl::StatusOr<Side> MeasureRedisSide(RedisServer* server, const std::string& folder, double per_s,
                                      double seconds) {
  ASSIGN_OR_RETURN(Workers clients, StartRedisClients(*server, folder));
  ASSIGN_OR_RETURN(const Gauge server_before, ReadGauge(server->pid()));
  ASSIGN_OR_RETURN(const double clients_before, CpuSecondsOf(clients));
  RETURN_IF_ERROR(SendRuns(clients, per_s, seconds));
  ASSIGN_OR_RETURN(const auto answers, AwaitAll(clients, LoopMax(2 * seconds)));
  ASSIGN_OR_RETURN(const Gauge server_after, ReadGauge(server->pid()));
  ASSIGN_OR_RETURN(const double clients_after, CpuSecondsOf(clients));
  ASSIGN_OR_RETURN(const Served served, SumServed(answers, seconds));
  RETURN_IF_ERROR(StopAll(&clients));
  RETURN_IF_ERROR(server->Stop());
  const double us_of_each = 1e6 / static_cast<double>(served.with_warm_up);
  return Side{served.per_s, served.latency, (server_after.cpu_s - server_before.cpu_s) * us_of_each,
              (clients_after - clients_before) * us_of_each};
}

void TellSides(ReportScene* report, const Side& hub, const Side& redis) {
  report->findings().Tell(
      {.name = "at " + OneDecimal(hub.per_s) + " changes/s by " + std::to_string(kReportProcesses) +
               " processes: p50 and p99 us, processor us a change of server and processes",
       .goal = "",
       .figure = "hub " + SideText(hub) + "; Redis always " + SideText(redis),
       .survives = kHubSurvives,
       .beside_survives = Survival::kAcked});
  const auto tell = [report](const std::string& what, double of_hub, double of_redis) {
    report->KnownRatio({.name = "at that rate, " + what + ", hub beside Redis always",
                        .figure = {of_hub, kHubSurvives},
                        .beside = {of_redis, Survival::kAcked}});
  };
  tell("p50 us", hub.Us(50), redis.Us(50));
  tell("p99 us", hub.Us(99), redis.Us(99));
  tell("processor us a change, server", hub.server_cpu_us, redis.server_cpu_us);
  tell("processor us a change, server and processes", hub.CpuUs(), redis.CpuUs());
}

absl::Status MeasureBeside(ReportScene* report, const std::string& folder, const Side& hub,
                           double seconds) {
  report->findings().Figure("hub", DescribeSide(hub));
  absl::StatusOr<RedisServer> server = RedisServer::Start(folder, "always");
  if (absl::IsNotFound(server.status())) {
    report->findings().Say("  skipped: " + std::string(server.status().message()));
    report->findings().Figure("skipped", std::string(server.status().message()));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(server.status());
  ASSIGN_OR_RETURN(const Side redis, MeasureRedisSide(&*server, folder, hub.per_s, seconds));
  report->findings().Figure("redis_always", DescribeSide(redis));
  TellSides(report, hub, redis);
  return absl::OkStatus();
}

}  // namespace

void TellHalfLoadBeside(ReportScene* scene) {
  const double can_do_per_s = MeasureCanDo(scene);
  if (can_do_per_s <= 0) return;  // which has been said
  const double seconds = kBesideShare * scene->options().seconds;
  const auto figures = scene->Load("half_beside",
                                   {.nodes = kReportProcesses,
                                    .sessions = 1'600,
                                    .per_s = can_do_per_s / 2,
                                    .in_flight_max = kBesideInFlight},
                                   seconds);
  if (!figures || figures->commits == 0) return;
  const Side hub = {figures->commits_per_s, figures->latency, figures->hub_cpu_us,
                    figures->nodes_cpu_us};
  scene->Measure("half_load_beside", [&](const std::string& own_folder) {
    return MeasureBeside(scene, own_folder, hub, seconds);
  });
}

}  // namespace sessionhub::bench
