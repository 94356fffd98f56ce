// Interest: what a node asked to hear of. The words that the index and the hub share.
#ifndef INTEREST_INTEREST_H_
#define INTEREST_INTEREST_H_

#include <cstdint>

#include "proto/session/ids.h"

namespace sessionhub::interest {

// A node as one hub process knows it: one number for each incarnation, from 1, not reused while the
// hub runs.
using NodeNumber = uint32_t;

// How a node names a session on its stream: small, given when the interest begins, free again when
// it ends. 0 is no handle.
using Handle = uint32_t;

// How a node's copy of a session stands.
enum class PairState : uint8_t {
  kLive,    // holds every version; forwards flow
  kBehind,  // needs a catch-up from `held`; nothing is queued for it meanwhile
  // Was told that its copy, at `held`, is old, and hears nothing until the node asks.
  kInvalidated,
};

// A node's interest in one session.
struct Pair {
  NodeNumber node = 0;
  Handle handle = 0;
  // The attach of the node in which the pair was last registered or resumed. A pair of an older
  // attach is silent until the node resumes it.
  uint32_t attach = 0;
  PairState state = PairState::kBehind;
  bool invalidates = false;  // the node wants to be told that there is a change, not the change
  // The session's id has changed since the node was given its handle: it is told when it resumes.
  bool renamed = false;
  Version held = 0;  // unless kLive: the version that the node's copy holds; 0: none
};

}  // namespace sessionhub::interest

#endif  // INTEREST_INTEREST_H_
