// GrpcLog: gRPC's own lines in the log of the program, and no more of them than somebody can read.
//
// Whoever connects can make gRPC write a line: by a TLS handshake that fails, for one.
#ifndef HUB_GATEWAY_GRPC_LOG_H_
#define HUB_GATEWAY_GRPC_LOG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "hub/gateway/paced_lines.h"

namespace sessionhub::hub {

// Lines of many places, each of which has its own PacedLines. Pure; not thread-safe.
class PacedPlaces {
 public:
  // That have a pace of their own. Further ones share one.
  static constexpr size_t kPlacesMax = 256;

  // As PacedLines::Take, of one place.
  std::optional<uint64_t> Take(const std::string& place, uint64_t now_us);

 private:
  std::map<std::string, PacedLines> places_;
};

// From here on gRPC's lines of this process are lines of glog: `event=grpc_error` for errors, of
// each place in gRPC's sources PacedLines::kPerSecond in a second; `event=grpc`, and all of them,
// for what is asked for by GRPC_VERBOSITY and GRPC_TRACE. For programs, which own their log; any
// thread.
void TakeGrpcLog();

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_GRPC_LOG_H_
