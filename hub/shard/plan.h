// Plan: what a turn must read before it can decide. Pure.
#ifndef HUB_SHARD_PLAN_H_
#define HUB_SHARD_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "hub/record/read_set.h"
#include "hub/shard/input.h"
#include "interest/interest_index.h"
#include "proto/session/limits.h"

namespace sessionhub::hub {

// What a plan depends on besides the inputs. Nothing is owned.
struct PlanContext {
  const interest::InterestIndex* index = nullptr;
  const Limits* limits = nullptr;
  const std::vector<Slot>* slots = nullptr;  // owned by the shard
  uint64_t now_us = 0;
};

// How many entries of the expiry table a turn takes from a slot, and how many fields of a dead
// session it sweeps: small enough that commits in the same turn do not wait for it.
inline constexpr uint32_t kDuePerTurnMax = 1;
inline constexpr uint32_t kSweptFieldsPerTurnMax = 64;

// What is still missing in `loaded`. Reads depend on each other (a name, then the meta it points
// to), so the shard loads and asks again until nothing is missing; that is at most three rounds.
ReadSet Plan(absl::Span<const Input> inputs, const Loaded& loaded, const PlanContext& context);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_PLAN_H_
