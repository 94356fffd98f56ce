#include "hub/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <system_error>

namespace sessionhub::hub {
namespace {

constexpr char kSocketVariable[] = "NOTIFY_SOCKET";

absl::Status CannotTell(const std::string& path, int error) {
  return absl::UnavailableError("cannot write to " + path + ", which " + kSocketVariable +
                                " names: " + std::system_category().message(error));
}

// Sends what fits one datagram; 0, or the number of the error.
int Send(const sockaddr_un& address, socklen_t address_bytes, const std::string& text) {
  const int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return errno;
  const ssize_t sent = sendto(socket_fd, text.data(), text.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&address), address_bytes);
  const int error = sent < 0 ? errno : 0;
  close(socket_fd);
  return error;
}

}  // namespace

absl::Status TellServiceManager(const std::string& state) {
  const char* const named = std::getenv(kSocketVariable);
  if (named == nullptr || *named == '\0') return absl::OkStatus();
  const std::string path = named;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if ((path[0] != '/' && path[0] != '@') || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(std::string(kSocketVariable) + "=" + path +
                                      " is no socket: it begins with / or @ and has fewer than " +
                                      std::to_string(sizeof(address.sun_path)) + " bytes");
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  // A name that is in no folder: it begins with NUL, for which @ stands.
  if (path[0] == '@') address.sun_path[0] = '\0';
  const auto address_bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  const int error = Send(address, address_bytes, state);
  return error == 0 ? absl::OkStatus() : CannotTell(path, error);
}

}  // namespace sessionhub::hub
