// Fairness: how evenly something is shared out among nodes. Pure.
#ifndef BENCH_OVERLOAD_FAIRNESS_H_
#define BENCH_OVERLOAD_FAIRNESS_H_

#include <cstdint>
#include <vector>

namespace sessionhub::bench {

// The largest share over the smallest: 1 if all are equal, infinite if one has nothing; 1 of none.
double MaxOverMin(const std::vector<uint64_t>& shares);

// Jain's index, (sum x)^2 / (n * sum x^2): 1 if all are equal, 1/n if one has everything; 1 of
// none.
double JainIndex(const std::vector<uint64_t>& shares);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_FAIRNESS_H_
