// Sessions in Redis that a node loads for each request: as one string, or as a hash, by the
// commands of Spring Session.
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bench/compare/connection_pool.h"
#include "bench/compare/host_port.h"
#include "bench/compare/node_sessions.h"
#include "bench/compare/redis_copies.h"
#include "bench/compare/redis_hash.h"
#include "bench/compare/redis_news.h"
#include "bench/compare/session_bytes.h"
#include "bench/compare/store_settings.h"
#include "bench/limits/redis_link.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

class RedisPool {
 public:
  explicit RedisPool(const HostPort& server)
      : links_([server] { return RedisLink::Connect(server.host, server.port); }) {}

  absl::Status Start() { return links_.Start(); }
  absl::StatusOr<RedisReply> Ask(const RedisWords& command) {
    return links_.With([&](RedisLink& link) { return link.Ask(command); });
  }

 private:
  ConnectionPool<RedisLink> links_;
};

// The whole session by GET and SET. Of two requests that change a session at once, the one that
// sets last undoes what the other has set.
class WholeSessions final : public NodeSessions {
 public:
  explicit WholeSessions(std::unique_ptr<RedisPool> redis) : redis_(std::move(redis)) {}

  absl::Status Create(const std::string& id, const SessionFields& fields) override {
    return redis_->Ask({"SET", KeyOf(id), EncodeSession(fields), "EX", LifeText()}).status();
  }
  absl::Status Change(const std::string& id, const SessionFields& changes) override {
    ASSIGN_OR_RETURN(SessionFields fields, Load({"GET", KeyOf(id)}));
    ApplyChanges(changes, &fields);
    return Create(id, fields);
  }
  // A request that stores nothing tells by its GET that the session is in use.
  absl::StatusOr<SessionFields> Read(const std::string& id) override {
    return Load({"GETEX", KeyOf(id), "EX", LifeText()});
  }

 private:
  static std::string KeyOf(const std::string& id) { return "session:" + id; }
  static std::string LifeText() { return std::to_string(kSessionLife.count()); }

  absl::StatusOr<SessionFields> Load(const RedisWords& command) {
    ASSIGN_OR_RETURN(const RedisReply reply, redis_->Ask(command));
    if (reply->type == REDIS_REPLY_NIL) return absl::NotFoundError("Redis has no such session");
    return DecodeSession(std::string_view(reply->str, reply->len));
  }

  const std::unique_ptr<RedisPool> redis_;
};

// What Spring Session's RedisSessionRepository does, command by command, each of which waits for
// the answer to the one before: a request loads all fields, and in the end sets those that it has
// changed and when the session was used, also if it has changed nothing.
class SpringSessions final : public NodeSessions {
 public:
  explicit SpringSessions(std::unique_ptr<RedisPool> redis) : redis_(std::move(redis)) {}

  absl::Status Create(const std::string& id, const SessionFields& fields) override {
    const int64_t now_ms = NowMs();
    RedisWords save = SetFields("HMSET", KeyOf(id), kAttribute, fields);
    save.insert(save.end(), {"creationTime", std::to_string(now_ms), "maxInactiveInterval",
                             std::to_string(kSessionLife.count())});
    return Save(id, std::move(save), now_ms);
  }
  absl::Status Change(const std::string& id, const SessionFields& changes) override {
    RETURN_IF_ERROR(Load(id).status());
    return Leave(id, changes);
  }
  absl::StatusOr<SessionFields> Read(const std::string& id) override {
    ASSIGN_OR_RETURN(SessionFields fields, Load(id));
    RETURN_IF_ERROR(Leave(id, {}));
    return fields;
  }

 private:
  static constexpr char kAttribute[] = "sessionAttr:";

  static std::string KeyOf(const std::string& id) { return "spring:session:sessions:" + id; }
  static int64_t NowMs() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  }

  absl::StatusOr<SessionFields> Load(const std::string& id) {
    ASSIGN_OR_RETURN(const RedisReply reply, redis_->Ask({"HGETALL", KeyOf(id)}));
    ASSIGN_OR_RETURN(const SessionFields hash, FieldsOfHash(*reply));
    SessionFields fields;
    for (const auto& [name, value] : hash) {
      if (!name.starts_with(kAttribute)) continue;
      fields[name.substr(std::string_view(kAttribute).size())] = value;
    }
    return fields;
  }

  // Else HMSET would make a session of these fields alone, if it has ended meanwhile.
  absl::Status Leave(const std::string& id, const SessionFields& changes) {
    ASSIGN_OR_RETURN(const RedisReply exists, redis_->Ask({"EXISTS", KeyOf(id)}));
    if (exists->integer != 1) return absl::NotFoundError("the session has ended");
    return Save(id, SetFields("HMSET", KeyOf(id), kAttribute, changes), NowMs());
  }

  absl::Status Save(const std::string& id, RedisWords save, int64_t now_ms) {
    save.insert(save.end(), {"lastAccessedTime", std::to_string(now_ms)});
    RETURN_IF_ERROR(redis_->Ask(save).status());
    const int64_t ends_at_ms = now_ms + std::chrono::milliseconds(kSessionLife).count();
    return redis_->Ask({"PEXPIREAT", KeyOf(id), std::to_string(ends_at_ms)}).status();
  }

  const std::unique_ptr<RedisPool> redis_;
};

template <typename Sessions>
MadeNodeSessions MakeLoaded(const HostPort& server) {
  auto redis = std::make_unique<RedisPool>(server);
  RETURN_IF_ERROR(redis->Start());
  return std::make_unique<Sessions>(std::move(redis));
}

}  // namespace

MadeNodeSessions MakeRedisSessions(const NodeSessionsOptions& options) {
  if (!options.strategy.starts_with("redis_")) return nullptr;
  // hiredis writes in a way that ends the process when the server has closed the connection.
  std::signal(SIGPIPE, SIG_IGN);
  ASSIGN_OR_RETURN(const HostPort server, ParseHostPort(options.server));
  if (options.strategy == "redis_whole") return MakeLoaded<WholeSessions>(server);
  if (options.strategy == "redis_fields") return MakeLoaded<SpringSessions>(server);
  std::unique_ptr<RedisNews> news = MakeRedisNews(options.strategy, options.node);
  if (news == nullptr) return nullptr;
  return CopiedSessions::Make(server, std::move(news));
}

}  // namespace sessionhub::bench
