// CatchUp: what brings a node's copy from the version it holds to the version that is stored.
#ifndef HUB_FORWARD_CATCH_UP_H_
#define HUB_FORWARD_CATCH_UP_H_

#include <vector>

#include "absl/status/statusor.h"
#include "hub/forward/body.h"
#include "hub/forward/outbox.h"
#include "hub/shard/effect.h"
#include "hub/store/store.h"

namespace sessionhub::hub {

// The content of one item is cut at about this size, so that one large session does not hold up the
// lane's other events behind one huge message.
inline constexpr size_t kCatchUpChunkBytes = 64 << 10;

// What a catch-up of a copy has to bring. Every stored field carries the version that last changed
// it, so the difference since a version is a scan of one session; an erase leaves no field behind,
// so a base older than the last erase is replaced as a whole, as is one that is newer than the
// session itself (`ahead` then says so: that is an alarm).
struct CatchUpPlan {
  Version since = 0;  // the copy's
  Version version = 0;
  bool replace = false;
  bool ahead = false;
  uint64_t included_seq = 0;
  uint64_t bytes_bound = 0;  // of the session: what must be read
  uint64_t idle_timeout_ms = 0;
  bool reads() const { return since != version; }
};
// Must run between two turns of the session's shard. Errors are those of the store.
absl::StatusOr<CatchUpPlan> PlanCatchUp(const CatchUpEffect& effect, const Store& store);

// Cuts operations into the items of a catch-up.
class CatchUpChunker {
 public:
  struct Head {
    interest::Handle handle = 0;
    Version from = 0;
    Version to = 0;
    bool replace = false;
    uint64_t included_seq = 0;
    bool first = true;  // the next item is the catch-up's first
    uint64_t idle_timeout_ms = 0;
    bool receipt = false;  // asked for with the last item
    bool behind = false;   // said with the last item: another catch-up follows
  };
  // `table` is not owned; nullptr: paths go inline.
  CatchUpChunker(const Head& head, PathTable* table, size_t chunk_bytes_max = kCatchUpChunkBytes)
      : head_(head), table_(table), chunk_bytes_max_(chunk_bytes_max) {}

  void Add(const Operation& operation);
  // Ends the item in the making; with `more` others follow.
  void Finish(bool more);
  // True if an item was begun that Finish has not ended, or there was none at all yet.
  bool unfinished() const { return chunk_bytes_ > 0 || head_.first; }

  // What is ready, in order.
  std::vector<OutboxItem>& items() { return items_; }

 private:
  Head head_;
  PathTable* table_;
  size_t chunk_bytes_max_;
  v1::CatchUp chunk_;
  std::vector<const PathNumber*> paths_;
  size_t chunk_bytes_ = 0;
  std::vector<OutboxItem> items_;
};

// All items of a catch-up, read within the turn.
absl::StatusOr<std::vector<OutboxItem>> MakeCatchUp(const CatchUpPlan& plan,
                                                    const CatchUpEffect& effect, const Store& store,
                                                    PathTable* table);

// The last items of a catch-up whose chunks a reader has sent.
absl::StatusOr<std::vector<OutboxItem>> FinishCatchUp(const FinishCatchUpEffect& effect,
                                                      const Store& store, PathTable* table);

}  // namespace sessionhub::hub

#endif  // HUB_FORWARD_CATCH_UP_H_
