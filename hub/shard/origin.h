// Origin: the stream that an input came from. Plain data.
#ifndef HUB_SHARD_ORIGIN_H_
#define HUB_SHARD_ORIGIN_H_

#include <cstdint>

#include "interest/interest.h"

namespace sessionhub::hub {

using interest::Handle;
using interest::NodeNumber;

// The stream an input came from. The newest attach of a node wins: inputs of older ones are
// dropped.
struct Origin {
  NodeNumber node = 0;
  uint32_t attach = 0;  // counts the attaches of this node, from 1
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_ORIGIN_H_
