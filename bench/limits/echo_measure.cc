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

// What a row of the echo sends.
struct EchoShape {
  const char* key;
  size_t streams = 1;
  size_t in_flight = 1;  // frames, on each stream
  size_t batch = 1;      // messages of a frame
};

std::string NameOfEcho(const EchoShape& shape) {
  std::string name = "gRPC echo";
  if (shape.batch > 1) name += " of frames of " + std::to_string(shape.batch);
  name += ", " + std::to_string(shape.streams) + (shape.streams == 1 ? " stream, " : " streams, ");
  return name + std::to_string(shape.in_flight) + " in flight" +
         (shape.streams == 1 ? "" : " each");
}

// All but the latencies, which are of a frame, is of a message.
absl::Status MeasureStreams(const LimitScene& scene, const EchoServer& server,
                            const EchoShape& shape) {
  LimitRow row{NameOfEcho(shape), Survival::kNothing};
  scene.Progress(row.name);
  std::vector<std::unique_ptr<EchoStream>> streams;
  for (size_t i = 0; i < shape.streams; ++i) {
    ASSIGN_OR_RETURN(streams.emplace_back(),
                     EchoStream::Connect(server.port(), shape.batch * kGrpcMessageBytes));
  }
  const TcpCounters wire_before = CountConnectionsTo(server.port());
  ASSIGN_OR_RETURN(const Gauge before, ReadGauge(server.pid()));
  ASSIGN_OR_RETURN(const Meter meter,
                   EchoOver(&streams, Stretch::FromNow(scene.options().seconds), shape.in_flight));
  ASSIGN_OR_RETURN(const Gauge after, ReadGauge(server.pid()));
  const TcpCounters wire_after = CountConnectionsTo(server.port());
  meter.FillIn(&row);
  row.per_s = meter.PerSecond() * static_cast<double>(shape.batch);
  const uint64_t messages = meter.total() * shape.batch;
  row.wire_bytes = WireBytesOfEach(wire_before, wire_after, messages);
  row.cpu_s_per_10k = CpuSecondsPer10k(before.cpu_s, after.cpu_s, messages);
  scene.Tell(shape.key, row);
  return absl::OkStatus();
}

constexpr size_t kEchoBatch = 16;
constexpr EchoShape kEchoShapes[] = {
    {.key = "one_in_flight"},
    {.key = "sixteen_streams", .streams = 16, .in_flight = 16},
    {.key = "frames_one_in_flight", .batch = kEchoBatch},
    {.key = "frames_sixteen_in_flight", .in_flight = 16, .batch = kEchoBatch},
    {.key = "frames_sixteen_streams", .streams = 16, .batch = kEchoBatch},
};

}  // namespace

absl::Status MeasureEcho(const LimitScene& scene) {
  ASSIGN_OR_RETURN(const EchoServer server, EchoServer::Start(scene.folder()));
  for (const EchoShape& shape : kEchoShapes) {
    RETURN_IF_ERROR(MeasureStreams(scene, server, shape));
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
