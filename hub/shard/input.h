// Inputs: everything that can happen to a shard. Admission has checked them; the shard machine
// decides.
#ifndef HUB_SHARD_INPUT_H_
#define HUB_SHARD_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "hub/record/turn_record.h"
#include "hub/shard/lock_input.h"
#include "hub/shard/origin.h"
#include "interest/interest.h"
#include "proto/session/delta.h"
#include "proto/session/ids.h"
#include "proto/session/settings.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

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
  bool received = false;   // the node asks to be told once this is in the mailbox
  bool delivered = false;  // the node asks to be told once other nodes have applied this
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
  SessionNumber number = 0;    // 0: any life
  Version version = 0;         // held; 0: none
  bool invalidates = false;    // see interest::Pair
  Settings settings;           // of a session that this creates
  bool makes_none = false;     // the disk is too full for another session
  std::string why_app_full{};  // why the app gets no further session; empty: it may have one
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

// The node's copy has reached what an item that asked for a receipt brought: `version`; 0: it does
// not serve the copy any more.
struct ReceiptInput {
  Origin origin;
  Handle handle = 0;
  Version version = 0;
};

// A node has a new stream. Comes before every other input of that stream.
struct AttachInput {
  Origin origin;
  Incarnation incarnation{};
  AppNumber app = 0;
  std::string name;       // of the node
  uint64_t features = 0;  // agreed on the stream
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

// All chunks of a read have left, or it cannot be read.
struct ReadDoneInput {
  NodeNumber node = 0;
  SessionNumber session = 0;
  uint64_t read = 0;
  absl::Status status;
};

// An operator or an application ends a session. `call` comes back in the answer.
struct DeleteInput {
  uint64_t call = 0;
  NameKey name;  // or, with an empty id, the session of this app that is
  SessionNumber number = 0;
  std::string owner{};      // if it still is one of this owner's
  bool as_expired = false;  // as if its time had come
};

// A node gives a session another id. Goes to the slot of that id, which reserves it; then to the
// home of the session, which changes the id.
struct RenameInput {
  Origin origin;
  uint32_t request = 0;
  SessionNumber number = 0;
  NameKey name;
  std::string old_id;     // what the node takes the session's id for
  uint64_t alias_us = 0;  // how long the old id leads to the session; 0: not at all
  bool reserved = false;  // on its way to the home
  uint64_t stamp = 0;     // of the reservation
};

// ---- between the slot of a name and the home of the session that it points to ----
// Either may be lost in a crash. Those from one slot to another are taken in in their order.

using NameRequest = std::variant<OpenInput, DeleteInput, RenameInput>;

// The slot of a name asks the home whether the session has this name. The home answers `then`, or
// sends it back with a note.
struct LookUpInput {
  NameKey name;
  SessionNumber number = 0;
  bool alias = false;  // within the alias window: the session may have another name
  bool heal = false;   // the home is to say so if the name is right
  uint64_t stamp = 0;  // of the name's record
  std::shared_ptr<const NameRequest> then;  // nullptr: only the name itself is in question
};

// The home of a session tells the slot of a name what the name is to the session.
struct NameNoteInput {
  enum class Kind {
    kLive,     // the session has it now
    kRenamed,  // the session had it
    kStale,    // the session does not have it
  };
  Kind kind = Kind::kStale;
  NameKey name;
  SessionNumber number = 0;
  uint64_t alias_until_us = 0;              // kRenamed
  bool alive = false;                       // kStale: it has another one
  bool renamed = false;                     // kStale: its last one is another, also of the dead
  uint64_t renamed_at = 0;                  // kStale: when it got its last one; 0: with its life
  uint64_t stamp = 0;                       // kStale, alive: of the record that was asked about
  std::shared_ptr<const NameRequest> then;  // kStale: to be decided here
};

// The session of a handle, or of a number, was used on its node, so long ago.
struct TouchInput {
  Origin origin;
  Handle handle = 0;
  uint64_t ago_us = 0;
  SessionNumber number = 0;  // without a handle
};

// What this node sends is not read at present, so nobody hears of its uses. Comes again and again
// while that is so.
struct UnreadInput {
  Origin origin;
};

// Time has passed: look at what is due.
struct TickInput {};

using Input = std::variant<CommitInput, SeenInput, OpenInput, ResumeInput, CloseInput, ReceiptInput,
                           AttachInput, DetachInput, LeaseEndInput, RoomInput, ReadDoneInput,
                           DeleteInput, RenameInput, LookUpInput, NameNoteInput, TouchInput,
                           UnreadInput, LockInput, UnlockInput, TickInput>;

// What an input counts against the bound of a mailbox, in bytes: about what it takes in memory.
// Many small operations take far more of it than their paths and values.
size_t InputSizeBytes(const Input& input);

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_INPUT_H_
