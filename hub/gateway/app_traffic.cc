#include "hub/gateway/app_traffic.h"

namespace sessionhub::hub {

Traffic TrafficCounter::traffic() const {
  const auto read = [](const std::atomic<uint64_t>& counter) {
    return counter.load(std::memory_order_relaxed);
  };
  Traffic traffic;
  traffic.frames_in = read(frames_in_);
  traffic.bytes_in = read(bytes_in_);
  traffic.deltas_in = read(deltas_in_);
  traffic.frames_out = read(frames_out_);
  traffic.bytes_out = read(bytes_out_);
  traffic.forward_bytes = read(forward_bytes_);
  traffic.catch_up_bytes = read(catch_up_bytes_);
  return traffic;
}

TrafficCounter* AppTraffic::Of(AppNumber app, const std::string& name) {
  absl::MutexLock lock(&mutex_);
  auto [it, inserted] = apps_.try_emplace(app);
  if (inserted) it->second.name = name;
  return &it->second.counter;
}

std::vector<TrafficOfApp> AppTraffic::All() const {
  absl::MutexLock lock(&mutex_);
  std::vector<TrafficOfApp> all;
  all.reserve(apps_.size());
  for (const auto& [number, app] : apps_) all.push_back({number, app.name, app.counter.traffic()});
  return all;
}

}  // namespace sessionhub::hub
