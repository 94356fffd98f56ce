#include "bench/load/private_network.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

TEST(PrivateNetworkTest, ADatagramCountsWithAllItsHeaders) {
  if (const absl::Status entered = EnterPrivateNetwork(); !entered.ok()) GTEST_SKIP() << entered;
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in self = {};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(self);
  auto* const address = reinterpret_cast<sockaddr*>(&self);
  ASSERT_EQ(bind(fd, address, size), 0);
  ASSERT_EQ(getsockname(fd, address, &size), 0);
  const auto before = ReadLoopback();
  ASSERT_OK(before);
  std::string payload(100, 'x');
  ASSERT_EQ(sendto(fd, payload.data(), payload.size(), 0, address, size), 100);
  ASSERT_EQ(recv(fd, payload.data(), payload.size(), 0), 100);
  const auto after = ReadLoopback();
  close(fd);
  ASSERT_OK(after);
  const WireCounters counted = *after - *before;
  EXPECT_EQ(counted.packets, 1u);
  EXPECT_EQ(counted.bytes, 100u + 8 + 20 + 14) << "UDP, IPv4, Ethernet";
}

}  // namespace
}  // namespace sessionhub::bench
