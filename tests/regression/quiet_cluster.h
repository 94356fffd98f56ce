// QuietCluster: a hub and two nodes, all of them real but for gRPC and the disk, in one thread and
// in simulated time. Nothing happens by itself: frames, timers and ticks run within Advance.
#ifndef TESTS_REGRESSION_QUIET_CLUSTER_H_
#define TESTS_REGRESSION_QUIET_CLUSTER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/cpp/src/client_machine.h"
#include "tests/simulation/simulated_hub.h"

namespace sessionhub::regression {

class QuietCluster {
 public:
  QuietCluster();

  // Node `node` opens the session; the first to do so creates it, with this timeout.
  void Open(size_t node, const std::string& id, uint64_t idle_us);
  absl::Status Read(size_t node);
  // True while the node has a copy. No use.
  bool Alive(size_t node);

  // Lets time pass, in steps of a second at most.
  void Advance(uint64_t us) { AdvanceTo(now_us_ + us); }
  void AdvanceTo(uint64_t until_us);

  uint64_t now_us() const { return now_us_; }
  uint64_t lease_us() const { return simulation::HubOptions().lease_us; }
  uint64_t touches() const { return touches_; }  // that nodes have sent

 private:
  struct Node {
    std::optional<client::ClientMachine> machine;
    std::unique_ptr<simulation::HubStream> stream;
    client::CopyRef copy;
  };

  client::Time Now() const { return client::Time() + std::chrono::microseconds(now_us_); }
  void Exchange();

  uint64_t now_us_ = 1'700'000'000'000'000;
  uint64_t touches_ = 0;
  const std::unique_ptr<hub::MemoryStore> store_ = hub::MemoryStore::Create(HistoryId{});
  simulation::SimulatedHub hub_{{}, store_.get(), &now_us_};
  std::array<Node, 2> nodes_;
};

}  // namespace sessionhub::regression

#endif  // TESTS_REGRESSION_QUIET_CLUSTER_H_
