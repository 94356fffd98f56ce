// Plan: what a turn must read before it can decide. Pure.
#ifndef HUB_SHARD_PLAN_H_
#define HUB_SHARD_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "hub/record/read_set.h"
#include "hub/shard/agenda.h"
#include "hub/shard/input.h"
#include "hub/shard/locks.h"
#include "hub/shard/served_time.h"
#include "interest/interest_index.h"
#include "proto/session/limits.h"

namespace sessionhub::hub {

// What a plan depends on besides the inputs. Nothing is owned.
struct PlanContext {
  const interest::InterestIndex* index = nullptr;
  const Limits* limits = nullptr;
  const Agenda* agenda = nullptr;
  const ServedTime* served = nullptr;
  const Locks* locks = nullptr;
  uint64_t now_us = 0;
  uint64_t resend_horizon_us = 0;
};

// How many fields of a dead session a turn sweeps: small enough that commits in the same turn do
// not wait for it.
inline constexpr uint32_t kSweptFieldsPerTurnMax = 64;

// The fields of a dead session that its next sweep erases.
FieldRange SweepOf(SessionNumber session);

// What is still missing in `loaded`. Reads depend on each other (a name, then the meta it points
// to), so the shard loads and asks again until nothing is missing; that is at most four rounds.
ReadSet Plan(absl::Span<const Input> inputs, const Loaded& loaded, const PlanContext& context);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_PLAN_H_
