// Session bytes: a session as the stores keep it that know nothing of fields: of each field 2 bytes
// of length, its name, 4 bytes of length, its value.
//
// Pure.
#ifndef BENCH_COMPARE_SESSION_BYTES_H_
#define BENCH_COMPARE_SESSION_BYTES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "bench/compare/node_sessions.h"

namespace sessionhub::bench {

std::string EncodeSession(const SessionFields& fields);
// DataLoss if it was not encoded so.
absl::StatusOr<SessionFields> DecodeSession(std::string_view bytes);

// Makes the changes in these fields.
void ApplyChanges(const SessionFields& changes, SessionFields* fields);

// What a node tells the others of a session.
struct SessionNews {
  size_t node = 0;       // that tells it
  bool created = false;  // these are all fields
  std::string id;
  SessionFields fields;  // that have changed
};

// 2 bytes of the node's number, 1 of what has happened, the id with 2 bytes of length, the fields.
std::string EncodeNews(const SessionNews& news);
absl::StatusOr<SessionNews> DecodeNews(std::string_view bytes);  // DataLoss

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_SESSION_BYTES_H_
