#include "hub/gateway/stream_meter.h"

#include <variant>

namespace sessionhub::hub {

void StreamMeter::Encoded(const std::vector<OutboxItem>& items) {
  if (!traffic_) return;
  uint64_t forward_bytes = 0;
  uint64_t catch_up_bytes = 0;
  for (const OutboxItem& item : items) {
    if (const auto* forward = std::get_if<ForwardItem>(&item)) {
      forward_bytes += forward->changes->bytes.size();
    } else if (const auto* catch_up = std::get_if<CatchUpItem>(&item)) {
      catch_up_bytes += catch_up->catch_up->bytes.size();
    }
  }
  traffic_->WroteBodies(forward_bytes, catch_up_bytes);
}

}  // namespace sessionhub::hub
