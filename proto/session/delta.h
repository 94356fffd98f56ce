// Delta: an atomic set of operations on one session, and what applying and merging mean. Pure.
//
// Laws, tested in tests/property:  Apply(s, Diff(s, t)) = t;  Merge(a, b) applied = a, then b,
// applied.
#ifndef PROTO_SESSION_DELTA_H_
#define PROTO_SESSION_DELTA_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/session/ids.h"
#include "proto/session/path.h"
#include "proto/session/settings.h"
#include "proto/session/splice.h"
#include "proto/session/state.h"
#include "sessionhub/value.h"

namespace sessionhub {

struct Operation {
  enum class Kind { kPut, kErase, kEraseSubtree, kIncrement, kSplice };

  Kind kind = Kind::kPut;
  Path path;
  // kPut: the value; kIncrement: the amount, int64 or double; kSplice: the bytes to insert, as
  // bytes; else null.
  Value value;
  Splice splice{};  // kSplice: where, and on which base

  friend bool operator==(const Operation& a, const Operation& b) {
    return a.kind == b.kind && a.path == b.path && a.value == b.value && a.splice == b.splice;
  }
};

// A precondition on one field: that it is absent, or that no version after `unchanged_since` has
// changed it. Exactly one of the two.
struct FieldCondition {
  Path path;
  bool absent = false;
  Version unchanged_since = 0;

  friend bool operator==(const FieldCondition&, const FieldCondition&) = default;
};

struct Delta {
  std::vector<Operation> operations;  // applied in this order
  bool deletes_session = false;       // ends the life of the session; then nothing else
  Settings settings = {};

  // Under which conditions it is applied at all. They are judged at the hub, before any operation.
  Version if_version = 0;  // 0: at any version
  std::vector<FieldCondition> conditions{};
  bool after_previous = false;  // only if the node's delta on this session before it was
  uint64_t lock_token = 0;      // not 0: only while the session's lock is held with it

  // Nothing that would change the session.
  bool empty() const { return operations.empty() && settings.empty() && !deletes_session; }

  // Paths, values and the owner, the measure of Limits::delta_bytes_max.
  size_t SizeBytes() const;

  bool HasConditions() const { return if_version != 0 || !conditions.empty(); }

  friend bool operator==(const Delta&, const Delta&) = default;
};

// `current` plus `amount`, where `current` is nullptr for an absent field, which counts as zero of
// the amount's type. InvalidArgument if the amount is not a number, FailedPrecondition if the field
// is not one of the amount's type, OutOfRange if the sum leaves int64. Both sides compute doubles
// with this one function, and every NaN it makes has the same bits, so results agree bit for bit.
absl::StatusOr<Value> Increment(const Value* current, const Value& amount);

// Replaces `remove_bytes` bytes at `offset` of `base` by `insert`. An append is a splice at the
// end.
Operation MakeSplice(Path path, std::string_view base, uint64_t offset, uint64_t remove_bytes,
                     std::string insert);

// Applies all operations, or none and the error of the first that cannot be (see Increment and
// ApplySplice). Looks at no precondition and touches no version; settings are no fields.
absl::Status Apply(const Delta& delta, FieldMap* fields);

// One delta with the effect of `first`, then `second`, on every state on which both apply. Without
// preconditions. Operations that a later one makes void are left out; increments of one field by
// one type are added where the sum stays in range, and splices of a value that is put are made.
Delta Merge(const Delta& first, const Delta& second);

}  // namespace sessionhub

#endif  // PROTO_SESSION_DELTA_H_
