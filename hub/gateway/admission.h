// Admission: checks a node's frame against the contract and the limits, once, and turns it into
// Inputs. What is wrong with one delta becomes that delta's refusal; only a broken contract is an
// error of the frame.
#ifndef HUB_GATEWAY_ADMISSION_H_
#define HUB_GATEWAY_ADMISSION_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "hub/forward/outbox.h"
#include "hub/shard/input.h"
#include "proto/session/limits.h"
#include "proto/session/path.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

// What this hub offers, as a sum of v1::Feature bits. A stream uses what its hello asks for as
// well.
inline constexpr uint64_t kHubFeatures =
    v1::FEATURE_DELIVERED | v1::FEATURE_INVALIDATE | v1::FEATURE_RECEIVED | v1::FEATURE_LIFE |
    v1::FEATURE_SPLICE | v1::FEATURE_CONDITIONS | v1::FEATURE_AFTER_PREVIOUS | v1::FEATURE_LOCKS;

// Checks that the frame asks for no more than kFrameRequestsMax.
absl::Status CheckRequests(const v1::NodeFrame& frame);

// Checks what Attach needs to know. InvalidArgument names the field.
absl::Status CheckHello(const v1::Hello& hello);

// What admission gives for a frame.
struct Admitted {
  std::deque<Input> inputs;        // in order
  std::deque<OutboxItem> answers;  // given at once: they concern no session
  uint64_t deltas = 0;             // among the inputs
};

// The admission of one stream. Not thread-safe: used by the stream's reads, which do not overlap.
class Admission {
 public:
  // `features` are those agreed on this stream.
  Admission(const Limits& limits, Origin origin, std::string app_name, AppNumber app,
            uint64_t features);

  // FailedPrecondition or InvalidArgument if the frame breaks the contract: the stream must end.
  absl::Status Admit(const v1::NodeFrame& frame, Admitted* admitted);

 private:
  absl::Status Define(const v1::PathDefinition& definition);
  void AdmitRename(const v1::Rename& rename, Admitted* admitted);
  void AdmitOpen(const v1::Open& open, Admitted* admitted);
  void AdmitLock(const v1::LockRequest& lock, Admitted* admitted) const;
  Input AdmitDelta(const v1::Delta& delta, uint64_t seq, uint64_t answers_seen_through) const;

  const Limits limits_;
  const Origin origin_;
  const std::string app_name_;
  const AppNumber app_;
  const uint64_t features_;
  absl::flat_hash_map<uint32_t, Path> paths_;
  uint64_t last_seq_ = 0;
  uint64_t answers_seen_through_ = 0;
  bool seen_untold_ = false;  // not to every shard
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_ADMISSION_H_
