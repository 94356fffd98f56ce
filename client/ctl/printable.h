// Bytes, durations and times as people read and type them. Pure.
#ifndef CLIENT_CTL_PRINTABLE_H_
#define CLIENT_CTL_PRINTABLE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "sessionhub/event.h"

namespace sessionhub::ctl {

// One word of printable ASCII: a backslash is `\\`, every other byte outside '!'..'~' is `\xNN`.
std::string EscapeId(std::string_view id);

// The inverse: what EscapeId shows can be typed back. InvalidArgument for an empty text and for a
// backslash that starts neither `\\` nor `\xNN`.
absl::StatusOr<std::string> UnescapeId(std::string_view text);

// A session id is a credential, so listings show its first 6 characters and an ellipsis unless
// `full`.
std::string ShownId(std::string_view id, bool full);

// `text` with control characters (C0, DEL, C1) as `\xNN`, so that no stored value can steer a
// terminal. Everything else stays, UTF-8 included.
std::string EscapeControls(std::string_view text);

// The two largest units: "3 d 4 h", "2 min 5 s", "12 s".
std::string DurationText(uint64_t duration_ms);

// "changed", "caught_up" and so on.
const char* EventName(Event::Kind kind);

// "2026-01-31 23:59:59 UTC".
std::string TimeText(uint64_t unix_ms);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_PRINTABLE_H_
