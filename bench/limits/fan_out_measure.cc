// fan_out: what gRPC takes for the same message to many streams.
#include <string>

#include "bench/limits/echo_server.h"
#include "bench/limits/fan_out_streams.h"
#include "bench/limits/limit_measures.h"
#include "bench/limits/meter.h"
#include "bench/limits/round.h"
#include "bench/overload/gauge.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {

absl::Status MeasureFanOut(const LimitScene& scene) {
  const size_t count = scene.options().streams;
  LimitRow row{"gRPC write to each of " + std::to_string(count) + " streams", Survival::kNothing};
  scene.Progress(row.name);
  ASSIGN_OR_RETURN(const EchoServer server, EchoServer::Start(scene.folder()));
  FanOutStreams streams;
  RETURN_IF_ERROR(streams.Connect(server.port(), count));
  const TcpCounters wire_before = CountConnectionsTo(server.port());
  ASSIGN_OR_RETURN(const Gauge before, ReadGauge(server.pid()));
  // One message to all, and the next when all have it.
  const auto round = [&] {
    streams.BeginRound();
    RETURN_IF_ERROR(server.WriteToAll());
    return streams.AwaitRound();
  };
  ASSIGN_OR_RETURN(const Meter rounds,
                   MeasureRounds(Stretch::FromNow(scene.options().seconds), round));
  ASSIGN_OR_RETURN(const Gauge after, ReadGauge(server.pid()));
  rounds.FillIn(&row);
  row.per_s = rounds.PerSecond() * static_cast<double>(count);
  const uint64_t copies = rounds.total() * count;
  row.wire_bytes = WireBytesOfEach(wire_before, CountConnectionsTo(server.port()), copies);
  row.cpu_s_per_10k = CpuSecondsPer10k(before.cpu_s, after.cpu_s, copies);
  scene.Tell("copies", row);
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
