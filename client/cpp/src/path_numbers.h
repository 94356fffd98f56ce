// PathNumbers: the small numbers that stand for paths on one stream, in both directions. Pure.
#ifndef CLIENT_CPP_SRC_PATH_NUMBERS_H_
#define CLIENT_CPP_SRC_PATH_NUMBERS_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/repeated_field.h"
#include "proto/session/path.h"
#include "sessionhub/v1/delta.pb.h"

namespace sessionhub::client {

class PathNumbers {
 public:
  using Definitions = google::protobuf::RepeatedPtrField<v1::PathDefinition>;

  // A new stream: both directions start empty, and this side defines at most `definitions_max`.
  void Reset(size_t definitions_max);

  // The number of a path that this side sends. A path seen for the first time is added to
  // `definitions` while there is room; 0 means that the path goes inline.
  uint32_t Number(const Path& path, Definitions* definitions);

  // Takes in what the hub defined. A path that is not legal stays undefined, so that its use is
  // seen.
  void Define(const Definitions& definitions);
  // nullptr if the hub did not define it.
  const Path* Find(uint32_t number) const;

 private:
  size_t definitions_max_ = 0;
  absl::flat_hash_map<Path, uint32_t> numbers_;  // ours
  absl::flat_hash_map<uint32_t, Path> paths_;    // the hub's
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_PATH_NUMBERS_H_
