// Redis hash: a session as a hash of Redis, whose fields are the session's. Pure.
#ifndef BENCH_COMPARE_REDIS_HASH_H_
#define BENCH_COMPARE_REDIS_HASH_H_

#include <string>

#include "absl/status/statusor.h"
#include "bench/compare/node_sessions.h"
#include "bench/limits/redis_link.h"

namespace sessionhub::bench {

// What the answer to HGETALL says. NotFound if there is no hash, Internal if it is no such answer.
absl::StatusOr<SessionFields> FieldsOfHash(const redisReply& reply);

// HSET, or HMSET, of these fields; the name of each after `prefix`.
RedisWords SetFields(const std::string& command, const std::string& key, const std::string& prefix,
                     const SessionFields& fields);

// kSessionLife, from now.
RedisWords ExpireKey(const std::string& key);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_REDIS_HASH_H_
