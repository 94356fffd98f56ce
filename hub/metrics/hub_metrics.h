// HubMetrics: every metric of a hub, each declared once, with its name, help and where its value
// comes from. Collects them when somebody asks; never waits for a turn of a shard, nor for a disk.
//
// docs/metrics.md says what they are for; a test compares it with what a hub tells.
#ifndef HUB_METRICS_HUB_METRICS_H_
#define HUB_METRICS_HUB_METRICS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hub/config.h"
#include "hub/forward/catch_up_reader.h"
#include "hub/forward/node_registry.h"
#include "hub/gateway/app_traffic.h"
#include "hub/gateway/hub_service.h"
#include "hub/hub_clock.h"
#include "hub/metrics/broadcast_model.h"
#include "hub/metrics/exposition.h"
#include "hub/shard/app_sessions.h"
#include "hub/shard/registrar.h"
#include "hub/shard/shard_thread.h"
#include "hub/space_watch.h"
#include "hub/store/store.h"
#include "hub/walk_times.h"

namespace sessionhub::hub {

// Nothing is owned; all of it outlives the metrics.
struct MetricsContext {
  const Config* config = nullptr;
  const Store* store = nullptr;
  const NodeRegistry* registry = nullptr;
  const Registrar* registrar = nullptr;
  const CatchUpReader* reader = nullptr;
  std::vector<ShardThread*> shards;
  HubService* streams = nullptr;
  const AppTraffic* traffic = nullptr;
  const AppLimits* app_limits = nullptr;
  const AppSessions* app_sessions = nullptr;
  const BroadcastModel* broadcast = nullptr;
  const WalkTimes* walk_times = nullptr;
  const HubClock* clock = nullptr;
  const SpaceWatch* space = nullptr;
  std::string version;
  uint64_t started_us = 0;                        // hub time
  std::function<uint64_t()> now_us;               // hub time
  std::function<uint64_t()> connections_refused;  // since the start
  std::function<std::string()> why_not_ready;     // empty: it is ready
};

class HubMetrics {
 public:
  explicit HubMetrics(MetricsContext context) : context_(std::move(context)) {}

  // As of now, but for what shards tell, which is as of ShardThread::report. Any thread.
  Exposition Collect() const;

 private:
  void AddHub(Exposition* out) const;
  void AddNodes(Exposition* out) const;
  void AddStreams(Exposition* out) const;
  void AddCounters(const ShardCounters& total, const std::vector<ShardReport>& reports,
                   Exposition* out) const;
  void AddShards(const std::vector<ShardReport>& reports, Exposition* out) const;
  void AddWaits(const std::vector<ShardReport>& reports, Exposition* out) const;
  void AddCatchUps(const std::vector<ShardReport>& reports, Exposition* out) const;
  void AddApps(const std::vector<ShardReport>& reports, Exposition* out) const;
  void AddWalk(Exposition* out) const;
  void AddStore(Exposition* out) const;
  static void AddProcess(Exposition* out);

  const MetricsContext context_;
};

}  // namespace sessionhub::hub

#endif  // HUB_METRICS_HUB_METRICS_H_
