#include "client/cpp/src/reconnect.h"

#include <algorithm>

namespace sessionhub::client {

Reconnect::Milliseconds Reconnect::Failed(uint64_t random) {
  Milliseconds whole = backoff_min_;
  for (unsigned n = 0; n < failures_ && whole < backoff_max_; ++n) whole *= 2;
  whole = std::min(whole, backoff_max_);
  ++failures_;
  if (!reached_) next_ = (next_ + 1) % endpoints_.size();
  reached_ = false;
  const auto half = whole.count() / 2;
  return Milliseconds(whole.count() -
                      static_cast<int64_t>(random % static_cast<uint64_t>(half + 1)));
}

void Reconnect::Reached() {
  failures_ = 0;
  reached_ = true;
}

}  // namespace sessionhub::client
