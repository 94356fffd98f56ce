// Splices: which puts of a delta go out as changes of a part of the value that the node had before.
// Pure.
#ifndef CLIENT_CPP_SRC_SPLICES_H_
#define CLIENT_CPP_SRC_SPLICES_H_

#include <cstddef>
#include <map>

#include "proto/session/delta.h"
#include "proto/session/state.h"

namespace sessionhub::client {

// By the place of the put in Delta::operations: the splice that does the same on the base.
using Splices = std::map<size_t, Operation>;

// The splices of `delta` over `base`, for string and bytes values that keep their type and of which
// clearly less than the whole is new. A field that the delta touches twice gets none.
Splices FindSplices(const FieldMap& base, const Delta& delta);

// `delta` with its splices in place of their puts.
Delta WithSplices(const Delta& delta, const Splices& splices);

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_SPLICES_H_
