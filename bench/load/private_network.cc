#include "bench/load/private_network.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace sessionhub::bench {
namespace {

constexpr uint64_t kEthernetBytes = 14;

absl::Status LoopbackUp() {
  const int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request = {};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  const bool known = socket_fd >= 0 && ioctl(socket_fd, SIOCGIFFLAGS, &request) == 0;
  request.ifr_flags = static_cast<int16_t>(request.ifr_flags | IFF_UP);
  const bool up = known && ioctl(socket_fd, SIOCSIFFLAGS, &request) == 0;
  const std::string error = std::strerror(errno);
  if (socket_fd >= 0) close(socket_fd);
  if (up) return absl::OkStatus();
  return absl::UnavailableError("the loopback interface does not come up: " + error);
}

}  // namespace

WireCounters operator-(const WireCounters& after, const WireCounters& before) {
  return {after.bytes - before.bytes, after.packets - before.packets};
}

absl::Status EnterPrivateNetwork() {
  if (unshare(CLONE_NEWNET) != 0) {
    return absl::PermissionDeniedError(std::string("no network namespace: ") +
                                       std::strerror(errno) + "; it needs root");
  }
  return LoopbackUp();
}

absl::StatusOr<WireCounters> ReadLoopback() {
  std::ifstream file("/proc/thread-self/net/dev");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos || line.find("lo") >= colon) continue;
    std::istringstream numbers(line.substr(colon + 1));
    WireCounters received;
    if (!(numbers >> received.bytes >> received.packets)) continue;
    // The kernel takes an Ethernet's header off before it counts what lo carries.
    received.bytes += kEthernetBytes * received.packets;
    return received;
  }
  return absl::UnavailableError("/proc/thread-self/net/dev tells nothing of the interface lo");
}

}  // namespace sessionhub::bench
