// Body: the part of a forward or catch-up that is the same for all receivers, encoded once and
// shared; and PathTable, which numbers an app's paths on the way to its nodes.
#ifndef HUB_FORWARD_BODY_H_
#define HUB_FORWARD_BODY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "proto/session/delta.h"
#include "proto/session/path.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::hub {

// A number and the path it stands for, in text form. Lives as long as its table.
struct PathNumber {
  uint32_t number = 0;
  std::string text;
};

// Immutable once made; safe from any thread.
struct Body {
  std::string bytes;                     // a serialized v1::Changes or v1::CatchUp
  std::vector<const PathNumber*> paths;  // the numbers that `bytes` uses
};

// Numbers first, first + stride, ... so that the tables of a hub's shards never give one number
// twice. Belongs to one shard. Entries are never removed, and their number is bounded: past the
// bound, paths go inline.
class PathTable {
 public:
  PathTable(uint32_t first, uint32_t stride, size_t paths_max)
      : next_(first), stride_(stride), paths_max_(paths_max) {}

  // The number for a path, giving one if there is room; nullptr: send it inline.
  const PathNumber* Number(const Path& path);

 private:
  uint32_t next_;
  uint32_t stride_;
  size_t paths_max_;
  std::deque<PathNumber> numbers_;  // a deque: entries never move
  absl::flat_hash_map<Path, const PathNumber*> by_path_;
};

std::shared_ptr<const Body> EncodeChanges(const std::vector<Operation>& operations,
                                          PathTable* table,
                                          std::optional<uint64_t> idle_timeout_ms = std::nullopt);

// Adds `operation` to a catch-up in the making, noting the number it uses in `paths`. Without a
// table (nullptr) its path goes inline.
void AddOperation(const Operation& operation, PathTable* table, v1::CatchUp* catch_up,
                  std::vector<const PathNumber*>* paths);

}  // namespace sessionhub::hub

#endif  // HUB_FORWARD_BODY_H_
