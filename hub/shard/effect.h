// Effects: everything that a turn lets out, in order, after its record is durable.
#ifndef HUB_SHARD_EFFECT_H_
#define HUB_SHARD_EFFECT_H_

#include <cstdint>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "hub/shard/input.h"
#include "interest/interest.h"
#include "proto/session/delta.h"
#include "proto/session/ids.h"
#include "proto/session/refusal.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

// The delta `seq` is applied and is the change (from, to].
struct AppliedEffect {
  Origin to_node;
  uint64_t seq = 0;
  Version from = 0;
  Version to = 0;
};

// The delta `seq` was applied before; `version` includes it.
struct AlreadyEffect {
  Origin to_node;
  uint64_t seq = 0;
  Version version = 0;
};

struct RefusedEffect {
  Origin to_node;
  uint64_t seq = 0;
  Refusal refusal;
};

struct OpenedEffect {
  Origin to_node;
  uint32_t request = 0;
  Handle handle = 0;  // 0: refused
  SessionNumber number = 0;
  bool created = false;
  Refusal refusal;
};

struct Target {
  Origin node;
  Handle handle = 0;
};

// The change (from, to] for every interested node but the committer. Operations are puts, erases
// and subtree erases.
struct ForwardEffect {
  AppNumber app = 0;
  SessionNumber session = 0;
  Version from = 0;
  Version to = 0;
  std::vector<Operation> operations;
  std::vector<Target> targets;
};

// The session of these handles is no more.
struct EndedEffect {
  std::vector<Target> targets;
  v1::Ended::Why why = v1::Ended::WHY_UNSPECIFIED;
};

// Bring the node's copy from `since` to what is stored now. Pairs of a session get no forwards
// before this effect is carried out, and every forward after it.
struct CatchUpEffect {
  Target target;
  AppNumber app = 0;
  SessionNumber session = 0;
  Version since = 0;  // 0: it holds nothing
  Incarnation incarnation{};
};

// End this stream: its incarnation has been ended, and attaches anew as another one.
struct IncarnationEndedEffect {
  Origin to_node;
};

struct DeletedEffect {
  uint64_t call = 0;
  absl::Status status;
  SessionNumber number = 0;
  Version version = 0;
};

using Effect =
    std::variant<AppliedEffect, AlreadyEffect, RefusedEffect, OpenedEffect, ForwardEffect,
                 EndedEffect, CatchUpEffect, IncarnationEndedEffect, DeletedEffect>;

// A pair whose outbox had no room. Its node will hold the version `held` once its outbox has
// drained.
struct LapsedPair {
  Origin node;
  SessionNumber session = 0;
  Version held = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_EFFECT_H_
