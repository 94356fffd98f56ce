// Edit: one request's changes of a session, and how their commit ends. Part of the public API
// (C++17).
//
//   Edit edit = session.Begin();                               // this request's changes
//   edit.Increment("cart/items/85123A/qty").Set("cart/last", "85123A");
//   Committed done = std::move(edit).Commit(Ack::kDurable, std::chrono::milliseconds(500));
//
// Field paths are segments joined by '/', with '~0' for '~' and '~1' for '/' inside a segment.
#ifndef SESSIONHUB_EDIT_H_
#define SESSIONHUB_EDIT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/export.h"
#include "sessionhub/options.h"
#include "sessionhub/track.h"
#include "sessionhub/value.h"

namespace sessionhub {

class SessionLock;

namespace client {
struct EditImpl;
}  // namespace client

// How a commit ended. Every commit ends in exactly one of these.
struct Committed {
  // What is known of the change.
  enum class Kind {
    kApplied,   // the change is in the session, durably, once
    kRefused,   // the change is not in the session and never will be; `status` says why
    kUnknown,   // the caller's wait ended, or the hub cannot tell any more; applied at most once
    kReceived,  // only for Ack::kReceived: the hub has taken it in, and will decide
  };

  // Why a commit is kRefused. New reasons may come: treat those that you do not know as kOther.
  enum class Reason {
    kNone,             // it is not refused
    kInvalidArgument,  // an operation, path or value is not legal
    kLimitExceeded,    // a limit of the hub or of this client's options
    kGone,             // the session has ended
    kWrongType,        // increment or append, on a value of another type
    kOutOfRange,       // increment past the range of int64
    kVersionChanged,   // IfVersion, IfAbsent or IfUnchangedSince does not hold
    kPreviousRefused,  // AfterPrevious, and the commit before this one was not applied
    kUnsupported,      // this hub does not offer it
    kLockLost,         // the lock is not held any more
    kNotSent,          // called in a callback, after fork or Close, or this client was replaced;
                       // or a tracked object was destroyed
    kOther,
  };

  Kind kind = Kind::kUnknown;     // how it ended
  uint64_t version = 0;           // kApplied: a version that includes the change
  absl::Status status;            // OK exactly for kApplied and kReceived
  Reason reason = Reason::kNone;  // kNone unless kRefused

  // For Ack::kDelivered, with kApplied. True: every other node with interest has applied the
  // change, but for `missing_nodes`, whose interest ended before they said so. False: the change
  // is durable, and whom it has reached is not known: the wait ended or the stream was cut before
  // all had answered, the hub has started less than a lease ago, or it does not offer this.
  bool delivered = false;
  std::vector<std::string> missing_nodes{};

  // True if the change is in the session. False does not mean that it is not: see kUnknown and
  // kReceived.
  bool applied() const { return kind == Kind::kApplied; }
};

// One request's changes of one session: collected here, sent by Commit as one atomic delta. Two
// Edits never mix, and an Edit that is dropped sends nothing. Move-only; belongs to one thread at a
// time.
//
// The calls that collect never fail; a path or value that is not legal is told by Commit.
class SESSIONHUB_EXPORT Edit {
 public:
  Edit(Edit&&) noexcept;
  Edit& operator=(Edit&&) noexcept;
  ~Edit();

  // Gives the field this value, whatever it held, of whichever type. Fields below it stay. Of two
  // nodes that set one field the later commit wins.
  Edit& Set(std::string_view path, Value value);
  // Removes the field and none below it. That there is none is no error.
  Edit& Erase(std::string_view path);
  // Removes the field and all fields below it.
  Edit& EraseSubtree(std::string_view path);
  // Adds to a number, at the hub, so that no concurrent addition is lost. An absent field counts as
  // zero. Refused if the field holds another type, or the sum of integers leaves int64.
  Edit& Increment(std::string_view path, int64_t by = 1);
  Edit& IncrementDouble(std::string_view path, double by);

  // Makes the fields at and below `path` those of a JSON document: objects become path segments,
  // scalars typed values (int64, double, string, bool, null). One JSON value are arrays, empty
  // objects, objects that have a key with a NUL, and numbers that neither int64 nor double keeps
  // exactly. Only what differs from what this Edit would show is sent, nothing if nothing does, so
  // that two nodes that change different members both win; a branch that goes is erased with all
  // that others add to it meanwhile. GetJson gives an equal document back. InvalidArgument, told by
  // Commit, for what is not JSON (with the byte), a key twice in one object, more than 128 levels.
  Edit& SetJson(std::string_view path, std::string_view document);

  // Watches an object that is changed in place: Commit encodes it again and sends what is
  // different from how `object` is now. See track.h; to be called when the object is handed out,
  // before anybody changes it. If the session has nothing at `path` yet, Commit sends all of it.
  // `encode(const T&)` gives a Value, or a StatusOr of one; it runs here and in Commit, and may
  // throw. The returned handle is for later Edits over the same object, and may be dropped.
  template <typename T, typename Encode>
  Tracked Track(std::string_view path, const std::shared_ptr<T>& object, Encode encode) {
    return TrackEncoded(path, client::EncoderOf(object, std::move(encode)));
  }
  // Watches it again: Commit sends what is different from what was last known to be in the session.
  Edit& Track(const Tracked& tracked);

  // What the session is besides its fields, taking effect with the Edit's changes; an Edit may hold
  // nothing else. The timeouts are those of OpenOptions and count from when the hub applies them;
  // 0 ends them. An empty owner is none.
  Edit& SetIdleTimeout(std::chrono::milliseconds timeout);
  Edit& SetAbsoluteTimeout(std::chrono::milliseconds timeout);
  Edit& SetOwner(std::string_view owner);

  // Sets the field to the text or bytes that this Edit sees there (Get) and `end` after it; to
  // `end` if there is none. Sent as the end alone. Refused with kWrongType if the field holds
  // another type than `end`, or `end` is neither a string nor bytes. Like Set, it wins over what
  // another node has written meanwhile: a caller who wants to lose nothing adds IfUnchangedSince.
  Edit& Append(std::string_view path, const Value& end);

  // Preconditions: the commit is refused with kVersionChanged, and nothing is changed, unless all
  // of them hold where the hub applies it. An Edit needs a change besides.
  //
  // The session is at exactly this version (View::version()), not 0.
  Edit& IfVersion(uint64_t version);
  // There is no field at `path`.
  Edit& IfAbsent(std::string_view path);
  // No version after `version` has changed the field at `path`. For an absent field the newest
  // erase of any field of the session counts.
  Edit& IfUnchangedSince(std::string_view path, uint64_t version);
  // The commit of this session that this node made before this one is applied; refused with
  // kPreviousRefused if it was refused, or its end is not known. A node's first commit on a session
  // has none before it. What is remembered of a session goes with its last Session handle.
  Edit& AfterPrevious();

  // Applied only while `lock` is held; else refused with kLockLost, and nothing is changed. The
  // lock must be this session's. An Edit needs a change besides.
  Edit& UnderLock(const SessionLock& lock);

  // The value at `path` as this Edit would leave it: its own changes over the View it began with,
  // which may be old: Session::Read is for what must not be. nullptr if there is none. Good until
  // the next change of this Edit.
  const Value* Get(std::string_view path) const;
  // As View::GetJson, as this Edit would leave it.
  absl::StatusOr<std::string> GetJson(std::string_view path) const;

  // True if there is nothing to send. An Edit that tracks an object is not empty, though its Commit
  // sends nothing if the object is as it was.
  bool empty() const;

  // Sends the changes and waits for the answer, at most `timeout`. An empty Edit is applied at
  // once, without network. Errors: InvalidArgument and ResourceExhausted (kRefused, nothing was
  // sent); what the hub refuses (kRefused); DeadlineExceeded (kUnknown: the change stays pending
  // and is still sent); FailedPrecondition (kRefused: called in a callback, after fork, after
  // Close, or replaced; or a tracked object was destroyed, and nothing was sent). A kDelivered
  // commit whose change is durable at `timeout` is kApplied, with `delivered` false.
  Committed Commit(Ack ack, std::chrono::milliseconds timeout) &&;

  // Sends the changes and returns; `done` runs later on the client's executor, exactly once. After
  // Client::Close it runs before this returns, on the caller; so it does, kRefused with
  // kLimitExceeded, while 100,000 callbacks wait for the client's own thread.
  void Commit(Ack ack, std::function<void(const Committed&)> done) &&;

 private:
  friend class Session;
  explicit Edit(std::unique_ptr<client::EditImpl> impl);
  Tracked TrackEncoded(std::string_view path, client::Encoder encoder);

  std::unique_ptr<client::EditImpl> impl_;
};

}  // namespace sessionhub

#endif  // SESSIONHUB_EDIT_H_
