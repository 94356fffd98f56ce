// Outbox: what waits to be written to one stream. One lane holds everything whose order matters.
// It is bounded: forwards and catch-ups are refused past the bound (their pair lapses); answers
// never are, and are bounded by not reading from a node whose outbox is full.
//
// A second, lower lane holds chunks of large catch-ups, which belong to one read each. They leave
// when the first lane is empty, and now and then in between, so that none waits for ever. Past its
// own bound the lane refuses a chunk and tells its read when there is room.
//
// Thread-safety: shards push, the stream takes; any thread may call anything.
#ifndef HUB_FORWARD_OUTBOX_H_
#define HUB_FORWARD_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/forward/outbox_item.h"
#include "hub/walk_times.h"

namespace sessionhub::hub {

// What an item counts against the bound, in bytes: about what it takes in memory and on the wire.
size_t ItemSizeBytes(const OutboxItem& item);

struct OutboxOptions {
  size_t bytes_max = 8 << 20;          // of forwards and catch-ups
  size_t chunk_bytes_max = 256 << 10;  // of the lower lane
  WalkTimes* walk_times = nullptr;     // not owned; nullptr: nobody wants to know
};

class Outbox {
 public:
  // `on_room` is called once after TryPush has refused something and the first lane has since
  // drained to half its bound; on the thread that takes.
  Outbox(const OutboxOptions& options, std::function<void()> on_room);

  // Says where to tell that there is something to take. The waker is called by Wake only.
  void SetWaker(std::function<void()> waker) ABSL_LOCKS_EXCLUDED(mutex_);

  // Adds an item that may not be refused.
  void Push(OutboxItem item) ABSL_LOCKS_EXCLUDED(mutex_);

  // Adds all items, or none of them and false if they do not fit. What does not fit an empty outbox
  // is taken all the same: otherwise it would never leave.
  bool TryPush(std::vector<OutboxItem> items) ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells the stream, if there is something to take.
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes from the front until about `bytes_max` bytes, then from the lower lane; empty if there is
  // nothing.
  std::vector<OutboxItem> Take(size_t bytes_max) ABSL_LOCKS_EXCLUDED(mutex_);

  // ---- the lower lane ----

  // Chunks of `read` may come from now on. `on_room` is called, on the thread that takes, once
  // after each kFull. It must not block, nor call the outbox.
  void BeginRead(uint64_t read, std::function<void()> on_room) ABSL_LOCKS_EXCLUDED(mutex_);

  enum class Lower {
    kDone,
    kFull,  // not now; on_room tells when to ask again
    kGone,  // the read was ended, or the stream was
  };
  // Moves `*chunk` into the lane if it answers kDone. A chunk that does not fit an empty lane is
  // taken all the same.
  Lower TryPushChunk(uint64_t read, OutboxItem* chunk) ABSL_LOCKS_EXCLUDED(mutex_);
  // kDone: all chunks of the read have been taken.
  Lower AwaitTaken(uint64_t read) ABSL_LOCKS_EXCLUDED(mutex_);

  // Drops what waits of the read; none of its chunks comes any more.
  void EndRead(uint64_t read) ABSL_LOCKS_EXCLUDED(mutex_);
  // The same for all reads, and for those that would begin: the stream ends soon.
  void EndReads() ABSL_LOCKS_EXCLUDED(mutex_);

  size_t chunk_bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The stream has ended: drops everything and takes nothing more.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  // Of the first lane.
  size_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

  // True if the first lane holds its bound or more. Who answers a node in full reads no further
  // from it, so that answers are bounded too.
  bool full() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Read {
    std::function<void()> on_room;
    bool waits = false;
    size_t chunks = 0;  // in the lane
  };
  struct Chunk {
    uint64_t read = 0;
    OutboxItem item;
  };
  // Made in its place: an item is large to move.
  struct Waiting {
    Waiting(OutboxItem&& moved, uint64_t since) : item(std::move(moved)), since_ns(since) {}

    OutboxItem item;
    uint64_t since_ns;
  };

  void Add(OutboxItem&& item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  size_t TakeFirst(size_t bytes_max, std::vector<OutboxItem>* taken)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeChunks(size_t bytes_max, std::vector<OutboxItem>* taken)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<std::function<void()>> WhoHasRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const OutboxOptions options_;
  const std::function<void()> on_room_;

  mutable absl::Mutex mutex_;
  std::function<void()> waker_ ABSL_GUARDED_BY(mutex_);
  std::deque<Waiting> items_ ABSL_GUARDED_BY(mutex_);
  ArrivalClock arrivals_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool refused_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<uint64_t, Read> reads_ ABSL_GUARDED_BY(mutex_);
  std::deque<Chunk> chunks_ ABSL_GUARDED_BY(mutex_);
  bool reads_ended_ ABSL_GUARDED_BY(mutex_) = false;
  size_t chunk_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int passed_over_ ABSL_GUARDED_BY(mutex_) = 0;  // takes since the last one that took a chunk
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sessionhub::hub

#endif  // HUB_FORWARD_OUTBOX_H_
