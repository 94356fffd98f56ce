// Workload: the shopping baskets that the demo replays. A basket is one session; each of its codes
// is one request that adds the item to the cart.
#ifndef BENCH_DEMO_WORKLOAD_H_
#define BENCH_DEMO_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

using Basket = std::vector<std::string>;  // stock codes, in the order in which they are added

// Longer lines are bad lines.
inline constexpr size_t kBasketLineBytesMax = 1 << 20;
inline constexpr size_t kBasketItemsMax = 10'000'000;

// The codes between the commas of a line, of each the first 64 bytes. Characters that are not
// printable ASCII become '_'; what has none but spaces is no code. InvalidArgument, saying what is
// wrong, if there is no code in it, or a control character other than a tab, as in what is no text.
// Never quotes the line, which may hold anything.
absl::StatusOr<Basket> ParseBasket(const std::string& line);

// Hands each basket of a csv or csv.gz, one line each, to `take`, and the number of each bad line,
// from 1, with the reason to `leave_out`. `limit` bounds the baskets, 0 reads all. Errors, after
// all that could be read: NotFound, DataLoss (damaged gz), ResourceExhausted (more than `items_max`
// codes in all).
absl::Status ForEachBasket(
    const std::string& path, size_t limit, const std::function<void(const Basket&)>& take,
    const std::function<void(uint64_t number, const std::string& why)>& leave_out,
    size_t items_max = kBasketItemsMax);

// All baskets of the file, without its bad lines. Errors as those of ForEachBasket, and
// InvalidArgument if there is no basket in it.
absl::StatusOr<std::vector<Basket>> ReadBaskets(const std::string& path, size_t limit);

// Baskets of the same shape as a real online shop's: lengths are log-normal (mean 21, median 12,
// the longest cut at 600); codes are five digits, a third of them with a letter; a few codes are in
// many baskets. The same seed gives the same baskets.
std::vector<Basket> GenerateBaskets(size_t count, uint64_t seed);

size_t CountItems(const std::vector<Basket>& baskets);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_WORKLOAD_H_
