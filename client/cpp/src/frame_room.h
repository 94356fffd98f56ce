// How much of a frame is left free.
#ifndef CLIENT_CPP_SRC_FRAME_ROOM_H_
#define CLIENT_CPP_SRC_FRAME_ROOM_H_

#include <cstddef>

namespace sessionhub::client {

// Room in a frame for what is counted only roughly: tags, lengths, the fixed fields.
inline constexpr size_t kFrameSlackBytes = 4096;

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_FRAME_ROOM_H_
