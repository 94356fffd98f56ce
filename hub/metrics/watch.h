// Watch: lets others watch a hub: its metrics and whether it is ready, over HTTP, and what a
// broadcast would have sent. Owns what it needs for that, and its threads.
//
//   /metrics  every metric, as Prometheus reads it
//   /livez    200 while the process answers at all
//   /readyz   200 if the hub takes what nodes send; else 503, and the body says why not
#ifndef HUB_METRICS_WATCH_H_
#define HUB_METRICS_WATCH_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "hub/gateway/app_traffic.h"
#include "hub/metrics/broadcast_model.h"
#include "hub/metrics/http_server.h"
#include "hub/metrics/hub_metrics.h"
#include "hub/ticker.h"

namespace sessionhub::hub {

class Watch {
 public:
  // `context.broadcast` is the watch's to set.
  explicit Watch(MetricsContext context);
  ~Watch() { Stop(); }

  // Begins to look at what is broadcast, once a second, and serves the pages on
  // config.metrics_listen, unless that is empty. Errors are those of HttpServer. Call once.
  absl::Status Start();

  // Ends both. Whoever is being answered is answered first.
  void Stop();

  // Of the pages; 0: they are not served.
  int port() const { return server_ ? server_->port() : 0; }

  // Of all apps. Any thread.
  SentBytes sent_bytes() const;

 private:
  const MetricsContext context_;
  BroadcastModel broadcast_;
  const HubMetrics metrics_;
  std::unique_ptr<Ticker> looks_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace sessionhub::hub

#endif  // HUB_METRICS_WATCH_H_
