// Crowd: what a node does with more sessions than it holds: it makes them and lets them go, and it
// serves requests, each of which opens a session, changes it and lets it go again.
#ifndef BENCH_LOAD_CROWD_H_
#define BENCH_LOAD_CROWD_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "bench/load/generator.h"
#include "sessionhub/client.h"

namespace sessionhub::bench {

// The sessions of a crowd are PREFIXn, with n from `first` on.
struct CrowdRange {
  std::string prefix;
  uint64_t first = 0;
  uint64_t count = 1;
};

struct CrowdFill {
  CrowdRange range;
  size_t fields = 1;  // of each session: f/0, f/1, …
  size_t value_bytes = 16;
  size_t fields_of_commit = 1;
  size_t sessions_at_once = 1'000;
  uint64_t seed = 1;  // of the values
};

// Makes the sessions and writes their fields, at most `sessions_at_once` at a time. Errors: those
// of Open; of a commit that was not applied; DeadlineExceeded after kWorkerPatience.
absl::Status FillCrowd(Client* client, const CrowdFill& fill);

struct CrowdRequests {
  CrowdRange range;
  // At random, or one after the other. No two threads serve one session.
  bool in_turn = false;
  // A field is set, of `value_bytes`; else the session is only read.
  bool change = true;
  size_t fields = 1;  // that each session has
  size_t value_bytes = 16;
  size_t threads = 1;    // each has a request at a time; no more threads than sessions
  double warm_up_s = 0;  // requests that begin in it are not counted
  double seconds = 1;    // after the warm-up
  uint64_t seed = 1;     // of who is next
};

// A request's latency is from before it opens the session until its commit is acked, or until it
// has read. One that finds a session without all of its fields has failed.
GeneratorCounts ServeCrowd(Client* client, const CrowdRequests& requests);

// `bytes` letters and digits that no compression finds anything in.
std::string RandomText(size_t bytes, std::mt19937_64* random);

}  // namespace sessionhub::bench

#endif  // BENCH_LOAD_CROWD_H_
