// What TCP sockets have sent, as `ss` tells it, and the sum of that while they come and go.
#ifndef BENCH_COMPARE_SOCKET_PAYLOADS_H_
#define BENCH_COMPARE_SOCKET_PAYLOADS_H_

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

struct SocketPayload {
  uint64_t cookie = 0;      // of the socket: no other one ever gets it
  uint64_t bytes_sent = 0;  // by its program, what was sent twice counted twice
};

// From what `ss --tcp --info --extended --oneline --no-header` prints: one for each line. Pure.
// Internal, quoting it, for a line that names no socket, or of which a figure is no number.
absl::StatusOr<std::vector<SocketPayload>> ParseSocketPayloads(std::string_view listing);

// Only grows: a socket that is not listed any more counts with what was last heard of it. It may be
// listed again, since the kernel's list can lack one that is there while others come and go. Not
// thread-safe.
class PayloadSum {
 public:
  // The sum, in bytes, of all sockets that were ever listed.
  uint64_t Update(const std::vector<SocketPayload>& listed);

 private:
  std::map<uint64_t, uint64_t> bytes_by_cookie_;
  uint64_t sum_bytes_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_SOCKET_PAYLOADS_H_
