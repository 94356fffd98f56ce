#include "hub/shard/router.h"

namespace sessionhub::hub {

uint32_t Router::ShardOf(const Input& input) const {
  if (const auto* commit = std::get_if<CommitInput>(&input)) {
    return commit->handle != 0 ? ShardOfHandle(commit->handle)
                               : ShardOfSlot(HomeSlot(commit->number));
  }
  if (const auto* open = std::get_if<OpenInput>(&input)) return ShardOfSlot(open->name.slot);
  if (const auto* resume = std::get_if<ResumeInput>(&input)) return ShardOfHandle(resume->handle);
  if (const auto* close = std::get_if<CloseInput>(&input)) return ShardOfHandle(close->handle);
  if (const auto* erase = std::get_if<DeleteInput>(&input)) return ShardOfSlot(erase->name.slot);
  return 0;
}

}  // namespace sessionhub::hub
