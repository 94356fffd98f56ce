#include "bench/compare/redis_subscription.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "absl/time/time.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr int kReconnectPauseMs = 20;
constexpr int kForEverMs = -1;
const absl::Duration kSubscriptionWaitMax = absl::Seconds(10);

std::string_view TextOf(const redisReply& reply) {
  return reply.type == REDIS_REPLY_STRING ? std::string_view(reply.str, reply.len)
                                          : std::string_view();
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisSubscription>> RedisSubscription::Start(
    const HostPort& server, const std::string& channel, Listener listener) {
  const int stop_event = eventfd(0, EFD_CLOEXEC);
  if (stop_event < 0) return absl::ResourceExhaustedError("no descriptor for an event");
  std::unique_ptr<RedisSubscription> subscription(
      new RedisSubscription(server, channel, std::move(listener), stop_event));
  RETURN_IF_ERROR(subscription->Connect());
  subscription->thread_ = std::thread([made = subscription.get()] { made->Run(); });
  return subscription;
}

RedisSubscription::RedisSubscription(HostPort server, std::string channel, Listener listener,
                                     int stop_event)
    : server_(std::move(server)),
      channel_(std::move(channel)),
      listener_(std::move(listener)),
      stop_event_(stop_event) {}

RedisSubscription::~RedisSubscription() {
  eventfd_write(stop_event_, 1);
  if (thread_.joinable()) thread_.join();
  close(stop_event_);
}

absl::Status RedisSubscription::Connect() {
  ASSIGN_OR_RETURN(RedisLink link, RedisLink::Connect(server_.host, server_.port));
  ASSIGN_OR_RETURN(const RedisReply id, link.Ask({"CLIENT", "ID"}));
  if (!channel_.empty()) RETURN_IF_ERROR(link.Ask({"SUBSCRIBE", channel_}).status());
  const absl::MutexLock lock(&mutex_);
  link_.emplace(std::move(link));
  connection_ = {connection_.number + 1, id->integer};
  return absl::OkStatus();
}

bool RedisSubscription::AwaitStop(int timeout_ms) const {
  pollfd stop = {stop_event_, POLLIN, 0};
  return poll(&stop, 1, timeout_ms) > 0;
}

void RedisSubscription::Run() {
  while (!AwaitStop(0)) {
    Hear();
    {
      const absl::MutexLock lock(&mutex_);
      link_.reset();
      followed_.clear();
    }
    listener_.lost();
    while (!AwaitStop(0) && !Connect().ok()) AwaitStop(kReconnectPauseMs);
  }
}

void RedisSubscription::Hear() {
  int descriptor = -1;
  {
    const absl::MutexLock lock(&mutex_);
    descriptor = link_->descriptor();
  }
  pollfd waits[] = {{descriptor, POLLIN, 0}, {stop_event_, POLLIN, 0}};
  while (poll(waits, 2, kForEverMs) > 0 && waits[1].revents == 0) {
    absl::StatusOr<std::vector<RedisReply>> messages = TakeMessages();
    if (!messages.ok()) return;
    for (const RedisReply& message : *messages) Take(*message);
  }
}

absl::StatusOr<std::vector<RedisReply>> RedisSubscription::TakeMessages() {
  std::vector<RedisReply> messages;
  const absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(link_->Read());
  while (true) {
    ASSIGN_OR_RETURN(RedisReply message, link_->TakeReply());
    if (message == nullptr) return messages;
    messages.push_back(std::move(message));
  }
}

void RedisSubscription::Take(const redisReply& message) {
  if (message.type != REDIS_REPLY_ARRAY || message.elements != 3) return;
  const std::string_view kind = TextOf(*message.element[0]);
  if (kind == "message") {
    listener_.message(TextOf(*message.element[1]), *message.element[2]);
  } else if (kind == "subscribe") {
    const absl::MutexLock lock(&mutex_);
    followed_.emplace(TextOf(*message.element[1]));
  }
}

absl::StatusOr<RedisSubscription::Connection> RedisSubscription::AwaitConnection() {
  const absl::MutexLock lock(&mutex_);
  if (mutex_.AwaitWithTimeout(absl::Condition(this, &RedisSubscription::IsConnected),
                              kSubscriptionWaitMax)) {
    return connection_;
  }
  return absl::UnavailableError("redis-server has not let this node subscribe for 10 s");
}

absl::Status RedisSubscription::Follow(const std::string& channel) {
  RETURN_IF_ERROR(AwaitConnection().status());
  const absl::MutexLock lock(&mutex_);
  if (followed_.contains(channel)) return absl::OkStatus();
  if (!link_) return absl::UnavailableError("the subscription to redis-server is lost");
  link_->Append({"SUBSCRIBE", channel});
  RETURN_IF_ERROR(link_->Flush());
  const uint64_t asked_on = connection_.number;
  const auto is_settled = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return followed_.contains(channel) || !link_ || connection_.number != asked_on;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&is_settled), kSubscriptionWaitMax);
  if (followed_.contains(channel)) return absl::OkStatus();
  return absl::UnavailableError("redis-server has not let this node subscribe to a session");
}

}  // namespace sessionhub::bench
