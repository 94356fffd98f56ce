#include "client/ctl/savings.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace sessionhub::ctl {

std::optional<double> SavedPercent(const v1::Counters& counters) {
  if (counters.broadcast_bytes() == 0) return std::nullopt;
  const auto sent = static_cast<double>(counters.forward_bytes() + counters.catch_up_bytes());
  const double share = 1 - sent / static_cast<double>(counters.broadcast_bytes());
  return std::round(share * 1000) / 10;
}

std::string SavedPercentText(const v1::Counters& counters) {
  const std::optional<double> saved = SavedPercent(counters);
  if (!saved) return "-";
  std::array<char, 32> text = {};
  std::snprintf(text.data(), text.size(), "%.1f", *saved);
  return text.data();
}

}  // namespace sessionhub::ctl
