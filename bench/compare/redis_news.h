// RedisNews: how nodes that keep copies of sessions are told, by redis-server, of what others
// change. Each session is a hash, which they all change alike; who is told what differs.
#ifndef BENCH_COMPARE_REDIS_NEWS_H_
#define BENCH_COMPARE_REDIS_NEWS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "bench/compare/redis_subscription.h"
#include "bench/compare/session_bytes.h"
#include "bench/compare/session_copies.h"
#include "bench/limits/redis_link.h"

namespace sessionhub::bench {

std::string RedisKeyOf(const std::string& id);

// Thread-safe: has no state.
class RedisNews {
 public:
  virtual ~RedisNews() = default;

  // That each node listens to from its start; empty if there is none.
  virtual std::string Channel() const = 0;
  // This node is told of the session's changes once it returns.
  virtual absl::Status Follow(const std::string& id, RedisSubscription& subscription) const = 0;
  // What a connection for commands is told first.
  virtual absl::Status Prepare(RedisLink& link, int64_t subscriber_id) const = 0;
  // Completes the commands that write the session's hash, so that the others are told. There is no
  // news if nothing has changed.
  virtual void Tell(const std::string& id, const SessionNews* news,
                    std::vector<RedisWords>* commands) const = 0;
  // Brings the copies up to date by what was heard on a channel.
  virtual void Hear(std::string_view channel, const redisReply& payload,
                    SessionCopies& copies) const = 0;
};

// By the strategy's name; nullptr if it is none of these. `node` is the one that tells and hears.
std::unique_ptr<RedisNews> MakeRedisNews(std::string_view strategy, size_t node);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_REDIS_NEWS_H_
