// Path: which field of a session. A list of one or more UTF-8 segments without NUL.
//
// The text form is JSON Pointer's without the leading slash: `cart/items/85123A/qty`, with `~0` for
// `~` and `~1` for `/` inside a segment (RFC 6901, section 3). An empty segment is legal
// (`cart//x`), but not alone: an empty text names no field. In memory and in stored keys a path is
// its segments, each *ended* by NUL, so that the fields below a path are exactly those whose bytes
// start with its bytes, and byte order is the order of segments.
#ifndef PROTO_SESSION_PATH_H_
#define PROTO_SESSION_PATH_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub {

class Path {
 public:
  // The empty path names no field; it is only a place to assign to, and the root of all.
  Path() = default;

  // InvalidArgument, naming what is wrong, unless `text` is a legal text form. Limits are not
  // checked here (see limits.h).
  static absl::StatusOr<Path> FromText(std::string_view text);
  // InvalidArgument unless there is at least one segment, each is UTF-8 without NUL, and they are
  // not one empty segment, which has no text form.
  static absl::StatusOr<Path> FromSegments(const std::vector<std::string>& segments);
  // Trusts `encoded` to be what another Path's encoded() was.
  static Path FromEncoded(std::string encoded) { return Path(std::move(encoded)); }

  std::string ToText() const;
  std::vector<std::string> Segments() const;
  size_t SegmentCount() const;

  // Segments, each ended by NUL.
  const std::string& encoded() const { return encoded_; }
  bool empty() const { return encoded_.empty(); }

  // True for the path itself and every path below it. Everything is below the empty path.
  bool Covers(const Path& other) const {
    return other.encoded_.compare(0, encoded_.size(), encoded_) == 0;
  }

  friend bool operator==(const Path& a, const Path& b) { return a.encoded_ == b.encoded_; }
  friend bool operator!=(const Path& a, const Path& b) { return a.encoded_ != b.encoded_; }
  friend bool operator<(const Path& a, const Path& b) { return a.encoded_ < b.encoded_; }
  template <typename H>
  friend H AbslHashValue(H state, const Path& path) {
    return H::combine(std::move(state), path.encoded_);
  }

 private:
  explicit Path(std::string encoded) : encoded_(std::move(encoded)) {}

  std::string encoded_;
};

// True if `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool IsUtf8(std::string_view text);

}  // namespace sessionhub

#endif  // PROTO_SESSION_PATH_H_
