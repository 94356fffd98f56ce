// What a SimulatedNode is given, and what it tells. Plain data.
#ifndef TESTS_SIMULATION_NODE_OPTIONS_H_
#define TESTS_SIMULATION_NODE_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/session/ids.h"
#include "proto/session/limits.h"
#include "proto/session/state.h"
#include "tests/simulation/reference_model.h"
#include "tests/simulation/sights.h"
#include "tests/support/lock_order.h"

namespace sessionhub::simulation {

struct NodeOptions {
  std::string name;
  std::string life;  // a name for this life, unlike any other
  std::vector<std::string> ids;
  size_t near_cache_bytes_max = 1 << 20;
  bool deletes = true;
  uint64_t idle_timeout_ms = 0;  // of the sessions it creates, or twice that; 0: none
  Limits limits;
  std::chrono::microseconds stale_max{0};  // the shorter of the client's and the hub's lease
  bool locks = false;                      // uses the locks of sessions
  // Not owned, and shared by all nodes: the history that the hub has now, and what it says of
  // locks.
  const HistoryId* history = nullptr;
  testing::LockOrder* lock_order = nullptr;
  Sights* sights = nullptr;
  // If set, the application uses operations of every kind, and this judges them. Not owned.
  ReferenceModel* model = nullptr;
};

// A commit of which the application was told that every other node with interest has it.
struct DeliveredCommit {
  SessionNumber session = 0;
  Version version = 0;
  bool deletes = false;
  std::vector<std::string> missing;
};

// What a node holds of a session.
struct Copy {
  SessionNumber number = 0;
  SessionState state;
};

// What has come of a session, in items.
struct HeardOf {
  uint64_t changes = 0;  // and catch-ups
  uint64_t invalidations = 0;
};

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_NODE_OPTIONS_H_
