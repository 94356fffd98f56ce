// What may reach a node on its streams: the checkers of NoGap and OnlyInterested.
#ifndef TESTS_SUPPORT_LANE_H_
#define TESTS_SUPPORT_LANE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "proto/session/ids.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::testing {

// What reaches one node on one stream after another: NoGap (forwards continue exactly where the
// copy is, and none comes before a catch-up) and OnlyInterested (no forward without interest, no
// echo).
class Lane {
 public:
  // A new stream stands. Without the lease all handles are void.
  void Attached(bool lease_held);
  void Sent(uint64_t seq, SessionNumber session) { sessions_by_seq_[seq] = session; }
  // Its deltas are numbered from 1 again.
  void IncarnationEnded() { sessions_by_seq_.clear(); }

  absl::Status NoGap(const v1::Item& item);
  absl::Status OnlyInterested(const v1::Item& item);

  uint64_t LastAnswered() const { return last_answered_seq_; }
  // The session that a handle stands for; 0: none.
  SessionNumber SessionOf(uint32_t handle) const {
    auto it = handles_.find(handle);
    return it == handles_.end() ? 0 : it->second.session;
  }

  // Takes the item in; after both checks.
  void Receive(const v1::Item& item);

 private:
  uint64_t SeqOf(const v1::Item& item) const {
    return item.seq() != 0 ? item.seq() : last_answered_seq_ + 1;
  }

  struct Open {
    SessionNumber session = 0;
    std::optional<Version> position;  // nothing: no catch-up yet on this stream
  };
  std::map<uint32_t, Open> handles_;
  std::map<uint64_t, SessionNumber> sessions_by_seq_;
  std::set<std::pair<SessionNumber, Version>> own_versions_;
  uint64_t last_answered_seq_ = 0;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_LANE_H_
