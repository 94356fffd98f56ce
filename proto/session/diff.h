// Diff: the smallest set of puts and erases that turns one set of fields into another, and the
// splice that turns one string of bytes into another. Pure.
#ifndef PROTO_SESSION_DIFF_H_
#define PROTO_SESSION_DIFF_H_

#include <string_view>

#include "proto/session/delta.h"
#include "proto/session/path.h"
#include "proto/session/state.h"

namespace sessionhub {

// A delta of single-field puts and erases, in path order, with Apply(from, result) = to. Empty if
// they are equal.
Delta Diff(const FieldMap& from, const FieldMap& to);

// The splice at `path` that makes `to` of `from`: it replaces what lies between their common
// beginning and their common end. Cuts between bytes, also inside a UTF-8 character.
Operation DiffBytes(Path path, std::string_view from, std::string_view to);

}  // namespace sessionhub

#endif  // PROTO_SESSION_DIFF_H_
