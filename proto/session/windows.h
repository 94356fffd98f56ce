// The window of a node's connection, in both directions: what one side may send before the other
// reads it. Fixed, and the same for both sides; docs/adr/0023 says why.
#ifndef PROTO_SESSION_WINDOWS_H_
#define PROTO_SESSION_WINDOWS_H_

namespace sessionhub {

inline constexpr int kWindowBytes = 256 << 10;

}  // namespace sessionhub

#endif  // PROTO_SESSION_WINDOWS_H_
