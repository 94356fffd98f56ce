#include "hub/walk_times.h"

#include <algorithm>
#include <chrono>

namespace sessionhub::hub {

const char* NameOf(WalkStep step) {
  switch (step) {
    case WalkStep::kAdmission:
      return "admission";
    case WalkStep::kMailbox:
      return "mailbox";
    case WalkStep::kLoad:
      return "load";
    case WalkStep::kStep:
      return "step";
    case WalkStep::kCommit:
      return "commit";
    case WalkStep::kRelease:
      return "release";
    case WalkStep::kOutbox:
      return "outbox";
    case WalkStep::kStream:
      return "stream";
  }
  return "";
}

uint64_t NowNs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::nanoseconds(now).count());
}

void LatencyHistogram::Record(uint64_t ns) {
  const auto bound = std::lower_bound(kBoundsNs.begin(), kBoundsNs.end(), ns);
  const auto bucket = static_cast<size_t>(bound - kBoundsNs.begin());
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(ns, std::memory_order_relaxed);
}

LatencyHistogram::Figures LatencyHistogram::figures() const {
  Figures figures;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    figures.counts[bucket] = counts_[bucket].load(std::memory_order_relaxed);
  }
  figures.sum_ns = sum_ns_.load(std::memory_order_relaxed);
  return figures;
}

}  // namespace sessionhub::hub
