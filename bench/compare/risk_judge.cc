#include "bench/compare/risk_judge.h"

#include <algorithm>
#include <numeric>

#include "bench/compare/fields_text.h"
#include "bench/compare/workload.h"

namespace sessionhub::bench {
namespace {

bool IsCounter(std::string_view text) {
  return text.size() == kHotValueBytes &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string CounterText(uint64_t changes) {
  const std::string digits = std::to_string(changes);
  return std::string(kHotValueBytes - std::min(kHotValueBytes, digits.size()), '0') + digits;
}

bool IsAsNew(std::string_view found, std::string_view acknowledged) {
  if (found == acknowledged) return true;
  return IsCounter(found) && IsCounter(acknowledged) && found > acknowledged;
}

CopyState JudgeCopy(const absl::StatusOr<HttpAnswer>& answer, const SessionFields& acknowledged) {
  if (!answer.ok()) return CopyState::kNoAnswer;
  if (answer->status == 404) return CopyState::kMissing;
  if (answer->status != 200) return CopyState::kNoAnswer;
  const absl::StatusOr<SessionFields> fields = ParseFields(answer->body);
  if (!fields.ok()) return CopyState::kNoAnswer;
  const bool is_fresh = std::ranges::all_of(acknowledged, [&](const auto& field) {
    const auto found = fields->find(field.first);
    return found != fields->end() && IsAsNew(found->second, field.second);
  });
  if (is_fresh) return CopyState::kFresh;
  return fields->empty() ? CopyState::kEmpty : CopyState::kStale;
}

size_t CopyTally::all() const {
  return std::accumulate(counts_.begin(), counts_.end(), size_t{0});
}

int64_t MedianUs(std::vector<int64_t> times_us) {
  if (times_us.empty()) return 0;
  const auto middle = times_us.begin() + static_cast<ptrdiff_t>(times_us.size() / 2);
  std::ranges::nth_element(times_us, middle);
  return *middle;
}

}  // namespace sessionhub::bench
