#include "hub/shard/agenda.h"

#include <algorithm>
#include <limits>

namespace sessionhub::hub {

Agenda::Agenda(const std::vector<Slot>& slots) {
  for (Slot slot : slots) from_[slot] = 0;
}

std::vector<DueRange> Agenda::RangesAt(uint64_t now_us) const {
  std::vector<DueRange> ranges;
  bool late = false;
  for (const auto& [slot, from] : from_) {
    if (from > now_us) continue;
    // Nothing is known of a slot that was not looked at yet.
    late = late || (from != 0 && from + kDueLateUs < now_us);
    ranges.push_back({slot, now_us, 0, from, /*and_next=*/true});
  }
  if (ranges.empty()) return ranges;
  std::sort(ranges.begin(), ranges.end(),
            [](const DueRange& a, const DueRange& b) { return a.slot < b.slot; });
  const uint32_t all_max = late ? kDuePerLateTurnMax : kDuePerTurnMax;
  const auto each_max = std::max<uint32_t>(1, all_max / static_cast<uint32_t>(ranges.size()));
  for (DueRange& range : ranges) range.count_max = each_max;
  return ranges;
}

void Agenda::SeenTo(const DueRange& range, const std::vector<DueEntry>& entries) {
  uint64_t& from = from_[range.slot];
  const bool none_later = entries.empty() || entries.back().key.due <= range.until;
  const bool seen_all = none_later && entries.size() < range.count_max;
  // Else there may be more of that very time.
  from = seen_all ? std::numeric_limits<uint64_t>::max() : entries.back().key.due;
}

void Agenda::Note(const DueKey& key) {
  uint64_t& from = from_[key.slot];
  from = std::min(from, key.due);
}

}  // namespace sessionhub::hub
