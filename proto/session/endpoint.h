// Endpoint: where a hub is, as people write it.
#ifndef PROTO_SESSION_ENDPOINT_H_
#define PROTO_SESSION_ENDPOINT_H_

#include <string_view>

#include "absl/status/status.h"

namespace sessionhub {

// "host:port" with a port from 1 to 65535 (an IPv6 host in brackets), or "unix:/path". The host is
// a name or an address and is not looked up. InvalidArgument, naming the endpoint, for all else.
absl::Status CheckEndpoint(std::string_view endpoint);

}  // namespace sessionhub

#endif  // PROTO_SESSION_ENDPOINT_H_
