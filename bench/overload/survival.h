// Survival: what of the changes behind a figure is still there after a power cut, and the ratio of
// two figures, which is told of unlike ones only where that is said. Pure.
#ifndef BENCH_OVERLOAD_SURVIVAL_H_
#define BENCH_OVERLOAD_SURVIVAL_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

enum class Survival {
  kAcked,                // every change whose answer has come
  kAllButTheLastSecond,  // what a sync in each second leaves
  kNothing,              // there is no disk
};

// "acked changes", "all but the last second", "nothing".
std::string SurvivalText(Survival survival);
// Of such a text; nothing of any other.
std::optional<Survival> ParseSurvival(std::string_view text);

// A number, and what survives of that of which it was measured.
struct Measured {
  double value = 0;
  Survival survives = Survival::kAcked;
};

// How two figures are put beside each other.
enum class Comparison {
  kAlike,   // the same survives of both, else there is no ratio
  kUnlike,  // the reader is told that not the same survives
};

// `figure` divided by `beside`. InvalidArgument where not the same survives of both and the
// comparison is not marked as unlike.
absl::StatusOr<double> RatioOf(const Measured& figure, const Measured& beside,
                               Comparison comparison);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_SURVIVAL_H_
