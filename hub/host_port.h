// HostPort: an address to listen on, as an option gives it. Pure.
#ifndef HUB_HOST_PORT_H_
#define HUB_HOST_PORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sessionhub::hub {

struct HostPort {
  std::string host;  // a name or an address; of one of IPv6 without the brackets
  uint16_t port = 0;
};

// Reads "host:port"; an address of IPv6 may be in brackets. Nothing if there is no host, or no
// number from 0 to 65535 behind the last colon.
std::optional<HostPort> ParseHostPort(std::string_view text);

}  // namespace sessionhub::hub

#endif  // HUB_HOST_PORT_H_
