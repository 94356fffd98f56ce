// TCP counters: what the kernel says went over this process's connections (TCP_INFO).
#ifndef BENCH_DEMO_TCP_COUNTERS_H_
#define BENCH_DEMO_TCP_COUNTERS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sessionhub::bench {

// Both directions of some connections, seen from one of their ends.
struct TcpCounters {
  uint64_t sockets = 0;
  uint64_t payload_bytes = 0;
  uint64_t segments = 0;  // with and without payload, so pure acknowledgements are in it

  // With what each segment costs on an Ethernet besides its payload: 14 bytes of Ethernet, 20 of
  // IPv4, 32 of TCP with time stamps.
  uint64_t WireBytes() const { return payload_bytes + segments * kHeaderBytes; }
  static constexpr uint64_t kHeaderBytes = 14 + 20 + 32;

  TcpCounters& operator+=(const TcpCounters& other);
};

// Since `before`, of the same sockets.
TcpCounters operator-(const TcpCounters& after, const TcpCounters& before);

// Adds one socket; false if it is not a connected TCP socket.
bool AddTcpCounters(int fd, TcpCounters* counters);
// All sockets of this process that are connected to `port`, on any address.
TcpCounters CountConnectionsTo(uint16_t port);

std::string FormatTcpCounters(const TcpCounters& counters);
std::optional<TcpCounters> ParseTcpCounters(std::string_view text);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_TCP_COUNTERS_H_
