// Splice: a change of a part of a string or bytes value, made on one base and on no other. Pure.
#ifndef PROTO_SESSION_SPLICE_H_
#define PROTO_SESSION_SPLICE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sessionhub/value.h"

namespace sessionhub {

// Where a splice cuts, and which value the writer saw. What is inserted is the operation's value.
struct Splice {
  uint64_t offset = 0;
  uint64_t remove_bytes = 0;
  uint64_t base_bytes = 0;    // length of the base
  uint64_t base_xxh3_64 = 0;  // XXH3-64 of the base, seed 0

  friend bool operator==(const Splice&, const Splice&) = default;
};

// A splice of `base`. `offset` + `remove_bytes` must not pass its end (CheckSplice).
Splice SpliceOn(std::string_view base, uint64_t offset, uint64_t remove_bytes);

// The content of a string or bytes value; nullptr for other types. Only these can be spliced.
const std::string* ContentOf(const Value& value);

// InvalidArgument if the splice removes bytes past the end of its base.
absl::Status CheckSplice(const Splice& splice);

// `current` with the splice made, of the type of `current`. `current` is nullptr for an absent
// field, which is the base of no splice: whoever appends to nothing puts. Errors: BASE_CHANGED
// (refusal.h) if `current` is not the base; InvalidArgument if the result would be a string that is
// not UTF-8, or if CheckSplice fails.
absl::StatusOr<Value> ApplySplice(const Value* current, const Splice& splice,
                                  std::string_view insert);

}  // namespace sessionhub

#endif  // PROTO_SESSION_SPLICE_H_
