#include "bench/demo/tcp_counters.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>
#include <sstream>

namespace sessionhub::bench {
namespace {

// The port at the other end of a TCP connection, 0 if `fd` is nothing like that.
uint16_t PeerPort(int fd) {
  sockaddr_storage address = {};
  socklen_t bytes = sizeof(address);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &bytes) != 0) return 0;
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  }
  return 0;
}

}  // namespace

TcpCounters& TcpCounters::operator+=(const TcpCounters& other) {
  sockets += other.sockets;
  payload_bytes += other.payload_bytes;
  segments += other.segments;
  return *this;
}

TcpCounters operator-(const TcpCounters& after, const TcpCounters& before) {
  return {after.sockets, after.payload_bytes - before.payload_bytes,
          after.segments - before.segments};
}

bool AddTcpCounters(int fd, TcpCounters* counters) {
  tcp_info info = {};
  socklen_t bytes = sizeof(info);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &bytes) != 0) return false;
  ++counters->sockets;
  counters->payload_bytes += info.tcpi_bytes_sent + info.tcpi_bytes_received;
  counters->segments += uint64_t{info.tcpi_segs_out} + info.tcpi_segs_in;
  return true;
}

TcpCounters CountConnectionsTo(uint16_t port) {
  TcpCounters counters;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    const int fd = std::stoi(entry.path().filename().string());
    if (PeerPort(fd) == port) AddTcpCounters(fd, &counters);
  }
  return counters;
}

std::string FormatTcpCounters(const TcpCounters& counters) {
  return std::to_string(counters.sockets) + " " + std::to_string(counters.payload_bytes) + " " +
         std::to_string(counters.segments);
}

std::optional<TcpCounters> ParseTcpCounters(std::string_view text) {
  std::istringstream in{std::string(text)};
  TcpCounters counters;
  if (!(in >> counters.sockets >> counters.payload_bytes >> counters.segments)) return std::nullopt;
  return counters;
}

}  // namespace sessionhub::bench
