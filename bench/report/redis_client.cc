#include "bench/report/redis_client.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/limits/redis_load.h"
#include "bench/load/histogram.h"
#include "bench/overload/commands.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

absl::StatusOr<json> RunLoadAt(int port, const json& command) {
  RedisLoad load;
  load.port = port;
  load.in_flight = command.value("in_flight", size_t{1});
  load.per_s = command.value("per_s", 0.0);
  load.delay_s = command.value("delay_s", 0.0);
  load.seconds = command.value("seconds", 1.0);
  ASSIGN_OR_RETURN(const RedisOutcome outcome, RunRedisLoad(load));
  LatencyHistogram latency;
  for (const float us : outcome.meter.latencies().us()) latency.Record(static_cast<int64_t>(us));
  return json{{"latency", latency.ToJson()}, {"all", outcome.meter.total()}, {"failed", 0}};
}

}  // namespace

absl::Status RunRedisClient(const GeneratorProcessOptions& options) {
  int port = 0;
  const std::string& endpoint = options.endpoint;
  std::from_chars(endpoint.data() + endpoint.rfind(':') + 1, endpoint.data() + endpoint.size(),
                  port);
  return AnswerCommands([port](const json& command) -> absl::StatusOr<json> {
    const std::string what = command.value("do", "");
    if (what == "attach") return json::object();
    if (what == "run") return RunLoadAt(port, command);
    return absl::InvalidArgumentError("no such command");
  });
}

}  // namespace sessionhub::bench
