#include "bench/compare/host_port.h"

#include <charconv>

namespace sessionhub::bench {

absl::StatusOr<HostPort> ParseHostPort(std::string_view text) {
  HostPort address;
  const size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && colon > 0) {
    address.host = text.substr(0, colon);
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, address.port);
    if (parsed.ec == std::errc() && parsed.ptr == end && address.port != 0) return address;
  }
  return absl::InvalidArgumentError("'" + std::string(text) +
                                    "' is no address: give it as HOST:PORT");
}

std::string FormatHostPort(const HostPort& address) {
  return address.host + ":" + std::to_string(address.port);
}

}  // namespace sessionhub::bench
