#include "interest/leases.h"

#include <algorithm>

namespace sessionhub::interest {

void Leases::Start(NodeNumber node, uint64_t now_us) {
  ends_us_.try_emplace(node, now_us + duration_us_);
}

bool Leases::Cancel(NodeNumber node) {
  return ends_us_.erase(node) > 0;
}

std::vector<NodeNumber> Leases::TakeEnded(uint64_t now_us) {
  std::vector<NodeNumber> ended;
  for (const auto& [node, end_us] : ends_us_) {
    if (end_us <= now_us) ended.push_back(node);
  }
  std::sort(ended.begin(), ended.end());
  for (NodeNumber node : ended) ends_us_.erase(node);
  return ended;
}

}  // namespace sessionhub::interest
