// Inputs: everything that can happen to a shard. Admission has checked them; the shard machine
// decides.
#ifndef HUB_SHARD_INPUT_H_
#define HUB_SHARD_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <variant>

#include "absl/status/status.h"
#include "hub/record/turn_record.h"
#include "interest/interest.h"
#include "proto/session/delta.h"
#include "proto/session/ids.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

using interest::Handle;
using interest::NodeNumber;

// The stream an input came from. The newest attach of a node wins: inputs of older ones are
// dropped.
struct Origin {
  NodeNumber node = 0;
  uint32_t attach = 0;  // counts the attaches of this node, from 1
};

// A delta. `admission` holds the error if the delta is not legal: its refusal takes the delta's
// place in the order.
struct CommitInput {
  Origin origin;
  uint64_t seq = 0;
  uint64_t answers_seen_through = 0;
  Handle handle = 0;  // or
  SessionNumber number = 0;
  Delta delta;
  absl::Status admission;
};

// A node has seen the answers to all its deltas up to `through`. Concerns every shard.
struct SeenInput {
  Origin origin;
  uint64_t through = 0;
};

struct OpenInput {
  Origin origin;
  uint32_t request = 0;
  NameKey name;
  v1::CreateMode create = v1::CREATE_NEVER;
  SessionNumber number = 0;  // 0: any life
  Version version = 0;       // held; 0: none
};

struct ResumeInput {
  Origin origin;
  Handle handle = 0;
  Version version = 0;
};

struct CloseInput {
  Origin origin;
  Handle handle = 0;
};

// A node has a new stream. Comes before every other input of that stream.
struct AttachInput {
  Origin origin;
  Incarnation incarnation{};
  AppNumber app = 0;
};

// A node's stream has ended; its lease runs.
struct DetachInput {
  Origin origin;
};

// The lease of a node has ended without a new attach: its interest and its handles end.
struct LeaseEndInput {
  NodeNumber node = 0;
};

// An outbox that had refused something has room again.
struct RoomInput {
  Origin origin;
};

// An operator ends a session. `call` comes back in the answer.
struct DeleteInput {
  uint64_t call = 0;
  NameKey name;
};

// Time has passed: look at what is due.
struct TickInput {};

using Input = std::variant<CommitInput, SeenInput, OpenInput, ResumeInput, CloseInput, AttachInput,
                           DetachInput, LeaseEndInput, RoomInput, DeleteInput, TickInput>;

// What an input counts against the bound of a mailbox, in bytes.
inline size_t InputSizeBytes(const Input& input) {
  const auto* commit = std::get_if<CommitInput>(&input);
  return sizeof(Input) + (commit ? commit->delta.SizeBytes() : 0);
}

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_INPUT_H_
