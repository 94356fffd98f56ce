#include "client/cpp/src/splices.h"

#include <optional>
#include <string>
#include <string_view>

#include "proto/session/diff.h"

namespace sessionhub::client {
namespace {

// Below this a put is as good.
constexpr size_t kSplicedBytesMin = 64;
// What a splice costs besides what it inserts: lengths, offset and hash of the base.
constexpr size_t kSpliceBytes = 32;

std::optional<Operation> FindSplice(const Path& path, std::string_view from, std::string_view to) {
  if (to.size() < kSplicedBytesMin) return std::nullopt;
  Operation splice = DiffBytes(path, from, to);
  if (splice.value.SizeBytes() + kSpliceBytes + to.size() / 4 > to.size()) return std::nullopt;
  return splice;
}

bool TouchedByAnother(const Delta& delta, size_t place) {
  for (size_t i = 0; i < delta.operations.size(); ++i) {
    const Operation& other = delta.operations[i];
    const Path& path = delta.operations[place].path;
    if (i == place) continue;
    if (other.path == path) return true;
    if (other.kind == Operation::Kind::kEraseSubtree && other.path.Covers(path)) return true;
  }
  return false;
}

}  // namespace

Splices FindSplices(const FieldMap& base, const Delta& delta) {
  Splices splices;
  for (size_t place = 0; place < delta.operations.size(); ++place) {
    const Operation& put = delta.operations[place];
    if (put.kind != Operation::Kind::kPut || put.value.SizeBytes() < kSplicedBytesMin) continue;
    const std::string* to = ContentOf(put.value);
    auto held = base.find(put.path);
    if (!to || held == base.end() || held->second.type() != put.value.type()) continue;
    if (TouchedByAnother(delta, place)) continue;
    if (auto splice = FindSplice(put.path, *ContentOf(held->second), *to)) {
      splices.emplace(place, *std::move(splice));
    }
  }
  return splices;
}

Delta WithSplices(const Delta& delta, const Splices& splices) {
  Delta spliced = delta;
  for (const auto& [place, splice] : splices) spliced.operations[place] = splice;
  return spliced;
}

}  // namespace sessionhub::client
