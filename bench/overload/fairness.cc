#include "bench/overload/fairness.h"

#include <algorithm>
#include <limits>

namespace sessionhub::bench {

double MaxOverMin(const std::vector<uint64_t>& shares) {
  if (shares.empty()) return 1;
  const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
  if (*most == *least) return 1;
  if (*least == 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(*most) / static_cast<double>(*least);
}

double JainIndex(const std::vector<uint64_t>& shares) {
  double sum = 0, squares = 0;
  for (const uint64_t share : shares) {
    const auto x = static_cast<double>(share);
    sum += x;
    squares += x * x;
  }
  if (squares == 0) return 1;
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

}  // namespace sessionhub::bench
