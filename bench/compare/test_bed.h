// TestBed: hosts of their own on one machine. Each host is a network namespace with two interfaces:
// `front0`, by which requests come, and `back0`, by which nodes and servers speak with each other.
// What every host sends on the back network is counted by the kernel, in frames of an Ethernet with
// an MTU of 1,500 bytes, so that headers, acknowledgements, heartbeats and membership are in it.
//
// Nothing of it has a name outside this process: namespaces live by descriptors, and processes end
// with the one that started them, whatever happens to it.
//
// Belongs to the orchestrator's one thread, which must be the process's first.
#ifndef BENCH_COMPARE_TEST_BED_H_
#define BENCH_COMPARE_TEST_BED_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

// What hosts have sent on the back network, each frame once: 14 bytes of Ethernet's header, IP, TCP
// or UDP, payload.
struct BackCounters {
  uint64_t bytes = 0;
  uint64_t frames = 0;
};

BackCounters operator-(const BackCounters& after, const BackCounters& before);

// Hosts of servers; nodes are hosts 1, 2, …
inline constexpr size_t kServerHost = 100;
inline constexpr size_t kBalancerHost = 101;
inline constexpr size_t kHostMax = 101;

class TestBed {
 public:
  // Takes the calling thread into a network of its own, which holds both bridges. PermissionDenied
  // where that is not allowed, NotFound, naming the package, without `ip` or `ethtool`.
  static absl::StatusOr<std::unique_ptr<TestBed>> Make();
  TestBed(const TestBed&) = delete;
  TestBed& operator=(const TestBed&) = delete;
  ~TestBed();

  // Makes the host, 1 to kHostMax, if it is not there yet.
  absl::Status AddHost(size_t host);
  static std::string FrontIp(size_t host);  // "198.19.0.HOST"
  static std::string BackIp(size_t host);   // "198.18.0.HOST"
  // Addresses of the front network that are this process's own, from client 0: connections to hosts
  // may be bound to them. They differ in the third number, by which nginx's ip_hash tells clients.
  static std::string ClientIp(size_t client);

  // A process on that host, which must be there.
  absl::StatusOr<std::unique_ptr<ChildProcess>> StartOn(size_t host,
                                                        const ChildProcess::Options& options);
  // Runs what opens sockets, or looks at interfaces, as if on that host.
  absl::Status DoOn(size_t host, const std::function<absl::Status()>& action);

  // Of all hosts together.
  absl::StatusOr<BackCounters> Count() const;

  // Pulls the cable by which the host is on the back network, or plugs it in again. Addresses and
  // connections stay, and what is sent meanwhile is lost.
  absl::Status SetBackCable(size_t host, bool plugged) const;
  // Ends the TCP connections that the host has on the back network, and returns how many. Its
  // programs see that at once; the others only when they hear from the host, which they do not
  // without a cable. Unimplemented where the kernel cannot end connections.
  absl::StatusOr<size_t> BreakBackConnections(size_t host);

 private:
  TestBed() = default;

  absl::Status MakeBridges();
  absl::Status ConnectHost(size_t host);

  int own_namespace_ = -1;
  std::map<size_t, int> namespaces_;  // descriptors, by host
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_TEST_BED_H_
