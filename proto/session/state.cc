#include "proto/session/state.h"

namespace sessionhub {

size_t SessionState::SizeBytes() const {
  size_t bytes = 0;
  for (const auto& [path, value] : fields) bytes += FieldSizeBytes(path, value);
  return bytes;
}

size_t EraseSubtree(const Path& path, FieldMap* fields) {
  size_t count = 0;
  for (auto it = fields->lower_bound(path); it != fields->end() && path.Covers(it->first);) {
    it = fields->erase(it);
    ++count;
  }
  return count;
}

}  // namespace sessionhub
