// Workload: the shopping baskets that the demo replays. A basket is one session; each of its codes
// is one request that adds the item to the cart.
#ifndef BENCH_DEMO_WORKLOAD_H_
#define BENCH_DEMO_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

using Basket = std::vector<std::string>;  // stock codes, in the order in which they are added

// Reads a csv or csv.gz: one line a basket, codes between commas. `limit` bounds the lines, 0 reads
// all; of a line, the first MiB. Characters that are not printable ASCII become '_'. Errors:
// NotFound, DataLoss (damaged gz), ResourceExhausted (more than 10 million items), InvalidArgument
// (no basket in it).
absl::StatusOr<std::vector<Basket>> ReadBaskets(const std::string& path, size_t limit);

// Baskets of the same shape as a real online shop's: lengths are log-normal (mean 21, median 12,
// the longest cut at 600); codes are five digits, a third of them with a letter; a few codes are in
// many baskets. The same seed gives the same baskets.
std::vector<Basket> GenerateBaskets(size_t count, uint64_t seed);

size_t CountItems(const std::vector<Basket>& baskets);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_WORKLOAD_H_
