#include "hub/gateway/paced_lines.h"

#include <utility>

namespace sessionhub::hub {

std::optional<uint64_t> PacedLines::Take(uint64_t now_us) {
  const uint64_t second = now_us / 1'000'000;
  if (second != second_) written_ = 0;
  second_ = second;
  if (written_ >= kPerSecond) {
    ++unwritten_;
    return std::nullopt;
  }
  ++written_;
  return std::exchange(unwritten_, 0);
}

}  // namespace sessionhub::hub
