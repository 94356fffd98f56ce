// Outbox: what waits to be written to one stream, in one lane. Bounded: forwards and catch-ups are
// refused past the bound (their pair lapses); answers never are, and are bounded by not reading
// from a node whose outbox is full.
//
// Thread-safety: shards push, the stream takes; any thread may call anything.
#ifndef HUB_FORWARD_OUTBOX_H_
#define HUB_FORWARD_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/forward/body.h"
#include "interest/interest.h"
#include "proto/session/ids.h"
#include "proto/session/refusal.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

// The answer to a delta.
struct AnswerItem {
  enum class Kind { kApplied, kAlready, kRefused };
  Kind kind = Kind::kApplied;
  uint64_t seq = 0;
  Version from = 0;  // kAlready: a version that includes it
  Version to = 0;
  Refusal refusal;
};

struct OpenedItem {
  uint32_t request = 0;
  interest::Handle handle = 0;
  SessionNumber number = 0;
  bool created = false;
  Refusal refusal;
};

struct ForwardItem {
  interest::Handle handle = 0;
  Version from = 0;
  Version to = 0;
  std::shared_ptr<const Body> changes;
};

// One item of a catch-up; `catch_up` is a serialized v1::CatchUp.
struct CatchUpItem {
  interest::Handle handle = 0;
  Version from = 0;
  Version to = 0;
  std::shared_ptr<const Body> catch_up;
};

struct EndedItem {
  interest::Handle handle = 0;
  v1::Ended::Why why = v1::Ended::WHY_UNSPECIFIED;
};

using OutboxItem = std::variant<AnswerItem, OpenedItem, ForwardItem, CatchUpItem, EndedItem>;

// What an item counts against the bound, in bytes: about what it takes in memory and on the wire.
size_t ItemSizeBytes(const OutboxItem& item);

class Outbox {
 public:
  // `bytes_max` bounds forwards and catch-ups. `on_room` is called once after TryPush has refused
  // something and the outbox has since drained to half its bound; on the thread that takes.
  Outbox(size_t bytes_max, std::function<void()> on_room);

  // Says where to tell that there is something to take. The waker is called by Wake only.
  void SetWaker(std::function<void()> waker) ABSL_LOCKS_EXCLUDED(mutex_);

  // Adds an item that may not be refused.
  void Push(OutboxItem item) ABSL_LOCKS_EXCLUDED(mutex_);

  // Adds all items, or none of them and false if they do not fit. What does not fit an empty outbox
  // is taken all the same: otherwise it would never leave.
  bool TryPush(std::vector<OutboxItem> items) ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells the stream, if there is something to take.
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes from the front until about `bytes_max` bytes; empty if there is nothing.
  std::vector<OutboxItem> Take(size_t bytes_max) ABSL_LOCKS_EXCLUDED(mutex_);

  // The stream has ended: drops everything and takes nothing more.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  size_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

  // True if it holds its bound or more. Who answers a node in full reads no further from it, so
  // that answers are bounded too.
  bool full() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const size_t bytes_max_;
  const std::function<void()> on_room_;

  mutable absl::Mutex mutex_;
  std::function<void()> waker_ ABSL_GUARDED_BY(mutex_);
  std::deque<OutboxItem> items_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool refused_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sessionhub::hub

#endif  // HUB_FORWARD_OUTBOX_H_
