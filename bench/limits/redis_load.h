// RedisLoad: changes of one field of 16 bytes by HSET over so many connections with so many changes
// in flight on each, as fast as a redis-server takes them or at a rate; and, if there are
// subscribers, a PUBLISH of each change to all of them.
//
// One thread has all connections, so its processor time is that of a client that does nothing else.
#ifndef BENCH_LIMITS_REDIS_LOAD_H_
#define BENCH_LIMITS_REDIS_LOAD_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "bench/limits/meter.h"

namespace sessionhub::bench {

struct RedisLoad {
  int port = 0;
  size_t connections = 1;
  size_t in_flight = 1;     // on each connection
  size_t subscribers = 0;   // 0: no PUBLISH
  size_t sessions = 4'096;  // that are changed in turn
  // Of all connections together; each change goes to the first that has room. 0: closed loop.
  double per_s = 0;
  double delay_s =
      0;  // of the begin, with a rate: so that clients do not all change at one instant
  double seconds = 3;  // after a warm-up
};

struct RedisOutcome {
  Meter meter;
  double wire_bytes = 0;  // of each change, over the connections of writers and subscribers
};

// Runs the load. A change is done when its answer is here and every subscriber has received it.
// Unavailable if a connection is lost or nothing comes for 10 s, Internal if an answer is wrong.
absl::StatusOr<RedisOutcome> RunRedisLoad(const RedisLoad& load);

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_REDIS_LOAD_H_
