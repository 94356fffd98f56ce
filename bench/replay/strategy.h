// Strategy: a way to share sessions among nodes, and what it sends for the requests that reach
// them. Pure: no clock, no network; the same visits give the same sums.
#ifndef BENCH_REPLAY_STRATEGY_H_
#define BENCH_REPLAY_STRATEGY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/replay/path_book.h"
#include "bench/replay/session_image.h"
#include "bench/replay/wire_model.h"

namespace sessionhub::bench {

// A node that has served a session, from its first request on it until the session ends.
struct Holder {
  size_t node = 0;
  uint32_t handle = 0;     // of the session at that node, from 1; free ones are given again
  bool changed = false;    // has changed it
  uint64_t last_seq = 0;   // of the node's deltas: the last one on this session
  Version seen = 0;        // the session's version after the node's last request on it
  Version found = 0;       // and before it
  int64_t use_told_s = 0;  // when the hub was last told that the node uses it
};

// One request at one node.
struct Visit {
  std::string id;            // of the session
  SessionNumber number = 0;  // of the session, as a hub would give it
  size_t nodes = 0;
  size_t node = 0;
  bool creates = false;     // the session's first request
  bool first_here = false;  // the node has not served the session before
  bool moved = false;       // another node has served the session's last request
  bool tells_use = false;   // the request only reads, and its node has long not told of a use
  // The session: before the changes in Arrive, after them in Leave and End.
  const SessionImage* image = nullptr;
  const std::vector<FieldChange>* changes = nullptr;  // empty: the request only reads
  const std::vector<Holder>* holders = nullptr;       // before the request but for the node itself
  const Holder* self = nullptr;                       // the node's, before the request

  bool reads_only() const { return changes->empty(); }
};

// What was sent.
struct Tally {
  uint64_t forwards = 0;  // messages by which other nodes hear of a request
  Wire wire;              // all messages, these among them
};

class Strategy {
 public:
  virtual ~Strategy() = default;

  virtual const char* name() const = 0;  // short, for the file
  virtual const char* title() const = 0;
  // Why it cannot serve a session by several nodes in turn; nullptr if it can.
  virtual const char* sticky_only() const { return nullptr; }

  // The request has come to its node, which needs the session.
  virtual void Arrive(const Visit& /*visit*/, Tally* /*tally*/) {}
  // The request was served.
  virtual void Leave(const Visit& /*visit*/, Tally* /*tally*/) {}
  // Nobody has used the session for the idle gap. Only image, holders and number are set.
  virtual void End(const Visit& /*visit*/, Tally* /*tally*/) {}
};

using Strategies = std::vector<std::unique_ptr<Strategy>>;

// The name of the one that the others are divided by.
inline constexpr const char* kSessionhubPush = "sessionhub_push";

// All of the comparison, in the order of its table. `book` outlives them.
Strategies MakeStrategies(const PathBook* book, size_t nodes, uint64_t idle_timeout_ms);

// The parts of MakeStrategies.
void AddBroadcasts(const PathBook* book, size_t nodes, Strategies* strategies);
void AddTomcats(const PathBook* book, Strategies* strategies);
void AddTerracotta(Strategies* strategies);
void AddStores(const PathBook* book, Strategies* strategies);
void AddHubs(const PathBook* book, size_t nodes, uint64_t idle_timeout_ms, Strategies* strategies);

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_STRATEGY_H_
