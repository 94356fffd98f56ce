// SessionState: the fields of a session at one version. What a node's copy holds.
#ifndef PROTO_SESSION_STATE_H_
#define PROTO_SESSION_STATE_H_

#include <cstddef>
#include <map>
#include <string>

#include "proto/session/ids.h"
#include "proto/session/path.h"
#include "sessionhub/value.h"

namespace sessionhub {

// In path order, so that the fields below a path are neighbours.
using FieldMap = std::map<Path, Value>;

struct SessionState {
  Version version = 0;
  FieldMap fields;

  // Paths and values, the measure of Limits::session_bytes_max.
  size_t SizeBytes() const;

  friend bool operator==(const SessionState& a, const SessionState& b) {
    return a.version == b.version && a.fields == b.fields;
  }
};

// What one field counts against the limits, in bytes.
inline size_t FieldSizeBytes(const Path& path, const Value& value) {
  return path.encoded().size() + value.SizeBytes();
}

// Removes the field at `path` and all below it. Returns how many there were.
size_t EraseSubtree(const Path& path, FieldMap* fields);

}  // namespace sessionhub

#endif  // PROTO_SESSION_STATE_H_
