// Tracked: an object that is changed in place, whose changes are found and not declared. Part of
// the public API (C++17).
//
//   Edit edit = session.Begin();                             // when the request begins
//   auto profile = std::make_shared<Profile>(Decode(view));  // handed out to the handler ...
//   edit.Track("profile", profile,
//              [](const Profile& p) { return Value::Json(p.ToJson()); });
//   profile->visits += 1;                                    // ... who changes it as he likes
//   Committed done = std::move(edit).Commit(Ack::kDurable, timeout);
//
// Commit encodes the object and compares it with its own image: how it was when it was handed out,
// or when a commit of it was last applied. Only the difference is sent. It is never compared with
// the session, so what others have changed meanwhile is not sent back:
//
// - An encoder that gives Value::Json(document) sends the members that differ, as fields below the
//   path (Edit::SetJson): two nodes that change different members both win.
// - One that gives any other value changes that value as a whole: the later of two writers wins. Of
//   a string or bytes only what lies between the first and the last byte that differ travels,
//   unless another node has changed the value since the Edit began.
//
// An object that is as it was sends nothing. After a commit that was refused, or whose end is
// unknown, the image stays what was last applied, and the next commit sends what it said again,
// where it still holds.
#ifndef SESSIONHUB_TRACK_H_
#define SESSIONHUB_TRACK_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/export.h"
#include "sessionhub/value.h"

namespace sessionhub {

namespace client {

class TrackedImpl;

// Gives the object's value as it is now, or why it cannot be given.
using Encoder = std::function<absl::StatusOr<Value>()>;

// Holds the object weakly: tracking keeps nothing alive.
template <typename T, typename Encode>
Encoder EncoderOf(const std::shared_ptr<T>& object, Encode encode) {
  return [object = std::weak_ptr<T>(object),
          encode = std::move(encode)]() mutable -> absl::StatusOr<Value> {
    const std::shared_ptr<const T> alive = object.lock();
    if (alive == nullptr) {
      return absl::FailedPreconditionError("it was destroyed before Commit: keep it until then");
    }
    return encode(*alive);
  };
}

}  // namespace client

// A handle on an object that Edit::Track was given, with its image. Copyable, cheap; all copies are
// one. It does not own the object: an Edit that commits after the object was destroyed is refused
// with FailedPrecondition, and sends nothing. The image takes memory as the encoded object does,
// for as long as the handle, or a commit of it, lives.
//
// Like the object, it belongs to one thread at a time; nobody may change the object while Commit
// encodes it. Commits of one object may overlap in time if they are started one after the other.
class SESSIONHUB_EXPORT Tracked {
 public:
  // Tracks nothing; to assign to.
  Tracked() = default;

  // Where the object is kept in the session, as it was given to Edit::Track. Empty if nothing is
  // tracked.
  std::string path() const;

 private:
  friend class Edit;
  explicit Tracked(std::shared_ptr<client::TrackedImpl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<client::TrackedImpl> impl_;
};

}  // namespace sessionhub

#endif  // SESSIONHUB_TRACK_H_
