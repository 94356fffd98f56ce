// PacketFilter: a network of this process's own, in which packets vanish without a word, as behind
// a broken switch or a firewall that forgets: no RST, no FIN, no ICMP. By network namespaces and
// nftables.
//
// Belongs to one thread, as HubProcess does.
#ifndef TESTS_SUPPORT_PACKET_FILTER_H_
#define TESTS_SUPPORT_PACKET_FILTER_H_

#include <string>

#include "absl/status/status.h"

namespace sessionhub::testing {

class PacketFilter {
 public:
  // Moves the process into a network with nothing but a loopback interface: all of 127.0.0.0/8.
  // Call before there is a second thread; processes that are started later are in it too.
  // Unavailable, with the reason, where this user may not.
  static absl::Status EnterOwnNetwork();

  // From now on nothing arrives at, or comes from, this IPv4 address.
  static absl::Status DropTo(const std::string& address);
  static absl::Status DropFrom(const std::string& address);
  // All arrives again.
  static absl::Status PassAll();
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_PACKET_FILTER_H_
