#include "bench/limits/redis_link.h"

#include <sys/time.h>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr timeval kRedisWaitMax = {10, 0};

}  // namespace

absl::StatusOr<RedisLink> RedisLink::Connect(const std::string& address, int port) {
  redisContext* const context = redisConnectWithTimeout(address.c_str(), port, kRedisWaitMax);
  if (context == nullptr) return absl::ResourceExhaustedError("no memory for a connection");
  RedisLink link(context);
  if (context->err != 0) return link.Lost();
  if (redisSetTimeout(context, kRedisWaitMax) != REDIS_OK) return link.Lost();
  return link;
}

absl::Status RedisLink::Lost() const {
  return absl::UnavailableError(std::string("redis-server: ") + context_->errstr);
}

void RedisLink::Append(const RedisWords& command) {
  std::vector<const char*> words;
  std::vector<size_t> sizes;
  for (const std::string& word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), words.data(),
                         sizes.data());
}

absl::Status RedisLink::Flush() {
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return Lost();
  }
  return absl::OkStatus();
}

absl::Status RedisLink::Read() {
  return redisBufferRead(context_.get()) == REDIS_OK ? absl::OkStatus() : Lost();
}

absl::StatusOr<RedisReply> RedisLink::TakeReply() {
  void* taken = nullptr;
  if (redisGetReplyFromReader(context_.get(), &taken) != REDIS_OK) {
    return absl::InternalError(std::string("redis-server answers what cannot be read: ") +
                               context_->errstr);
  }
  RedisReply reply(static_cast<redisReply*>(taken));
  if (reply != nullptr && reply->type == REDIS_REPLY_ERROR) {
    return absl::InternalError(std::string("redis-server: ") + reply->str);
  }
  return reply;
}

absl::StatusOr<RedisReply> RedisLink::AwaitReply() {
  while (true) {
    ASSIGN_OR_RETURN(RedisReply reply, TakeReply());
    if (reply != nullptr) return reply;
    RETURN_IF_ERROR(Read());
  }
}

absl::StatusOr<RedisReply> RedisLink::Ask(const RedisWords& command) {
  Append(command);
  RETURN_IF_ERROR(Flush());
  return AwaitReply();
}

absl::StatusOr<std::vector<RedisReply>> RedisLink::AskAll(const std::vector<RedisWords>& commands) {
  for (const RedisWords& command : commands) Append(command);
  RETURN_IF_ERROR(Flush());
  std::vector<RedisReply> replies;
  // All are taken, so that none is left over for the next command.
  absl::Status refused;
  for (size_t i = 0; i < commands.size(); ++i) {
    absl::StatusOr<RedisReply> reply = AwaitReply();
    if (absl::IsUnavailable(reply.status())) return reply.status();
    if (reply.ok()) {
      replies.push_back(*std::move(reply));
    } else {
      refused.Update(reply.status());
    }
  }
  if (!refused.ok()) return refused;
  return replies;
}

}  // namespace sessionhub::bench
