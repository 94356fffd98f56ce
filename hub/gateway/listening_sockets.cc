#include "hub/gateway/listening_sockets.h"

#include <glog/logging.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "hub/host_port.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

const char kUnix[] = "unix:";

absl::Status CannotListen(const std::string& address, const std::string& why) {
  return absl::UnavailableError("cannot listen on " + address + " (" + why +
                                "): is the port in use, or the address not of this machine?");
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<Addresses> LookUp(const std::string& address) {
  const std::optional<HostPort> parsed = ParseHostPort(address);
  if (!parsed) {
    return absl::InvalidArgumentError("--listen " + address + " is no address: give host:port");
  }
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(parsed->host.c_str(), std::to_string(parsed->port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::InvalidArgumentError("--listen " + address + ": its host is not found (" +
                                      gai_strerror(error) + "): give an address of this machine");
  }
  return Addresses(found, freeaddrinfo);
}

// The port of an address, in network order.
in_port_t* PortOf(sockaddr* address) {
  return address->sa_family == AF_INET6 ? &reinterpret_cast<sockaddr_in6*>(address)->sin6_port
                                        : &reinterpret_cast<sockaddr_in*>(address)->sin_port;
}

// -1, with errno, if it cannot be bound.
int Listen(const sockaddr* address, socklen_t bytes) {
  const int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int on = 1;
  // A port whose last connections are still closing may be taken again; one that is listened on may
  // not: two hubs on one port would split the nodes between them.
  if (address->sa_family != AF_UNIX) {
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  }
  if (bind(descriptor, address, bytes) == 0 && listen(descriptor, SOMAXCONN) == 0) {
    return descriptor;
  }
  const int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

int BoundPort(int descriptor) {
  sockaddr_storage bound = {};
  socklen_t bytes = sizeof(bound);
  auto* const address = reinterpret_cast<sockaddr*>(&bound);
  if (getsockname(descriptor, address, &bytes) != 0) return 0;
  return ntohs(*PortOf(address));
}

// True if nobody listens on a socket's file any more.
bool IsLeftOver(const sockaddr_un& address) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const bool refused =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
      errno == ECONNREFUSED;
  close(descriptor);
  return refused;
}

}  // namespace

absl::StatusOr<ListeningSockets> ListeningSockets::Open(const std::string& address) {
  ListeningSockets sockets;
  if (address.rfind(kUnix, 0) == 0) {
    RETURN_IF_ERROR(sockets.OpenUnix(address.substr(std::strlen(kUnix))));
  } else {
    RETURN_IF_ERROR(sockets.OpenTcp(address));
  }
  return sockets;
}

absl::Status ListeningSockets::OpenUnix(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError("--listen unix:" + path + ": a socket's path has 1 to " +
                                      std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  // A hub that was killed leaves its file behind.
  if (IsLeftOver(address)) unlink(path.c_str());
  const int descriptor = Listen(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  if (descriptor < 0) return CannotListen(kUnix + path, std::strerror(errno));
  descriptors_.push_back(descriptor);
  unix_path_ = path;
  return absl::OkStatus();
}

absl::Status ListeningSockets::OpenTcp(const std::string& address) {
  ASSIGN_OR_RETURN(const Addresses addresses, LookUp(address));
  int error = 0;
  for (addrinfo* found = addresses.get(); found != nullptr; found = found->ai_next) {
    in_port_t* const port = PortOf(found->ai_addr);
    if (*port == 0) *port = htons(static_cast<in_port_t>(port_));
    const int descriptor = Listen(found->ai_addr, found->ai_addrlen);
    if (descriptor >= 0) {
      descriptors_.push_back(descriptor);
      if (port_ == 0) port_ = BoundPort(descriptor);
      continue;
    }
    error = errno;
    // A name may stand for addresses of kinds that are switched off here.
    if (error != EADDRNOTAVAIL && error != EAFNOSUPPORT) break;
    LOG(WARNING) << "event=address_left_out listen=" << address << " status=\""
                 << std::strerror(error) << "\"";
    error = descriptors_.empty() ? error : 0;
  }
  if (error != 0 || descriptors_.empty()) return CannotListen(address, std::strerror(error));
  return absl::OkStatus();
}

ListeningSockets::ListeningSockets(ListeningSockets&& other) noexcept
    : descriptors_(std::exchange(other.descriptors_, {})),
      port_(other.port_),
      unix_path_(std::exchange(other.unix_path_, {})) {}

ListeningSockets::~ListeningSockets() {
  for (const int descriptor : descriptors_) close(descriptor);
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

}  // namespace sessionhub::hub
