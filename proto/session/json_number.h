// What a number of a JSON text becomes. Pure.
#ifndef PROTO_SESSION_JSON_NUMBER_H_
#define PROTO_SESSION_JSON_NUMBER_H_

#include <string>

#include "sessionhub/value.h"

namespace sessionhub {

// `token` is a number as JSON writes it. An integer in the range of int64 becomes an int64; a
// number with a point or an exponent becomes a double if the shortest text of that double has
// exactly the same value; anything else (-0, 1e400, 18446744073709551616, more digits than a double
// tells apart) stays a JSON text.
Value ValueOfJsonNumber(std::string token);

}  // namespace sessionhub

#endif  // PROTO_SESSION_JSON_NUMBER_H_
