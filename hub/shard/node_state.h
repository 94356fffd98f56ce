// NodeState: what a shard knows of one node that is attached, or in its lease.
#ifndef HUB_SHARD_NODE_STATE_H_
#define HUB_SHARD_NODE_STATE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

struct NodeState {
  uint32_t attach = 0;
  bool attached = false;
  bool blocked = false;  // its outbox has refused something and not had room since
  AppNumber app = 0;
  Incarnation incarnation{};
  std::string name;
  uint64_t features = 0;              // sum of v1::Feature, agreed on the stream
  std::optional<uint64_t> unread_us;  // when it was last said that it is not read
  // Pairs that need a catch-up, first come first served; each is queued once.
  std::deque<SessionNumber> behind;
  absl::flat_hash_set<SessionNumber> queued;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_NODE_STATE_H_
