// ListeningSockets: the sockets of one address that a hub listens on.
#ifndef HUB_GATEWAY_LISTENING_SOCKETS_H_
#define HUB_GATEWAY_LISTENING_SOCKETS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::hub {

// Owns the sockets and closes them, and removes the file of a Unix socket. Belongs to one thread.
class ListeningSockets {
 public:
  // "host:port", the host a name or an address (IPv6 in brackets), or "unix:/path". A name stands
  // for all its addresses; those that this machine does not have are left out, if one is left.
  // Port 0 takes any free one, the same for all. Errors: InvalidArgument for a host that is not
  // found or a path that is too long, Unavailable if nothing can be bound; they name the address
  // and what the system said.
  static absl::StatusOr<ListeningSockets> Open(const std::string& address);

  ListeningSockets(ListeningSockets&& other) noexcept;
  ListeningSockets& operator=(ListeningSockets&&) = delete;
  ~ListeningSockets();

  // Do not block.
  const std::vector<int>& descriptors() const { return descriptors_; }
  // Of a Unix socket 0.
  int port() const { return port_; }

 private:
  ListeningSockets() = default;

  absl::Status OpenUnix(const std::string& path);
  absl::Status OpenTcp(const std::string& address);

  std::vector<int> descriptors_;
  int port_ = 0;
  std::string unix_path_;  // empty: none
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_LISTENING_SOCKETS_H_
