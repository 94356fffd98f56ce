// Frames: the bytes of HubFrames, made from what an outbox holds. What is particular to a stream
// (which path numbers it has seen, which answer was last) lives here; bodies are copied as they
// were encoded.
#ifndef HUB_GATEWAY_FRAMES_H_
#define HUB_GATEWAY_FRAMES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "hub/forward/outbox.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

// The encoder of one stream. Not thread-safe: whoever holds the stream's write slot uses it.
class FrameEncoder {
 public:
  // One serialized HubFrame with these items, in this order, after the definitions they need, and
  // with `received_through` unless it is 0.
  std::string Encode(const std::vector<OutboxItem>& items, uint64_t received_through = 0);

 private:
  void Define(const std::vector<const PathNumber*>& paths, std::string* definitions);
  void EncodeItem(const AnswerItem& item, std::string* frame);
  void EncodeItem(const OpenedItem& item, std::string* frame);
  void EncodeItem(const ForwardItem& item, std::string* frame);
  void EncodeItem(const CatchUpItem& item, std::string* frame);
  void EncodeItem(const InvalidatedItem& item, std::string* frame);
  void EncodeItem(const EndedItem& item, std::string* frame);
  void EncodeItem(const DeliveredItem& item, std::string* frame);
  void EncodeItem(const RequestAnswerItem& item, std::string* frame);
  void EncodeItem(const RenamedItem& item, std::string* frame);

  absl::flat_hash_set<uint32_t> defined_;
  uint64_t last_answered_seq_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_FRAMES_H_
