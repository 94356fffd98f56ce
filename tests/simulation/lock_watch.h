// LockWatch: shows a LockOrder what the hub's turns do with locks: who asks, who leaves, and what
// is stored of each lock.
#ifndef TESTS_SIMULATION_LOCK_WATCH_H_
#define TESTS_SIMULATION_LOCK_WATCH_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "hub/shard/input.h"
#include "hub/store/store.h"
#include "tests/support/lock_order.h"

namespace sessionhub::simulation {

class LockWatch {
 public:
  // A turn over these inputs is durable; it was at these times.
  absl::Status Turn(uint32_t shard, const std::vector<hub::Input>& inputs, const hub::Store& store,
                    uint64_t served_us, uint64_t hub_us);
  // A hub starts on this store.
  void HubStarts(const hub::Store& store);

  testing::LockOrder& order() { return order_; }
  const testing::LockOrder& order() const { return order_; }

 private:
  using Node = std::pair<uint32_t, hub::NodeNumber>;  // as one shard knows it
  struct Attached {
    uint32_t attach = 0;
    std::string incarnation;
  };
  void Take(uint32_t shard, const hub::Input& input, uint64_t hub_us);
  // Empty if it is not of the node's newest stream.
  std::string NodeOf(uint32_t shard, const hub::Origin& origin) const;

  testing::LockOrder order_;
  std::map<Node, Attached> nodes_;
};

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_LOCK_WATCH_H_
