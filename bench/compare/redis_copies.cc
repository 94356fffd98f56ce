#include "bench/compare/redis_copies.h"

#include <chrono>
#include <functional>
#include <string_view>
#include <utility>

#include "bench/compare/redis_hash.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// What Redisson keeps of a session besides its fields; and a hash of Redis cannot be without any.
constexpr char kCreationTime[] = "session:creationTime";

std::string NowMsText() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace

MadeNodeSessions CopiedSessions::Make(const HostPort& server, std::unique_ptr<RedisNews> news) {
  std::unique_ptr<CopiedSessions> sessions(new CopiedSessions(server, std::move(news)));
  CopiedSessions* const made = sessions.get();
  RedisSubscription::Listener listener;
  listener.message = [made](std::string_view channel, const redisReply& payload) {
    made->news_->Hear(channel, payload, made->copies_);
  };
  listener.lost = [made] { made->copies_.DropAll(); };
  ASSIGN_OR_RETURN(made->subscription_,
                   RedisSubscription::Start(server, made->news_->Channel(), std::move(listener)));
  return sessions;
}

CopiedSessions::Lane& CopiedSessions::LaneOf(const std::string& id) {
  return lanes_[std::hash<std::string>()(id) % kLanes];
}

absl::Status CopiedSessions::Connect(Lane& lane) {
  ASSIGN_OR_RETURN(const RedisSubscription::Connection subscriber,
                   subscription_->AwaitConnection());
  if (lane.link && lane.subscription_number == subscriber.number) return absl::OkStatus();
  lane.link.reset();
  ASSIGN_OR_RETURN(RedisLink link, RedisLink::Connect(server_.host, server_.port));
  RETURN_IF_ERROR(news_->Prepare(link, subscriber.client_id));
  lane.link.emplace(std::move(link));
  lane.subscription_number = subscriber.number;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RedisReply>> CopiedSessions::Ask(
    Lane& lane, const std::vector<RedisWords>& commands) {
  const bool was_connected = lane.link.has_value();
  for (bool again = was_connected;; again = false) {
    RETURN_IF_ERROR(Connect(lane));
    absl::StatusOr<std::vector<RedisReply>> replies = lane.link->AskAll(commands);
    if (!absl::IsUnavailable(replies.status())) return replies;
    lane.link.reset();
    // What was read by the lost link may have changed without a word.
    copies_.DropAll();
    if (!again) return replies;
  }
}

absl::StatusOr<SessionFields> CopiedSessions::Load(Lane& lane, const std::string& id) {
  const SessionCopies::Told begun = copies_.Begin(id);
  RETURN_IF_ERROR(news_->Follow(id, *subscription_));
  ASSIGN_OR_RETURN(const std::vector<RedisReply> replies, Ask(lane, {{"HGETALL", RedisKeyOf(id)}}));
  absl::StatusOr<SessionFields> fields = FieldsOfHash(*replies[0]);
  if (!fields.ok()) {
    copies_.Drop(id);
    return fields.status();
  }
  fields->erase(kCreationTime);
  copies_.Keep(id, *fields, begun);
  return fields;
}

absl::Status CopiedSessions::Touch(Lane& lane, const std::string& id) {
  std::vector<RedisWords> commands = {ExpireKey(RedisKeyOf(id))};
  news_->Tell(id, nullptr, &commands);
  return Ask(lane, commands).status();
}

absl::Status CopiedSessions::Create(const std::string& id, const SessionFields& fields) {
  Lane& lane = LaneOf(id);
  const absl::MutexLock lock(&lane.mutex);
  const SessionCopies::Told begun = copies_.Begin(id);
  RETURN_IF_ERROR(news_->Follow(id, *subscription_));
  RedisWords set = SetFields("HSET", RedisKeyOf(id), "", fields);
  set.insert(set.end(), {kCreationTime, NowMsText()});
  std::vector<RedisWords> commands = {std::move(set), ExpireKey(RedisKeyOf(id))};
  const SessionNews news = {.created = true, .id = id, .fields = fields};
  news_->Tell(id, &news, &commands);
  RETURN_IF_ERROR(Ask(lane, commands).status());
  copies_.Keep(id, fields, begun);
  return absl::OkStatus();
}

absl::Status CopiedSessions::Change(const std::string& id, const SessionFields& changes) {
  Lane& lane = LaneOf(id);
  const absl::MutexLock lock(&lane.mutex);
  if (!copies_.Find(id)) RETURN_IF_ERROR(Load(lane, id).status());
  if (changes.empty()) return absl::OkStatus();
  std::vector<RedisWords> commands = {SetFields("HSET", RedisKeyOf(id), "", changes),
                                      ExpireKey(RedisKeyOf(id))};
  const SessionNews news = {.created = false, .id = id, .fields = changes};
  news_->Tell(id, &news, &commands);
  RETURN_IF_ERROR(Ask(lane, commands).status());
  copies_.Apply(id, changes);
  return absl::OkStatus();
}

absl::StatusOr<SessionFields> CopiedSessions::Read(const std::string& id) {
  std::optional<SessionCopies::Found> found = copies_.Find(id);
  if (found && !found->touch_due) return std::move(found->fields);
  Lane& lane = LaneOf(id);
  const absl::MutexLock lock(&lane.mutex);
  if (!found) return Load(lane, id);
  RETURN_IF_ERROR(Touch(lane, id));
  return std::move(found->fields);
}

}  // namespace sessionhub::bench
