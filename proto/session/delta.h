// Delta: an atomic set of operations on one session, and what applying and merging mean. Pure.
//
// Laws, tested in tests/property:  Apply(s, Diff(s, t)) = t;  Merge(a, b) applied = a, then b,
// applied.
#ifndef PROTO_SESSION_DELTA_H_
#define PROTO_SESSION_DELTA_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/session/path.h"
#include "proto/session/state.h"
#include "sessionhub/value.h"

namespace sessionhub {

struct Operation {
  enum class Kind { kPut, kErase, kEraseSubtree, kIncrement };

  Kind kind = Kind::kPut;
  Path path;
  Value value;  // kPut: the value; kIncrement: the amount, int64 or double; else null

  friend bool operator==(const Operation& a, const Operation& b) {
    return a.kind == b.kind && a.path == b.path && a.value == b.value;
  }
};

struct Delta {
  std::vector<Operation> operations;  // applied in this order
  bool deletes_session = false;       // ends the life of the session; then no operations

  // Paths and values, the measure of Limits::delta_bytes_max.
  size_t SizeBytes() const;

  friend bool operator==(const Delta& a, const Delta& b) {
    return a.operations == b.operations && a.deletes_session == b.deletes_session;
  }
};

// `current` plus `amount`, where `current` is nullptr for an absent field, which counts as zero of
// the amount's type. InvalidArgument if the amount is not a number, FailedPrecondition if the field
// is not one of the amount's type, OutOfRange if the sum leaves int64. Both sides compute doubles
// with this one function, and every NaN it makes has the same bits, so results agree bit for bit.
absl::StatusOr<Value> Increment(const Value* current, const Value& amount);

// Applies all operations, or none and the error of the first that cannot be (see Increment). Does
// not touch a version.
absl::Status Apply(const Delta& delta, FieldMap* fields);

// One delta with the effect of `first`, then `second`, on every state on which both apply.
// Operations that a later one makes void are left out; increments of one field by one type are
// added where the sum stays in range.
Delta Merge(const Delta& first, const Delta& second);

}  // namespace sessionhub

#endif  // PROTO_SESSION_DELTA_H_
