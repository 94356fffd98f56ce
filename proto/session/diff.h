// Diff: the smallest set of puts and erases that turns one set of fields into another. Pure.
#ifndef PROTO_SESSION_DIFF_H_
#define PROTO_SESSION_DIFF_H_

#include "proto/session/delta.h"
#include "proto/session/state.h"

namespace sessionhub {

// A delta of single-field puts and erases, in path order, with Apply(from, result) = to. Empty if
// they are equal.
Delta Diff(const FieldMap& from, const FieldMap& to);

}  // namespace sessionhub

#endif  // PROTO_SESSION_DIFF_H_
