// What a node's answer says of its copy of a session, beside what users were told is stored.
//
// Pure.
#ifndef BENCH_COMPARE_RISK_JUDGE_H_
#define BENCH_COMPARE_RISK_JUDGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/compare/http_connection.h"
#include "bench/compare/node_sessions.h"

namespace sessionhub::bench {

enum class CopyState {
  kFresh,     // has all that was acknowledged, or newer values
  kStale,     // lacks some of it
  kEmpty,     // is there, without a single field
  kMissing,   // the node has no such session
  kNoAnswer,  // an error, or nothing at all
};
inline constexpr size_t kCopyStates = 5;

// The value of a hot field that has been changed so many times: 16 digits, so that the order of the
// texts is that of the numbers.
std::string CounterText(uint64_t changes);

// Whether `found` is `acknowledged` or, if both are of CounterText, a later value: a change whose
// answer did not arrive may have been stored all the same.
bool IsAsNew(std::string_view found, std::string_view acknowledged);

// Of an answer to GET /dump.
CopyState JudgeCopy(const absl::StatusOr<HttpAnswer>& answer, const SessionFields& acknowledged);

// How many copies were found in each state.
class CopyTally {
 public:
  void Add(CopyState state) { ++counts_[static_cast<size_t>(state)]; }
  size_t count(CopyState state) const { return counts_[static_cast<size_t>(state)]; }
  size_t all() const;
  // All that a user would miss something in.
  size_t lost() const { return all() - count(CopyState::kFresh); }

 private:
  std::array<size_t, kCopyStates> counts_ = {};
};

// 0 if there is none.
int64_t MedianUs(std::vector<int64_t> times_us);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_RISK_JUDGE_H_
