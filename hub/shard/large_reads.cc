#include "hub/shard/large_reads.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sessionhub::hub {

LargeRead* LargeReads::Find(SessionNumber session, interest::NodeNumber node) {
  auto it = std::find_if(reads_.begin(), reads_.end(), [&](const LargeRead& read) {
    return read.session == session && read.node.node == node;
  });
  return it == reads_.end() ? nullptr : &*it;
}

std::vector<LargeRead> LargeReads::TakeIf(const std::function<bool(const LargeRead&)>& wanted) {
  const auto taken = std::stable_partition(reads_.begin(), reads_.end(),
                                           [&](const LargeRead& read) { return !wanted(read); });
  std::vector<LargeRead> result(std::make_move_iterator(taken),
                                std::make_move_iterator(reads_.end()));
  reads_.erase(taken, reads_.end());
  return result;
}

std::optional<LargeRead> LargeReads::Take(SessionNumber session, interest::NodeNumber node) {
  std::vector<LargeRead> taken = TakeIf(
      [&](const LargeRead& read) { return read.session == session && read.node.node == node; });
  if (taken.empty()) return std::nullopt;
  return std::move(taken.front());
}

std::vector<LargeRead> LargeReads::TakeSession(SessionNumber session) {
  return TakeIf([session](const LargeRead& read) { return read.session == session; });
}

std::vector<LargeRead> LargeReads::TakeNode(interest::NodeNumber node) {
  return TakeIf([node](const LargeRead& read) { return read.node.node == node; });
}

void LargeReads::Note(SessionNumber session, const std::vector<Operation>& operations) {
  std::shared_ptr<const std::vector<Operation>> shared;
  size_t bytes = 0;
  for (LargeRead& read : reads_) {
    if (read.session != session || read.overrun) continue;
    if (!shared) {
      shared = std::make_shared<const std::vector<Operation>>(operations);
      for (const Operation& operation : operations) {
        bytes += FieldSizeBytes(operation.path, operation.value);
      }
    }
    read.changes_bytes += bytes;
    read.changes.push_back(shared);
    if (read.changes_bytes <= changes_bytes_max_) continue;
    read.overrun = true;
    read.changes = {};
  }
}

}  // namespace sessionhub::hub
