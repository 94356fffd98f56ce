#include "hub/host_port.h"

#include <charconv>

namespace sessionhub::hub {

std::optional<HostPort> ParseHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const std::string_view digits = text.substr(colon + 1);
  HostPort parsed{std::string(host), 0};
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, parsed.port);
  if (host.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return parsed;
}

}  // namespace sessionhub::hub
