// Session: a handle on a user's session. Part of the public API (C++17).
//
//   View view = *session.Read();                               // view.h
//   Edit edit = session.Begin();                               // edit.h
#ifndef SESSIONHUB_SESSION_H_
#define SESSIONHUB_SESSION_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/edit.h"
#include "sessionhub/event.h"
#include "sessionhub/export.h"
#include "sessionhub/lock.h"
#include "sessionhub/view.h"

namespace sessionhub {

namespace client {
class SessionImpl;
}  // namespace client

// A handle on one life of one session. Copyable, cheap, safe from any thread. While a handle exists
// the copy stays in the near cache.
class SESSIONHUB_EXPORT Session {
 public:
  // The id that the session has now, as far as this node knows: ChangeId on any node changes it.
  // After the session's end, the last one this handle has told, or was opened with.
  std::string id() const;
  // The number of this life, never reused: another session with this id later has another number.
  uint64_t number() const;

  // The newest version this node has, from memory. NotFound once the session has ended. Unavailable
  // if the copy may be old, unless options.allow_stale: nothing was heard from the hub for
  // ClientOptions::stale_max; or with Interest::kInvalidate the session was changed elsewhere, and
  // with Interest::kNone it was fetched longer than stale_max ago: open it again.
  absl::StatusOr<View> Read(ReadOptions options = {}) const;

  // An Edit over the newest View, however old: what is changed while the hub is away is merged when
  // it is back. A use of the session, like Read. Begin never fails; an Edit of an ended session is
  // refused at Commit.
  Edit Begin() const;

  // Calls `callback` for each event of the session from now on, in their order, one at a time, on
  // the client's executor. This node's own commits are no events: they are answered to whoever made
  // them. A callback that is slow holds up nothing but itself (see
  // ClientOptions::session_event_bytes_max), and may make no blocking call. NotFound if the session
  // has ended; FailedPrecondition after fork or Close.
  absl::StatusOr<Subscription> Subscribe(std::function<void(const Event&)> callback) const;

  // Gives the session another id (1 to 256 bytes), as after a login: an id that was known before
  // must not lead to what comes after. OK once it is durable; from then on the old id is NotFound
  // at the hub, for the resend horizon (24 hours by default), and on each node that holds the
  // session as soon as it hears of it, after stale_max at the latest; except for `alias_window` (at
  // most 60 s), in which the hub still finds the session by it, for requests that are on their way.
  // Number, fields, Session handles and pending commits stay, and subscriptions are told, those of
  // this node too. Asking again for an id that the session has is OK. Errors:
  // AlreadyExists if another session has the id, or had it within the horizon; NotFound if this
  // session has ended, had the id before, or has got yet another one that this node had not heard
  // of; InvalidArgument for the id or the window; FailedPrecondition as for Client::Open, and while
  // another change of this session's id is pending; ResourceExhausted with 1,024 changes pending;
  // Unavailable if the hub cannot tell any more what became of it; Unimplemented by an older hub;
  // DeadlineExceeded after `timeout`: the change stays pending, is asked for again after a
  // reconnect, and id() tells when it is there.
  absl::Status ChangeId(std::string_view new_id, std::chrono::milliseconds alias_window,
                        std::chrono::milliseconds timeout);

  // Takes the session's lock, which one caller of all nodes has at a time. Waits at most
  // options.wait for it, and options.timeout longer for the hub's answer; see lock.h for what a
  // lock is. While this waits, a reconnect keeps asking. Errors: DeadlineExceeded if somebody else
  // has it; NotFound if the session has ended, also meanwhile; InvalidArgument for the options;
  // ResourceExhausted if too many wait for it already (64), or for locks at all; Unavailable
  // without an answer of the hub, and what is granted after that is given back;
  // FailedPrecondition as for Client::Open; Unimplemented by an older hub.
  absl::StatusOr<SessionLock> Lock(const LockOptions& options = {});

  // Ends the session's life for every node. Like a commit: kApplied once it is durable. A session
  // that has ended already is kRefused with NotFound. With Ack::kDelivered and `delivered`, no node
  // serves this session any more, unless its application allows stale reads.
  Committed Delete(std::chrono::milliseconds timeout, Ack ack = Ack::kDurable);

 private:
  friend class Client;
  explicit Session(std::shared_ptr<client::SessionImpl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<client::SessionImpl> impl_;
};

}  // namespace sessionhub

#endif  // SESSIONHUB_SESSION_H_
