// Workload: what users send in one cell of the comparison, from a seed.
//
// Each session has so many fields, of which as many as a change sets are hot: 16 bytes each, from
// the start. The others are cold, never change, and are as long as the wanted size of the session
// needs. So a session does not shrink while it is changed, which would flatter those who send it
// whole. Where a change sets all fields there is no cold one, and each keeps its own length.
//
// Pure.
#ifndef BENCH_COMPARE_WORKLOAD_H_
#define BENCH_COMPARE_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/compare/node_sessions.h"

namespace sessionhub::bench {

struct Cell {
  size_t nodes = 2;
  bool round_robin = false;
  size_t sessions = 100;
  size_t session_bytes = 4'096;  // of one, serialised; see SerialisedBytes
  size_t fields = 20;
  size_t fields_changed = 1;
  size_t read_percent = 0;  // of all requests
  size_t connections = 1;   // to each node; as many users send requests at a time
  size_t requests = 2'000;
  uint64_t seed = 1;
};

// That are counted in a cell, however large its sessions and however slow its answers are.
inline constexpr size_t kRequestsMin = 200;

// InvalidArgument, naming the limit, for what cannot be: more fields changed than there are, a
// session that is too small for its fields.
absl::Status CheckCell(const Cell& cell);

// Of each hot value.
inline constexpr size_t kHotValueBytes = 16;

// The size of a session as stores and broadcasts of whole sessions carry it: for each field 2 bytes
// for the length of its name, the name, 4 bytes for the length of its value, the value.
size_t SerialisedBytes(const SessionFields& fields);

struct WebRequest {
  size_t session = 0;
  size_t node = 0;
  SessionFields changes;   // empty: the request only reads
  std::string read_field;  // then
};

// The users are nodes × connections; a session belongs to one of them, and a user sends a request
// after the last one's answer, so that no two requests of a session run at once.
size_t UsersOf(const Cell& cell);
// Where a session is created, and stays if it is sticky.
size_t HomeOf(const Cell& cell, size_t session);

// The fields of a session when it is created. Values are random characters of an alphabet of 64, so
// that compression gains little.
SessionFields FirstFields(const Cell& cell, size_t session);

// The requests of one user: its sessions in turn, and with round-robin each session's requests at
// all nodes in turn.
class UserRequests {
 public:
  // `stream` tells runs of one cell apart: a warm-up from what is counted.
  UserRequests(const Cell& cell, size_t user, uint64_t stream);

  // How many of the cell's requests are this user's.
  size_t count() const { return count_; }
  WebRequest Next();

 private:
  const Cell cell_;
  const size_t user_;
  const size_t sessions_;  // of this user
  const size_t count_;
  size_t made_ = 0;
  std::mt19937_64 random_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_WORKLOAD_H_
