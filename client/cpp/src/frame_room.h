// How much of a frame is left free.
#ifndef CLIENT_CPP_SRC_FRAME_ROOM_H_
#define CLIENT_CPP_SRC_FRAME_ROOM_H_

#include <algorithm>
#include <cstddef>

#include "proto/session/limits.h"
#include "proto/session/wire.h"

namespace sessionhub::client {

// Room in a frame for what is counted only roughly: tags, lengths, the fixed fields.
inline constexpr size_t kFrameSlackBytes = 4096;

// How much more a frame may ask.
inline size_t RequestRoom(const v1::NodeFrame& frame) {
  return kFrameRequestsMax - std::min(kFrameRequestsMax, RequestsOf(frame));
}

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_FRAME_ROOM_H_
