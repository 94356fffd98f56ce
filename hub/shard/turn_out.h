// TurnOut: the turn in the making, as the parts of the shard machine that decide see it. Plain
// data.
#ifndef HUB_SHARD_TURN_OUT_H_
#define HUB_SHARD_TURN_OUT_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "hub/record/read_set.h"
#include "hub/shard/effect.h"
#include "hub/shard/turn_state.h"

namespace sessionhub::hub {

struct TurnOut {
  TurnOut(const Loaded* loaded_state, uint64_t now)
      : loaded(loaded_state), state(loaded_state), now_us(now) {}

  const Loaded* loaded;  // not owned
  TurnState state;
  uint64_t now_us;              // hub time
  std::vector<Effect> effects;  // leave in this order, once the turn is durable
  bool ticked = false;
  // What is written if the turn writes at all or not: uses of sessions, with their hub time, and
  // entries that have been due and whose sessions live on. Neither is worth a sync.
  std::vector<std::pair<SessionNumber, uint64_t>> uses;
  std::vector<SessionNumber> moves;
  std::vector<DueKey> due_again;  // entries that stay, for the next tick
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_TURN_OUT_H_
