// Limits: what a hub accepts. Each has a default here, an option of sessionhubd, a place in
// Attached, and a test at the limit and one past it.
#ifndef PROTO_SESSION_LIMITS_H_
#define PROTO_SESSION_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "proto/session/delta.h"
#include "proto/session/path.h"

namespace sessionhub {

struct Limits {
  uint64_t id_bytes_max = 256;     // fixed: stored keys give an id's length one byte
  uint64_t path_bytes_max = 1024;  // of the encoded form
  uint64_t path_segments_max = 32;
  uint64_t value_bytes_max = 1 << 20;
  uint64_t delta_ops_max = 1024;          // operations and conditions
  uint64_t delta_bytes_max = 2 << 20;     // paths and values of one delta
  uint64_t session_bytes_max = 16 << 20;  // paths and values of one session
  uint64_t frame_bytes_max = 4 << 20;
  uint64_t in_flight_deltas_max = 4096;  // of one node, not answered yet
  uint64_t path_definitions_max = 4096;  // of one stream, in each direction
};

// What one frame of a node may ask, beside its paths: deltas, opens, resumes and all else. Each
// takes far more memory at the hub than on the wire.
inline constexpr size_t kFrameRequestsMax = 16'384;

// Each check names the thing, its size and the limit. InvalidArgument for what is not legal at all,
// ResourceExhausted for what is over a limit.
absl::Status CheckId(std::string_view id, const Limits& limits);
absl::Status CheckPath(const Path& path, const Limits& limits);
// Also that texts are UTF-8.
absl::Status CheckValue(const Value& value, const Limits& limits);
// Timeouts within kIdleTimeoutMsMin and kTimeoutMsMax, the owner within id_bytes_max.
absl::Status CheckSettings(const Settings& settings, const Limits& limits);
// Every operation, condition and setting legal, at least one operation or setting (none if it
// deletes), and all within the limits.
absl::Status CheckDelta(const Delta& delta, const Limits& limits);

// App and node names: 1 to 64 characters of [A-Za-z0-9._-]. `what` is "app" or "node name".
absl::Status CheckName(std::string_view what, std::string_view name);

}  // namespace sessionhub

#endif  // PROTO_SESSION_LIMITS_H_
