// Sessions in memcached: whole, in one entry each. It has them no longer than it runs, and a
// session that is not changed for half an hour goes.
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "bench/compare/connection_pool.h"
#include "bench/compare/memcached_link.h"
#include "bench/compare/node_sessions.h"
#include "bench/compare/session_bytes.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

class Cache {
 public:
  explicit Cache(const HostPort& server)
      : links_([server] { return MemcachedLink::Connect(server); }) {}

  absl::Status Start() { return links_.Start(); }

  absl::Status Store(const std::string& id, const SessionFields& fields) {
    const std::string bytes = EncodeSession(fields);
    return links_.With([&](MemcachedLink& link) { return link.Set(id, bytes); });
  }
  absl::StatusOr<SessionFields> Load(const std::string& id) {
    ASSIGN_OR_RETURN(const std::string bytes,
                     links_.With([&](MemcachedLink& link) { return link.Get(id); }));
    return DecodeSession(bytes);
  }

 private:
  ConnectionPool<MemcachedLink> links_;
};

// Each request loads the session, and stores it if it has changed it. Of two requests that change
// it at once, the one that stores last undoes what the other has stored.
class LoadedSessions final : public NodeSessions {
 public:
  explicit LoadedSessions(std::unique_ptr<Cache> cache) : cache_(std::move(cache)) {}

  absl::Status Create(const std::string& id, const SessionFields& fields) override {
    return cache_->Store(id, fields);
  }
  absl::Status Change(const std::string& id, const SessionFields& changes) override {
    ASSIGN_OR_RETURN(SessionFields fields, cache_->Load(id));
    ApplyChanges(changes, &fields);
    return cache_->Store(id, fields);
  }
  absl::StatusOr<SessionFields> Read(const std::string& id) override { return cache_->Load(id); }

 private:
  const std::unique_ptr<Cache> cache_;
};

// The node has the sessions that it serves, and stores each after a change, for the node that
// serves it when this one is gone. It never looks whether another has changed one.
class BackedUpSessions final : public NodeSessions {
 public:
  explicit BackedUpSessions(std::unique_ptr<Cache> cache) : cache_(std::move(cache)) {}

  absl::Status Create(const std::string& id, const SessionFields& fields) override {
    return Set(*Insert(id, {}), id, fields);
  }
  absl::Status Change(const std::string& id, const SessionFields& changes) override {
    ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, FindOrLoad(id));
    return Set(*session, id, changes);
  }
  absl::StatusOr<SessionFields> Read(const std::string& id) override {
    ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, FindOrLoad(id));
    const absl::MutexLock lock(&session->mutex);
    return session->fields;
  }

 private:
  struct Session {
    absl::Mutex mutex;
    SessionFields fields ABSL_GUARDED_BY(mutex);
  };

  // The one that is there already, if there is one.
  std::shared_ptr<Session> Insert(const std::string& id, SessionFields fields) {
    auto session = std::make_shared<Session>();
    {
      const absl::MutexLock lock(&session->mutex);
      session->fields = std::move(fields);
    }
    const absl::MutexLock lock(&mutex_);
    return sessions_.emplace(id, std::move(session)).first->second;
  }

  absl::StatusOr<std::shared_ptr<Session>> FindOrLoad(const std::string& id) {
    {
      const absl::MutexLock lock(&mutex_);
      const auto found = sessions_.find(id);
      if (found != sessions_.end()) return found->second;
    }
    ASSIGN_OR_RETURN(SessionFields fields, cache_->Load(id));
    return Insert(id, std::move(fields));
  }

  // Holds the session while it is stored, so that the copy is never older than an earlier one.
  absl::Status Set(Session& session, const std::string& id, const SessionFields& changes) {
    const absl::MutexLock lock(&session.mutex);
    ApplyChanges(changes, &session.fields);
    return cache_->Store(id, session.fields);
  }

  const std::unique_ptr<Cache> cache_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<Session>> sessions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

MadeNodeSessions MakeMemcachedSessions(const NodeSessionsOptions& options) {
  const bool sticky = options.strategy == "memcached_sticky";
  if (!sticky && options.strategy != "memcached") return nullptr;
  if (sticky && options.round_robin) {
    return absl::InvalidArgumentError(
        "memcached_sticky never looks for changes of other nodes: give it sticky requests");
  }
  ASSIGN_OR_RETURN(const HostPort server, ParseHostPort(options.server));
  auto cache = std::make_unique<Cache>(server);
  RETURN_IF_ERROR(cache->Start());
  if (sticky) return std::make_unique<BackedUpSessions>(std::move(cache));
  return std::make_unique<LoadedSessions>(std::move(cache));
}

}  // namespace sessionhub::bench
