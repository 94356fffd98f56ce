#include "proto/session/diff.h"

#include <algorithm>
#include <cstddef>
#include <string>
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

Operation DiffBytes(Path path, std::string_view from, std::string_view to) {
  const std::string_view shorter = from.size() < to.size() ? from : to;
  const auto prefix = static_cast<size_t>(
      std::mismatch(shorter.begin(), shorter.end(), (from.size() < to.size() ? to : from).begin())
          .first -
      shorter.begin());
  const auto suffix_max = static_cast<ptrdiff_t>(shorter.size() - prefix);
  const auto suffix = static_cast<size_t>(
      std::mismatch(from.rbegin(), from.rbegin() + suffix_max, to.rbegin()).first - from.rbegin());
  return MakeSplice(std::move(path), from, prefix, from.size() - prefix - suffix,
                    std::string(to.substr(prefix, to.size() - prefix - suffix)));
}

}  // namespace sessionhub
