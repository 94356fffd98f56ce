// HostPort: a numeric IPv4 address and a port.
#ifndef BENCH_COMPARE_HOST_PORT_H_
#define BENCH_COMPARE_HOST_PORT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

struct HostPort {
  std::string host;
  uint16_t port = 0;
};

// HOST:PORT. InvalidArgument, naming the text, if it is not of that form.
absl::StatusOr<HostPort> ParseHostPort(std::string_view text);
std::string FormatHostPort(const HostPort& address);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_HOST_PORT_H_
