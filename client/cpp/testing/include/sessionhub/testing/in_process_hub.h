// InProcessHub: a hub inside a test's process, for applications that test their use of sessionhub.
// C++17. It is the hub itself - gateway, shards, interest, forwarding - on a store in memory: no
// files, no process, gone with the object.
//
//   auto hub = sessionhub::testing::InProcessHub::Start();
//   auto client = sessionhub::Client::Connect({{hub->endpoint()}, "shop", "web-1"});
//   ...
//   hub->AdvanceTime(std::chrono::minutes(34));  // sessions idle for 30 minutes have expired
//
// A test program links sessionhub::testing in place of sessionhub::client, which it includes.
#ifndef SESSIONHUB_TESTING_IN_PROCESS_HUB_H_
#define SESSIONHUB_TESTING_IN_PROCESS_HUB_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::testing {

// What can be chosen of an InProcessHub.
struct InProcessHubOptions {
  // How long a node's interest outlives its connection: 100 ms to 1 h.
  std::chrono::milliseconds lease{30'000};
  // Each side sends something at least this often: 100 ms to 10 min.
  std::chrono::milliseconds heartbeat{1'000};
  // Writers, each of its own sessions: 1 to 64.
  uint32_t shards = 2;
};

// Movable, not copyable. Belongs to one thread; clients may use the hub from any.
class InProcessHub {
 public:
  // Serves on a free port of the loopback interface when it returns. InvalidArgument for options
  // out of range, Unavailable if there is no port.
  static absl::StatusOr<InProcessHub> Start(InProcessHubOptions options = {});

  InProcessHub(InProcessHub&&) noexcept;
  InProcessHub& operator=(InProcessHub&&) noexcept;
  // As Stop.
  ~InProcessHub();

  // "127.0.0.1:port", for ClientOptions::endpoints. The same for the life of this object.
  const std::string& endpoint() const;

  // The hub is gone, as after a kill: connections are cut, nothing more is answered. What was
  // acknowledged stays for the next StartAgain. Nothing happens if it does not run.
  void Stop();

  // Serves again, on the same endpoint, what was stored. FailedPrecondition if it runs; Unavailable
  // if the port has been taken meanwhile.
  absl::Status StartAgain();

  // Sets the hub's clock on: leases, timeouts and locks that end by then end now. Nothing happens
  // if it does not run.
  void AdvanceTime(std::chrono::milliseconds by);

 private:
  struct Impl;
  explicit InProcessHub(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace sessionhub::testing

#endif  // SESSIONHUB_TESTING_IN_PROCESS_HUB_H_
