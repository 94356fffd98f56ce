// RedisLink: one connection to a redis-server, by hiredis. Commands are put into a buffer, which
// Flush writes; answers are taken as they come.
//
// Not thread-safe. No wait is longer than 10 s.
#ifndef BENCH_LIMITS_REDIS_LINK_H_
#define BENCH_LIMITS_REDIS_LINK_H_

#include <hiredis/hiredis.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::bench {

struct FreeRedisReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using RedisReply = std::unique_ptr<redisReply, FreeRedisReply>;

// The words of a command.
using RedisWords = std::vector<std::string>;

class RedisLink {
 public:
  // To a numeric address. Unavailable if nothing listens there.
  static absl::StatusOr<RedisLink> Connect(const std::string& address, int port);

  int descriptor() const { return context_->fd; }

  // Adds a command to what Flush writes.
  void Append(const RedisWords& command);
  // Unavailable if the connection is lost.
  absl::Status Flush();
  // Reads what there is, and waits if there is nothing. Unavailable if the connection is lost or
  // nothing comes for 10 s.
  absl::Status Read();
  // The next complete answer of what was read; nullptr if there is none. Internal if it is an
  // error of the server, or no answer at all.
  absl::StatusOr<RedisReply> TakeReply();

  // One command and its answer.
  absl::StatusOr<RedisReply> Ask(const RedisWords& command);
  // Commands that travel together, and the answer of each.
  absl::StatusOr<std::vector<RedisReply>> AskAll(const std::vector<RedisWords>& commands);

 private:
  struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  explicit RedisLink(redisContext* context) : context_(context) {}

  absl::Status Lost() const;
  // Waits for it.
  absl::StatusOr<RedisReply> AwaitReply();

  std::unique_ptr<redisContext, FreeContext> context_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_REDIS_LINK_H_
