// Event: what happened to a session, as a subscription tells it. Part of the public API (C++17).
//
//   auto subscription = session.Subscribe([](const sessionhub::Event& event) { ... });
#ifndef SESSIONHUB_EVENT_H_
#define SESSIONHUB_EVENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sessionhub/export.h"
#include "sessionhub/value.h"

namespace sessionhub {

namespace client {
class SubscriptionImpl;
}  // namespace client

// A field after a change.
struct FieldChange {
  std::string path;            // as text, as View::Get takes it
  std::optional<Value> value;  // nothing: the field is gone
  bool subtree = false;        // with `value` nothing: and so are all fields below it
};

// One thing that happened to a session.
struct Event {
  // What it was.
  enum class Kind {
    // Another node's commit took the session from version `from` to `to`; `changes` says how. With
    // Interest::kInvalidate there are no `changes`, and one such event until it is opened again.
    kChanged,
    // The copy came from `from` to `to` in one step, after a break or because this node was slow to
    // take the changes; or this subscription was slow, and this event stands for those between.
    kCaughtUp,
    kRenamed,  // the session has the id `new_id` from here on
    kDeleted,  // the session has ended, by whichever node; the last event
    kExpired,  // the session has ended by a timeout; the last event
    // This node can tell no more of it, which says nothing of the session: the hub has another data
    // folder than before, cannot read the session from its disk, has told this client to stay away,
    // or
    // the session has got another id while this node could not hear of it. The last event; open it
    // again.
    kLost,
  };

  Kind kind = Kind::kChanged;  // tells which of the others are set
  uint64_t from = 0;           // kChanged, kCaughtUp: the version before
  uint64_t to = 0;             // kChanged, kCaughtUp: the version after
  // kChanged: the fields that the commit touched, each as it is at `to`. Those that are neither
  // named here nor below a `subtree` are as they were. Empty for all other kinds.
  std::vector<FieldChange> changes;
  std::string new_id;  // kRenamed. A credential
};

// Events of one session, told for as long as this lives; it keeps the copy in the near cache.
// Move-only. Safe from any thread.
class SESSIONHUB_EXPORT Subscription {
 public:
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  // No call begins after this; one that is running goes on.
  ~Subscription();

 private:
  friend class Session;
  explicit Subscription(std::unique_ptr<client::SubscriptionImpl> impl);

  std::unique_ptr<client::SubscriptionImpl> impl_;
};

}  // namespace sessionhub

#endif  // SESSIONHUB_EVENT_H_
