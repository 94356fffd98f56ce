// TestBed: hosts on one machine, each with an address of the front network, by which requests come,
// and one of the back network, by which nodes and servers speak with each other; and what all hosts
// have sent on the back network.
//
// Nothing of it has a name outside this process, and processes end with the one that started them,
// whatever happens to it.
//
// Belongs to the orchestrator's one thread, which must be the process's first.
#ifndef BENCH_COMPARE_TEST_BED_H_
#define BENCH_COMPARE_TEST_BED_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

// What hosts have sent on the back network; TestBed::network says what that is.
struct BackCounters {
  uint64_t bytes = 0;
  std::optional<uint64_t> frames = {};  // nothing: they are not counted
};

BackCounters operator-(const BackCounters& after, const BackCounters& before);

// Hosts of servers; nodes are hosts 1, 2, …
inline constexpr size_t kServerHost = 100;
inline constexpr size_t kBalancerHost = 101;
inline constexpr size_t kHostMax = 101;

// The clients' half of a front network whose addresses begin with these two numbers, "198.19." for
// example: what the third number is at least, and a client's address.
inline constexpr size_t kClientsThird = 128;
std::string ClientIpIn(const std::string& front_network, size_t client);

class TestBed {
 public:
  // Hears a line for people.
  using Teller = std::function<void(const std::string& line)>;

  // The bed of namespaces (namespace_bed.h), or, where those are not allowed, that of the loopback
  // interface (loopback_bed.h): `tell` hears of that, and why. Errors are those of the bed.
  static absl::StatusOr<std::unique_ptr<TestBed>> Make(const Teller& tell);
  TestBed(const TestBed&) = delete;
  TestBed& operator=(const TestBed&) = delete;
  virtual ~TestBed() = default;

  // What Count counts, in a word of the results file:
  // - "namespaces": frames, each once, with 14 bytes of Ethernet's header, IP, TCP or UDP, payload;
  // - "socket payloads": what TCP has sent of what programs gave it, and no frames. What it sends
  //   again counts again. Of a connection that has come and gone between two counts nothing is
  //   known.
  virtual std::string network() const = 0;
  // Each host has a network of its own: all ports are free there, groups find each other by
  // multicast, and there is a cable. Otherwise hosts share the loopback interface of this machine.
  virtual bool has_networks() const = 0;

  // Makes the host, 1 to kHostMax, if it is not there yet. InvalidArgument beyond these.
  virtual absl::Status AddHost(size_t host) = 0;
  virtual std::string FrontIp(size_t host) const = 0;
  virtual std::string BackIp(size_t host) const = 0;
  // Addresses of the front network that are this process's own, from client 0: connections to hosts
  // may be bound to them. They differ in the third number, by which nginx's ip_hash tells clients.
  virtual std::string ClientIp(size_t client) const = 0;

  // A process on that host. FailedPrecondition if the host is not there.
  virtual absl::StatusOr<std::unique_ptr<ChildProcess>> StartOn(
      size_t host, const ChildProcess::Options& options) = 0;
  // Runs what opens sockets, or looks at interfaces, as if on that host. FailedPrecondition if the
  // host is not there.
  virtual absl::Status DoOn(size_t host, const std::function<absl::Status()>& action) = 0;

  // Of all hosts together, since some time before: what matters is the difference of two.
  virtual absl::StatusOr<BackCounters> Count() const = 0;

  // Pulls the cable by which the host is on the back network, or plugs it in again. Addresses and
  // connections stay, and what is sent meanwhile is lost. Unimplemented if there is no cable.
  virtual absl::Status SetBackCable(size_t host, bool plugged) const = 0;
  // Ends the TCP connections that the host has on the back network, and returns how many. Its
  // programs see that at once; the others only when they hear from the host, which they do not
  // without a cable. Unimplemented where the kernel cannot end connections, or there is no cable.
  virtual absl::StatusOr<size_t> BreakBackConnections(size_t host) = 0;

 protected:
  TestBed() = default;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_TEST_BED_H_
