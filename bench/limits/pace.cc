#include "bench/limits/pace.h"

#include <chrono>

namespace sessionhub::bench {

MeterTime Pace::next(MeterTime now) const {
  if (!open_loop()) return now;
  const std::chrono::duration<double> after(static_cast<double>(taken_) / per_s_);
  return begin_ + std::chrono::duration_cast<MeterTime::duration>(after);
}

MeterTime Pace::Take(MeterTime now) {
  const MeterTime meant = next(now);
  ++taken_;
  return meant;
}

}  // namespace sessionhub::bench
