// Access log: one line of what Apache and nginx write, in the common or the combined format, with
// whatever fields follow. Pure.
//
//   192.0.2.7 - ada [29/Nov/2026:10:05:03 +0100] "GET /cart HTTP/1.1" 200 512 "-" "Mozilla/5.0"
//   "id=7"
#ifndef BENCH_REPLAY_ACCESS_LOG_H_
#define BENCH_REPLAY_ACCESS_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::bench {

// Longer lines are bad lines.
inline constexpr size_t kLogLineBytesMax = 64 << 10;

struct LogEntry {
  std::string client;  // an address or a host's name, as it stands there; may be "-"
  int64_t time_s = 0;  // since 1970, UTC
  std::string method;
  std::string path;   // of the request's target, without the query
  std::string agent;  // empty in the common format, and for "-"
  // What comes after the agent, or in the common format after the size, without quotes and escapes.
  std::vector<std::string> further;
};

// InvalidArgument, saying what is wrong, unless `line` is a line of a log with a request in it.
// Never quotes the line, which may hold anything.
absl::StatusOr<LogEntry> ParseLogLine(std::string_view line);

// The value of a cookie in a Cookie header, "a=1; b=2"; empty if it is not there.
std::string CookieIn(std::string_view header, std::string_view name);

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_ACCESS_LOG_H_
