// GatewayContext: what all streams of a hub share.
#ifndef HUB_GATEWAY_GATEWAY_CONTEXT_H_
#define HUB_GATEWAY_GATEWAY_CONTEXT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "hub/forward/node_registry.h"
#include "hub/gateway/app_limits.h"
#include "hub/gateway/app_traffic.h"
#include "hub/gateway/auth.h"
#include "hub/shard/app_sessions.h"
#include "hub/shard/registrar.h"
#include "hub/shard/router.h"
#include "hub/walk_times.h"
#include "proto/session/limits.h"

namespace sessionhub::hub {

// Streams besides those of nodes_max nodes: that have not said hello, or whose end is not yet seen.
inline constexpr size_t kOtherStreamsMax = 1'000;

// Nothing is owned; all of it outlives the streams.
struct GatewayContext {
  Router* router = nullptr;
  NodeRegistry* registry = nullptr;
  Registrar* registrar = nullptr;
  WalkTimes* walk_times = nullptr;
  AppTraffic* traffic = nullptr;
  Auth* auth = nullptr;
  AppLimits* app_limits = nullptr;
  const AppSessions* app_sessions = nullptr;
  Limits limits;
  HistoryId history_id{};
  uint64_t lease_us = 0;
  uint64_t heartbeat_us = 0;
  size_t streams_max = 10'000 + kOtherStreamsMax;  // at first; one more is refused
  std::function<uint64_t()> now_us;                // hub time
  // True while the disk is too full for sessions to grow; whoever turns it off pumps the streams.
  std::function<bool()> growth_waits;
  std::function<std::string()> why_growth_waits;  // told to the nodes of which something waits
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_GATEWAY_CONTEXT_H_
