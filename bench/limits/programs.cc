#include "bench/limits/programs.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>

namespace sessionhub::bench {

std::string FindProgramIn(const std::string& name, const std::string& path) {
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string program = folder + "/" + name;
    if (!folder.empty() && access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

int FindFreePort() {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return 0;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool found =
      bind(socket_fd, generic, size) == 0 && getsockname(socket_fd, generic, &size) == 0;
  close(socket_fd);
  return found ? ntohs(address.sin_port) : 0;
}

}  // namespace sessionhub::bench
