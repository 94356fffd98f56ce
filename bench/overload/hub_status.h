// What the hub's Admin service tells of its state, as the measures need it.
#ifndef BENCH_OVERLOAD_HUB_STATUS_H_
#define BENCH_OVERLOAD_HUB_STATUS_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

// {"nodes": …, "interests": …, "lapses": …, "catch_ups": …, "forwards": …, "turns": …, "syncs": …,
// "outbox_bytes": {NODE: …}}; the last of attached nodes only.
absl::StatusOr<nlohmann::json> ReadHubStatus(const std::string& endpoint);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_HUB_STATUS_H_
