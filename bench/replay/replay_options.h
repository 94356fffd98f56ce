// What `sessionhub-bench replay` is asked for.
#ifndef BENCH_REPLAY_REPLAY_OPTIONS_H_
#define BENCH_REPLAY_REPLAY_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace sessionhub::bench {

struct ReplayOptions {
  std::vector<std::string> log_paths = {};  // in the order of time
  std::string baskets_path = {};            // in place of them
  size_t limit = 0;                         // only the first so many lines, or baskets; 0: all
  size_t nodes = 4;

  // Of a log: whose session a request is of. Without the first two: client address and agent.
  size_t session_field = 0;         // the so many-th field after the agent, from 1
  std::string session_cookie = {};  // of the line's last field, a Cookie header
  int64_t idle_minutes = 30;
  size_t open_sessions_max = 1'000'000;

  // Of a log: what its requests do to their sessions, which no log tells.
  std::vector<std::string> changing_methods = {"POST", "PUT", "PATCH", "DELETE"};
  // Requests for such files are not for the application, and are left out.
  std::vector<std::string> static_suffixes = {
      ".avif", ".css", ".eot", ".gif", ".ico", ".jpeg", ".jpg",  ".js",    ".map", ".mjs",
      ".mp4",  ".png", ".svg", ".ttf", ".txt", ".webp", ".woff", ".woff2", ".xml"};
  size_t session_bytes = 4096;  // of values
  size_t session_fields = 20;
  size_t fields_per_attribute = 1;
  size_t fields_changed = 1;
  size_t value_bytes = 16;  // of each of them

  std::string json_path = {};
  std::string command = {};
};

// InvalidArgument if the options do not go together.
absl::Status CheckReplayOptions(const ReplayOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_REPLAY_OPTIONS_H_
