#include "client/cpp/src/tracked_image.h"

#include <algorithm>
#include <iterator>

#include "proto/session/json.h"

namespace sessionhub::client {
namespace {

// The paths of fields that are not the same in both.
std::set<Path> Differing(const FieldMap& a, const FieldMap& b) {
  std::set<Path> paths;
  for (const auto& [path, value] : a) {
    const auto other = b.find(path);
    if (other == b.end() || other->second != value) paths.insert(path);
  }
  for (const auto& [path, value] : b) {
    if (!a.contains(path)) paths.insert(path);
  }
  return paths;
}

}  // namespace

std::set<Path> TrackedImage::Doubtful() const {
  std::set<Path> paths = unknown_;
  for (const auto& [number, commit] : on_their_way_) {
    paths.insert(commit.doubtful.begin(), commit.doubtful.end());
  }
  return paths;
}

Delta TrackedImage::Changes(const FieldMap& now) const {
  const std::set<Path> doubtful = Doubtful();
  if (doubtful.empty()) return DiffJson(root_, known_, now);
  // A field in doubt counts as different from what it is to be.
  FieldMap from = known_;
  for (const Path& path : doubtful) {
    if (now.contains(path)) {
      from.erase(path);
    } else {
      from.insert_or_assign(path, Value());
    }
  }
  return DiffJson(root_, from, now);
}

uint64_t TrackedImage::Sent(FieldMap now) {
  Commit commit;
  commit.doubtful = Doubtful();
  commit.doubtful.merge(Differing(known_, now));
  commit.image = std::move(now);
  on_their_way_.emplace(++last_commit_, std::move(commit));
  return last_commit_;
}

void TrackedImage::Applied(uint64_t commit) {
  const auto applied = on_their_way_.find(commit);
  if (applied == on_their_way_.end()) return;  // a later one was told first
  known_ = std::move(applied->second.image);
  on_their_way_.erase(on_their_way_.begin(), std::next(applied));
  if (last_unknown_ < commit) unknown_.clear();
}

void TrackedImage::Refused(uint64_t commit) {
  on_their_way_.erase(commit);
}

void TrackedImage::Unknown(uint64_t commit) {
  auto ended = on_their_way_.extract(commit);
  if (ended.empty()) return;
  unknown_.merge(ended.mapped().doubtful);
  last_unknown_ = std::max(last_unknown_, commit);
}

}  // namespace sessionhub::client
