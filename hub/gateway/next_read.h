// NextRead: whether a stream reads on at once, or behind the answer to what it has just read. Pure.
#ifndef HUB_GATEWAY_NEXT_READ_H_
#define HUB_GATEWAY_NEXT_READ_H_

#include <cstdint>

#include "hub/gateway/admission.h"

namespace sessionhub::hub {

// gRPC widens a stream's window as soon as somebody waits to read from it: a packet, and a wake-up
// of the node, for each frame. From a node that has one commit under way at a time that comes at
// the worst moment, while the commit is decided; behind the answer, it costs a packet less and
// nobody waits for it. A node that sends on before it has an answer is read at once: what it sends
// shares a turn. docs/adr/0039 has the figures. Not thread-safe; belongs to its stream.
class NextRead {
 public:
  // The node had so many deltas without an answer when this frame of its came.
  void FrameRead(const Admitted& admitted, uint64_t unanswered);

  // Something was written to the node, or it has waited for long.
  void Written() { waits_ = false; }

  // True from FrameRead until Written, if the next frame is to be read behind the answer: that of a
  // commit which the turn that it falls in answers, whatever it decides.
  bool waits() const { return waits_; }

 private:
  bool waits_ = false;
  uint64_t alone_ =
      0;  // commits in a row, each in a frame of its own, with nothing before its answer
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_NEXT_READ_H_
