// JSON documents as fields: objects become path segments below a root, scalars typed values, and
// what does not flatten one JSON value. Pure.
//
//   {"name": "Ada", "cart": {"n": 2, "tags": []}}   below `p` is
//   p/cart/n = 2    p/cart/tags = json []    p/name = "Ada"
//
// Law, tested in tests/property: JsonOfFields(FieldsOfJson(x)) is x, as JSON documents are equal:
// the order of an object's keys, blanks and escapes aside, and numbers by their value, which is
// exact. The value at a root that is no object is a field at the root itself.
//
// One JSON value (Value::Json, in the form of AppendJson) are: an array, an empty object, an object
// that has a key with a NUL in it, and a number that neither int64 nor double keeps exactly.
//
// Fields that no document makes: if there are a field at a path and fields below it, which two
// writers together or Set can leave, the fields below it are the document, and the one at the path
// is not in it. So whoever adds to an object that is empty, or that another writer has just made a
// scalar, is seen.
#ifndef PROTO_SESSION_JSON_H_
#define PROTO_SESSION_JSON_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "proto/session/delta.h"
#include "proto/session/path.h"
#include "proto/session/state.h"

namespace sessionhub {

// The fields, at and below `root`, of a document. InvalidArgument as ParseJson; limits on paths and
// values are not checked.
absl::StatusOr<FieldMap> FieldsOfJson(const Path& root, std::string_view document);

// The document that the fields at and below `root` are. NotFound if there are none;
// FailedPrecondition, naming the field, if one is not JSON: bytes, a double that is not finite, a
// JSON value that is not one JSON text, a string that is not UTF-8, more levels than kJsonDepthMax.
absl::StatusOr<std::string> JsonOfFields(const Path& root, const FieldMap& fields);

// A delta that makes of the fields `from` the fields `to`, all of them at or below `root`: erases,
// then puts, each in path order. A branch that goes as a whole, the root among them, is one subtree
// erase, so that nothing another writer adds to it meanwhile survives in a branch that is no more.
// JSON values that are equal as documents are equal here.
Delta DiffJson(const Path& root, const FieldMap& from, const FieldMap& to);

}  // namespace sessionhub

#endif  // PROTO_SESSION_JSON_H_
