#include "bench/overload/heard.h"

#include <algorithm>
#include <cstddef>

namespace sessionhub::bench {

HeardFindings CheckHeard(const Heard& heard, uint64_t first, uint64_t last) {
  HeardFindings findings;
  const uint64_t versions = last > first ? last - first : 0;
  std::vector<bool> brought(versions), others(versions);
  const auto mark = [&](std::vector<bool>* marks, uint64_t from, uint64_t to) {
    for (uint64_t version = std::max(from, first) + 1; version <= std::min(to, last); ++version) {
      (*marks)[version - first - 1] = true;
    }
  };
  uint64_t reached = 0;
  for (const Heard::Step& step : heard.changed) {
    if (step.to <= step.from || step.from < reached) ++findings.out_of_order;
    reached = std::max(reached, step.to);
    mark(&brought, step.from, step.to);
    if (step.to == step.from + 1) mark(&others, step.from, step.to);
  }
  reached = 0;
  for (const uint64_t version : heard.acked) {
    if (version <= reached) ++findings.out_of_order;
    reached = std::max(reached, version);
    if (version > first && version <= last && others[version - first - 1]) ++findings.twice;
    mark(&brought, version - 1, version);
  }
  findings.missing = static_cast<uint64_t>(std::count(brought.begin(), brought.end(), false));
  return findings;
}

uint64_t CountUntiled(std::vector<uint64_t> versions, uint64_t first, uint64_t last) {
  std::sort(versions.begin(), versions.end());
  uint64_t wrong = 0;
  uint64_t expected = first + 1;
  for (const uint64_t version : versions) {
    if (version < expected || version > last) {
      ++wrong;
      continue;
    }
    wrong += version - expected;
    expected = version + 1;
  }
  return wrong + (last + 1 > expected ? last + 1 - expected : 0);
}

}  // namespace sessionhub::bench
