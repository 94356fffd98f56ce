#include "hub/metrics/watch.h"

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(1);

MetricsContext With(const BroadcastModel* broadcast, MetricsContext context) {
  context.broadcast = broadcast;
  return context;
}

}  // namespace

Watch::Watch(MetricsContext context)
    : context_(With(&broadcast_, std::move(context))),
      broadcast_([store = context_.store](SessionNumber session) {
        return MeasureSession(*store, session);
      }),
      metrics_(context_) {}

absl::Status Watch::Start() {
  looks_ = std::make_unique<Ticker>(kLookEvery, [this] {
    std::vector<ShardReport> reports;
    for (const ShardThread* shard : context_.shards) reports.push_back(shard->report());
    broadcast_.Look(reports);
  });
  if (context_.config->metrics_listen.empty()) return absl::OkStatus();
  const auto ready = [this]() -> HttpServer::Answer {
    const std::string why_not = context_.why_not_ready();
    if (why_not.empty()) return {200, "ready\n"};
    return {503, why_not + "\n"};
  };
  const auto metrics = [this]() -> HttpServer::Answer {
    return {200, metrics_.Collect().ToText()};
  };
  const auto alive = []() -> HttpServer::Answer { return {200, "alive\n"}; };
  ASSIGN_OR_RETURN(
      server_, HttpServer::Start(context_.config->metrics_listen,
                                 {{"/metrics", metrics}, {"/livez", alive}, {"/readyz", ready}}));
  return absl::OkStatus();
}

void Watch::Stop() {
  server_.reset();
  looks_.reset();
}

SentBytes Watch::sent_bytes() const {
  SentBytes sent;
  for (const TrafficOfApp& app : context_.traffic->All()) {
    sent.forward += app.traffic.forward_bytes;
    sent.catch_up += app.traffic.catch_up_bytes;
  }
  for (const auto& [app, bytes] : broadcast_.bytes()) sent.broadcast += bytes;
  return sent;
}

}  // namespace sessionhub::hub
