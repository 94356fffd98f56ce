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

// Reads the session from `store` and makes the items of its catch-up, in order. Every stored field
// carries the version that last changed it, so the difference since `since` is a scan of one
// session; an erase leaves no field behind, so a base older than the last erase is replaced as a
// whole, as is one that is newer than the session itself (`ahead` then says so: that is an alarm).
//
// Must run between two turns of the session's shard. Errors are those of the store.
struct CatchUp {
  std::vector<OutboxItem> items;
  bool ahead = false;
};
absl::StatusOr<CatchUp> MakeCatchUp(const CatchUpEffect& effect, const Store& store,
                                    PathTable* table);

}  // namespace sessionhub::hub

#endif  // HUB_FORWARD_CATCH_UP_H_
