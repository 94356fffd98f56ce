// Effects: everything that a turn lets out, in order, after its record is durable.
#ifndef HUB_SHARD_EFFECT_H_
#define HUB_SHARD_EFFECT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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
  bool receipt = false;  // the node is to say when it has applied what this brings
};

// The change (from, to] for interested nodes other than the committer. Operations are puts, erases,
// subtree erases, and splices for nodes that have agreed on them; the idle timeout is set if the
// change has set it.
struct ForwardEffect {
  AppNumber app = 0;
  SessionNumber session = 0;
  Version from = 0;
  Version to = 0;
  std::vector<Operation> operations;
  std::vector<Target> targets;
  std::optional<uint64_t> idle_timeout_ms;
};

// The copy is at `from`, the session at `to`. Nothing more is told until the node asks.
struct InvalidatedEffect {
  Target target;
  SessionNumber session = 0;
  Version from = 0;
  Version to = 0;
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
  uint64_t read = 0;  // the number of the read, should the session be too large for the turn
};

// A catch-up of a session that is too large for a turn: a reader sends the session as it was at
// `version`, in chunks, while the pair is behind.
struct LargeRead {
  uint64_t number = 0;
  Origin node;
  SessionNumber session = 0;
  Version since = 0;  // the copy's version when it began; 0: it held nothing
  bool replace = false;
  Version version = 0;
  uint64_t included_seq = 0;  // of the node, at `version`

  bool read = false;     // all chunks have left
  bool overrun = false;  // more has changed since `version` than is kept
  std::vector<std::shared_ptr<const std::vector<Operation>>> changes;  // since then, unless overrun
  size_t changes_bytes = 0;
};

// Nobody needs the read any more: what waits of it is dropped. Comes before anything else that the
// node is told of the pair.
struct EndReadEffect {
  uint64_t read = 0;
};

// All chunks of the read have left. With its changes the pair is live; overrun, it is at the read's
// version.
struct FinishCatchUpEffect {
  Target target;
  AppNumber app = 0;
  Incarnation incarnation{};
  LargeRead read;
};

// End this stream: its incarnation has been ended, and attaches anew as another one.
struct IncarnationEndedEffect {
  Origin to_node;
};

// What became of the delivery of the delta `seq`, after its own answer.
struct DeliveredEffect {
  Origin to_node;
  uint64_t seq = 0;
  std::vector<std::string> missing;  // names of nodes
  bool unknown = false;
};

// The answer to a request that is no delta.
struct AnswerEffect {
  Origin to_node;
  uint32_t request = 0;
  Refusal refusal;  // no reason: it was done
  // Of a lock that was granted or prolonged, and the session's version then.
  uint64_t lock_token = 0;
  Version version = 0;
};

// The session of these handles has another id.
struct RenamedEffect {
  std::vector<Target> targets;
  std::string id;
};

// Goes on in a mailbox, of this shard or another one.
struct PostEffect {
  Input input;
};

struct DeletedEffect {
  uint64_t call = 0;
  absl::Status status;
  SessionNumber number = 0;
  Version version = 0;
};

using Effect =
    std::variant<AppliedEffect, AlreadyEffect, RefusedEffect, OpenedEffect, ForwardEffect,
                 InvalidatedEffect, EndedEffect, CatchUpEffect, EndReadEffect, FinishCatchUpEffect,
                 IncarnationEndedEffect, DeliveredEffect, AnswerEffect, RenamedEffect, PostEffect,
                 DeletedEffect>;

// A pair whose outbox had no room. Its node will hold the version `held` once its outbox has
// drained.
struct LapsedPair {
  Origin node;
  SessionNumber session = 0;
  Version held = 0;
};

// A pair whose catch-up turned out to be too large for the turn. It is behind again: while the
// read goes on, or until another one has ended.
struct LargePair {
  LargeRead read;
  bool started = false;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_EFFECT_H_
