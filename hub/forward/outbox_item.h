// What waits in an outbox to be written to a stream. Plain data.
#ifndef HUB_FORWARD_OUTBOX_ITEM_H_
#define HUB_FORWARD_OUTBOX_ITEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "hub/forward/body.h"
#include "interest/interest.h"
#include "proto/session/ids.h"
#include "proto/session/refusal.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

// The answer to a delta.
struct AnswerItem {
  enum class Kind { kApplied, kAlready, kRefused };
  Kind kind = Kind::kApplied;
  uint64_t seq = 0;
  Version from = 0;  // kAlready: a version that includes it
  Version to = 0;
  Refusal refusal;
};

struct OpenedItem {
  uint32_t request = 0;
  interest::Handle handle = 0;
  SessionNumber number = 0;
  bool created = false;
  Refusal refusal;
};

struct ForwardItem {
  interest::Handle handle = 0;
  Version from = 0;
  Version to = 0;
  std::shared_ptr<const Body> changes;
  bool receipt = false;
};

// One item of a catch-up; `catch_up` is a serialized v1::CatchUp.
struct CatchUpItem {
  interest::Handle handle = 0;
  Version from = 0;
  Version to = 0;
  std::shared_ptr<const Body> catch_up;
  bool receipt = false;
};

struct InvalidatedItem {
  interest::Handle handle = 0;
  Version from = 0;
  Version to = 0;
  bool receipt = false;
};

struct EndedItem {
  interest::Handle handle = 0;
  v1::Ended::Why why = v1::Ended::WHY_UNSPECIFIED;
  bool receipt = false;
};

// What became of the delivery of the delta `seq`.
struct DeliveredItem {
  uint64_t seq = 0;
  std::vector<std::string> missing;
  bool unknown = false;
};

// The answer to a request that is no delta. No reason: it was done.
struct RequestAnswerItem {
  uint32_t request = 0;
  Refusal refusal;
  uint64_t lock_token = 0;
  Version version = 0;
};

struct RenamedItem {
  interest::Handle handle = 0;
  std::string id;
};

using OutboxItem = std::variant<AnswerItem, OpenedItem, ForwardItem, CatchUpItem, InvalidatedItem,
                                EndedItem, DeliveredItem, RequestAnswerItem, RenamedItem>;

}  // namespace sessionhub::hub

#endif  // HUB_FORWARD_OUTBOX_ITEM_H_
