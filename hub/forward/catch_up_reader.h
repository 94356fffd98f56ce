// CatchUpReader: makes the catch-ups that are too large for a turn. Reads a pinned session piece by
// piece and puts the pieces into the lower lane of its node's outbox, as fast as each node takes
// them: nodes take turns, and one that does not read holds up nobody else.
//
// Thread-safety: any thread may call anything. One thread runs it: RunOnce by hand, or Run.
#ifndef HUB_FORWARD_CATCH_UP_READER_H_
#define HUB_FORWARD_CATCH_UP_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "hub/forward/catch_up.h"
#include "hub/forward/outbox.h"
#include "hub/shard/effect.h"
#include "hub/shard/input.h"
#include "hub/store/store.h"

namespace sessionhub::hub {

struct CatchUpRead {
  LargeRead read;
  interest::Handle handle = 0;
  std::shared_ptr<Outbox> outbox;
  std::unique_ptr<SessionSnapshot> snapshot;  // of the session at read.version
};

class CatchUpReader {
 public:
  // `post` brings a ReadDoneInput to its shard; it must not fail or block.
  explicit CatchUpReader(std::function<void(const Input&)> post,
                         size_t chunk_bytes_max = kCatchUpChunkBytes)
      : post_(std::move(post)), chunk_bytes_max_(chunk_bytes_max) {}

  // Begins a read, whose number was never used before. The caller bounds how many there are. When
  // all its chunks have left, or it cannot be read, a ReadDoneInput says so; unless the read or its
  // stream was ended before.
  void Start(CatchUpRead read) ABSL_LOCKS_EXCLUDED(mutex_);

  // Nobody needs it any more. Its snapshot is released at the latest when the step in progress
  // ends.
  void End(uint64_t number) ABSL_LOCKS_EXCLUDED(mutex_);

  // One step of one read: reads a bounded piece, or writes one chunk. False if no read can go on
  // now.
  bool RunOnce() ABSL_LOCKS_EXCLUDED(mutex_);

  // Steps until Stop, and waits when there is nothing to do.
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  // Reads that go on; each pins a snapshot.
  size_t reads() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Reading {
    Reading(CatchUpRead with, size_t chunk_bytes_max);

    CatchUpRead to_do;
    CatchUpChunker chunker;
    std::deque<OutboxItem> chunks;  // made, not in the lane yet
    std::optional<Path> last;       // the path read last
    bool scanned = false;           // to the end
    bool queued = false;            // in runnable_; guarded by the reader's lock
  };
  enum class Step { kGoesOn, kWaits, kOver };

  void Room(uint64_t number) ABSL_LOCKS_EXCLUDED(mutex_);
  Step Advance(Reading* reading);
  static absl::Status ReadPiece(Reading* reading);
  Step Write(Reading* reading);
  void PostDone(const Reading& reading, const absl::Status& status);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || !runnable_.empty(); }

  const std::function<void(const Input&)> post_;
  const size_t chunk_bytes_max_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<uint64_t, std::shared_ptr<Reading>> readings_ ABSL_GUARDED_BY(mutex_);
  std::deque<uint64_t> runnable_ ABSL_GUARDED_BY(mutex_);  // each read at most once
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace sessionhub::hub

#endif  // HUB_FORWARD_CATCH_UP_READER_H_
