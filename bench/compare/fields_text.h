// The text of a web node's requests and answers: fields in lines, and the cookie of a session.
//
// Pure.
#ifndef BENCH_COMPARE_FIELDS_TEXT_H_
#define BENCH_COMPARE_FIELDS_TEXT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bench/compare/node_sessions.h"

namespace sessionhub::bench {

inline constexpr char kSessionCookie[] = "JSESSIONID";

// "NAME=VALUE\n" for each field, in the order of the names.
std::string FormatFields(const SessionFields& fields);
// InvalidArgument, naming the line, for one without a name or a '='.
absl::StatusOr<SessionFields> ParseFields(std::string_view text);

// The session's id in a Cookie or Set-Cookie header; empty if there is none.
std::string FindSessionId(std::string_view header);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_FIELDS_TEXT_H_
