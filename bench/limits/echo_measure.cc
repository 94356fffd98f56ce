// echo: what gRPC takes for a message there and back, without anything being done in between.
#include <memory>
#include <string>
#include <vector>

#include "bench/limits/echo_server.h"
#include "bench/limits/echo_stream.h"
#include "bench/limits/limit_measures.h"
#include "bench/limits/meter.h"
#include "bench/overload/gauge.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

absl::StatusOr<Meter> EchoOver(std::vector<std::unique_ptr<EchoStream>>* streams,
                               const Stretch& stretch, size_t in_flight) {
  for (const auto& stream : *streams) stream->Start(stretch, in_flight);
  Meter all(stretch);
  absl::Status status;
  // All are awaited, whatever becomes of one: none may be destroyed before.
  for (const auto& stream : *streams) {
    const absl::StatusOr<Meter> meter = stream->Await();
    if (meter.ok()) all.Merge(*meter);
    status.Update(meter.status());
  }
  if (!status.ok()) return status;
  return all;
}

absl::Status MeasureStreams(const LimitScene& scene, const EchoServer& server, size_t count,
                            size_t in_flight, const std::string& key) {
  LimitRow row{"gRPC echo, " + std::to_string(count) + (count == 1 ? " stream, " : " streams, ") +
                   std::to_string(in_flight) + " in flight" + (count == 1 ? "" : " each"),
               Survival::kNothing};
  scene.Progress(row.name);
  std::vector<std::unique_ptr<EchoStream>> streams;
  for (size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(streams.emplace_back(), EchoStream::Connect(server.port()));
  }
  const TcpCounters wire_before = CountConnectionsTo(server.port());
  ASSIGN_OR_RETURN(const Gauge before, ReadGauge(server.pid()));
  ASSIGN_OR_RETURN(const Meter meter,
                   EchoOver(&streams, Stretch::FromNow(scene.options().seconds), in_flight));
  ASSIGN_OR_RETURN(const Gauge after, ReadGauge(server.pid()));
  const TcpCounters wire_after = CountConnectionsTo(server.port());
  meter.FillIn(&row);
  row.wire_bytes = WireBytesOfEach(wire_before, wire_after, meter.total());
  row.cpu_s_per_10k = CpuSecondsPer10k(before.cpu_s, after.cpu_s, meter.total());
  scene.Tell(key, row);
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureEcho(const LimitScene& scene) {
  ASSIGN_OR_RETURN(const EchoServer server, EchoServer::Start(scene.folder()));
  RETURN_IF_ERROR(MeasureStreams(scene, server, 1, 1, "one_in_flight"));
  return MeasureStreams(scene, server, 16, 16, "sixteen_streams");
}

}  // namespace sessionhub::bench
