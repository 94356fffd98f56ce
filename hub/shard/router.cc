#include "hub/shard/router.h"

namespace sessionhub::hub {

uint32_t Router::ShardOf(const Input& input) const {
  if (const auto* commit = std::get_if<CommitInput>(&input)) {
    return commit->handle != 0 ? ShardOfHandle(commit->handle)
                               : ShardOfSlot(HomeSlot(commit->number));
  }
  if (const auto* lock = std::get_if<LockInput>(&input)) {
    return lock->handle != 0 ? ShardOfHandle(lock->handle) : ShardOfSlot(HomeSlot(lock->number));
  }
  if (const auto* unlock = std::get_if<UnlockInput>(&input)) {
    return unlock->handle != 0 ? ShardOfHandle(unlock->handle)
                               : ShardOfSlot(HomeSlot(unlock->number));
  }
  if (const auto* open = std::get_if<OpenInput>(&input)) return ShardOfSlot(open->name.slot);
  if (const auto* resume = std::get_if<ResumeInput>(&input)) return ShardOfHandle(resume->handle);
  if (const auto* close = std::get_if<CloseInput>(&input)) return ShardOfHandle(close->handle);
  if (const auto* receipt = std::get_if<ReceiptInput>(&input)) {
    return ShardOfHandle(receipt->handle);
  }
  if (const auto* touch = std::get_if<TouchInput>(&input)) {
    return touch->handle != 0 ? ShardOfHandle(touch->handle) : ShardOfSlot(HomeSlot(touch->number));
  }
  if (const auto* done = std::get_if<ReadDoneInput>(&input)) {
    return ShardOfSlot(HomeSlot(done->session));
  }
  if (const auto* erase = std::get_if<DeleteInput>(&input)) {
    return ShardOfSlot(erase->name.id.empty() ? HomeSlot(erase->number) : erase->name.slot);
  }
  if (const auto* rename = std::get_if<RenameInput>(&input)) {
    return ShardOfSlot(rename->reserved ? HomeSlot(rename->number) : rename->name.slot);
  }
  if (const auto* look = std::get_if<LookUpInput>(&input)) {
    return ShardOfSlot(HomeSlot(look->number));
  }
  if (const auto* note = std::get_if<NameNoteInput>(&input)) return ShardOfSlot(note->name.slot);
  return 0;
}

}  // namespace sessionhub::hub
