// Session, View and Edit: what a request does with a user's session. Part of the public API
// (C++17).
//
//   View view = *session.Read();                               // one immutable version, no network
//   const Value* total = view.Get("cart/total");
//   Edit edit = session.Begin();                               // this request's changes
//   edit.Increment("cart/items/85123A/qty").Set("cart/last", "85123A");
//   Committed done = std::move(edit).Commit(Ack::kDurable, std::chrono::milliseconds(500));
//
// Field paths are segments joined by '/', with '~0' for '~' and '~1' for '/' inside a segment.
#ifndef SESSIONHUB_SESSION_H_
#define SESSIONHUB_SESSION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/options.h"
#include "sessionhub/value.h"

namespace sessionhub {

namespace client {
class SessionImpl;
struct EditImpl;
struct ViewImpl;
}  // namespace client

// How a commit ended. Every commit ends in exactly one of the three.
struct Committed {
  enum class Kind {
    kApplied,  // the change is in the session, durably, once
    kRefused,  // the change is not in the session and never will be; `status` says why
    kUnknown,  // the caller's wait ended, or the hub cannot tell any more; applied at most once
  };

  Kind kind = Kind::kUnknown;
  uint64_t version = 0;  // kApplied: a version that includes the change
  absl::Status status;   // OK exactly for kApplied

  bool applied() const { return kind == Kind::kApplied; }
};

// One immutable version of a session, with the changes that this node has committed and not yet
// heard of. Copyable, cheap, safe from any thread; keeps its fields alive.
class View {
 public:
  // The value at `path`, or nullptr if there is none or the path is not legal. Lives as long as the
  // View.
  const Value* Get(std::string_view path) const;

  // Calls `visit` with text path and value of each field at or below `path`, in path order. An
  // empty path visits all.
  void ForEach(std::string_view path,
               const std::function<void(const std::string& path, const Value& value)>& visit) const;

  // The newest version that the hub has given and this View includes.
  uint64_t version() const;
  size_t field_count() const;

 private:
  friend class client::SessionImpl;
  friend class Session;
  explicit View(std::shared_ptr<const client::ViewImpl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<const client::ViewImpl> impl_;
};

// One request's changes of one session: collected here, sent by Commit as one atomic delta. Two
// Edits never mix, and an Edit that is dropped sends nothing. Move-only; belongs to one thread at a
// time.
//
// The calls that collect never fail; a path or value that is not legal is told by Commit.
class Edit {
 public:
  Edit(Edit&&) noexcept;
  Edit& operator=(Edit&&) noexcept;
  ~Edit();

  Edit& Set(std::string_view path, Value value);
  Edit& Erase(std::string_view path);
  // Removes the field and all fields below it.
  Edit& EraseSubtree(std::string_view path);
  // Adds to a number, at the hub, so that no concurrent addition is lost. An absent field counts as
  // zero. Refused if the field holds another type, or the sum of integers leaves int64.
  Edit& Increment(std::string_view path, int64_t by = 1);
  Edit& IncrementDouble(std::string_view path, double by);

  // The value at `path` as this Edit would leave it: its own changes over the View it began with.
  // nullptr if there is none. Good until the next change of this Edit.
  const Value* Get(std::string_view path) const;

  bool empty() const;

  // Sends the changes and waits for the answer, at most `timeout`. An empty Edit is applied at
  // once, without network. Errors: InvalidArgument and ResourceExhausted (kRefused, nothing was
  // sent); what the hub refuses (kRefused); DeadlineExceeded (kUnknown: the change stays pending
  // and is still sent); FailedPrecondition (kRefused: called in a callback, after fork, after
  // Close, or replaced).
  Committed Commit(Ack ack, std::chrono::milliseconds timeout) &&;

  // Sends the changes and returns; `done` runs later on the client's executor, exactly once. After
  // Client::Close it runs before this returns, on the caller.
  void Commit(Ack ack, std::function<void(const Committed&)> done) &&;

 private:
  friend class Session;
  explicit Edit(std::unique_ptr<client::EditImpl> impl);

  std::unique_ptr<client::EditImpl> impl_;
};

// A handle on one life of one session. Copyable, cheap, safe from any thread. While a handle exists
// the copy stays in the near cache.
class Session {
 public:
  const std::string& id() const;
  // The number of this life, never reused: another session with this id later has another number.
  uint64_t number() const;

  // The newest version this node has, from memory. NotFound once the session has ended; Unavailable
  // if nothing was heard from the hub for ClientOptions::stale_max.
  absl::StatusOr<View> Read() const;

  // An Edit over the newest View. Begin never fails; an Edit of an ended session is refused at
  // Commit.
  Edit Begin() const;

  // Ends the session's life for every node. Like a commit: kApplied once it is durable. A session
  // that has ended already is kRefused with NotFound.
  Committed Delete(std::chrono::milliseconds timeout);

 private:
  friend class Client;
  explicit Session(std::shared_ptr<client::SessionImpl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<client::SessionImpl> impl_;
};

}  // namespace sessionhub

#endif  // SESSIONHUB_SESSION_H_
