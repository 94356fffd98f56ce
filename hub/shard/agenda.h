// Agenda: from when on something is due in each slot, so that a tick looks only where there is
// something, and never at what has been seen to. Pure. Belongs to one shard, which alone writes the
// due entries of its slots.
#ifndef HUB_SHARD_AGENDA_H_
#define HUB_SHARD_AGENDA_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "hub/record/read_set.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

// How many entries a tick sees to in all slots of the shard together: few enough that commits in
// the same turn hardly wait for it. More if entries have waited longer than kDueLateUs.
inline constexpr uint32_t kDuePerTurnMax = 256;
inline constexpr uint32_t kDuePerLateTurnMax = 1024;
inline constexpr uint64_t kDueLateUs = 1'000'000;

class Agenda {
 public:
  // What is stored in the slots is not known yet: the first tick looks at all of them.
  explicit Agenda(const std::vector<Slot>& slots);

  // What a tick at `now_us` reads; empty for a slot in which nothing can be due. Slots share the
  // tick evenly.
  std::vector<DueRange> RangesAt(uint64_t now_us) const;

  // `entries` is what a range has brought, and what of it is due has been seen to.
  void SeenTo(const DueRange& range, const std::vector<DueEntry>& entries);
  // An entry has been written.
  void Note(const DueKey& key);

 private:
  absl::flat_hash_map<Slot, uint64_t> from_;  // no entry of the slot is earlier
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_AGENDA_H_
