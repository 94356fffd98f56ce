#include "bench/overload/survival.h"

#include "absl/status/status.h"

namespace sessionhub::bench {

std::string SurvivalText(Survival survival) {
  switch (survival) {
    case Survival::kAcked:
      return "acked changes";
    case Survival::kAllButTheLastSecond:
      return "all but the last second";
    case Survival::kNothing:
      break;
  }
  return "nothing";
}

std::optional<Survival> ParseSurvival(std::string_view text) {
  for (const Survival survival :
       {Survival::kAcked, Survival::kAllButTheLastSecond, Survival::kNothing}) {
    if (text == SurvivalText(survival)) return survival;
  }
  return std::nullopt;
}

absl::StatusOr<double> RatioOf(const Measured& figure, const Measured& beside,
                               Comparison comparison) {
  if (figure.survives != beside.survives && comparison == Comparison::kAlike) {
    return absl::InvalidArgumentError(
        "a figure of which after a power cut is left: " + SurvivalText(figure.survives) +
        ", is not to be divided by one of which is left: " + SurvivalText(beside.survives) +
        "; mark the comparison as unlike");
  }
  return figure.value / beside.value;
}

}  // namespace sessionhub::bench
