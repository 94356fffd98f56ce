// Random values, paths, states and deltas. Paths come from a small alphabet of short segments, so
// that random operations meet: they hit the same fields, and subtrees that hold something.
#ifndef TESTS_SUPPORT_GENERATORS_H_
#define TESTS_SUPPORT_GENERATORS_H_

#include <cstddef>
#include <string>

#include "proto/session/delta.h"
#include "proto/session/path.h"
#include "proto/session/state.h"
#include "sessionhub/value.h"
#include "tests/support/seed.h"

namespace sessionhub::testing {

// Bytes of any kind, at most `bytes_max`.
std::string RandomBytes(Random& random, size_t bytes_max);
// UTF-8 with characters of one to four bytes, NUL among them; at most `characters_max`.
std::string RandomText(Random& random, size_t characters_max);

// Of every type; numbers often at the edges of their range.
Value RandomValue(Random& random);

// From the small alphabet, one to three segments.
Path RandomPath(Random& random);
// With any segments that are legal: empty ones, escapes, all of UTF-8 but NUL.
Path RandomWildPath(Random& random);

FieldMap RandomFields(Random& random, size_t count_max);

// An operation of any kind. `fields` (may be nullptr) makes increments and splices likely to
// fit a field.
Operation RandomOperation(Random& random, const FieldMap* fields);
// One to `count_max` operations; once in 64 the delta that deletes its session.
Delta RandomDelta(Random& random, size_t count_max, const FieldMap* fields);
// A delta that applies to `fields`, and does not delete the session.
Delta RandomApplicableDelta(Random& random, size_t count_max, const FieldMap& fields);

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_GENERATORS_H_
