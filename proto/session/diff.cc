#include "proto/session/diff.h"

#include <utility>

namespace sessionhub {

Delta Diff(const FieldMap& from, const FieldMap& to) {
  Delta delta;
  auto old_field = from.begin();
  auto new_field = to.begin();
  while (old_field != from.end() || new_field != to.end()) {
    if (new_field == to.end() || (old_field != from.end() && old_field->first < new_field->first)) {
      delta.operations.push_back({Operation::Kind::kErase, old_field->first, Value()});
      ++old_field;
      continue;
    }
    const bool both = old_field != from.end() && old_field->first == new_field->first;
    if (!both || old_field->second != new_field->second) {
      delta.operations.push_back({Operation::Kind::kPut, new_field->first, new_field->second});
    }
    if (both) ++old_field;
    ++new_field;
  }
  return delta;
}

}  // namespace sessionhub
