// CopiedSessions: sessions that are hashes of Redis, and of which a node keeps copies, which it
// reads from its memory and is told of changes by RedisNews.
#ifndef BENCH_COMPARE_REDIS_COPIES_H_
#define BENCH_COMPARE_REDIS_COPIES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/compare/host_port.h"
#include "bench/compare/node_sessions.h"
#include "bench/compare/redis_news.h"
#include "bench/compare/redis_subscription.h"
#include "bench/compare/session_copies.h"
#include "bench/limits/redis_link.h"

namespace sessionhub::bench {

class CopiedSessions final : public NodeSessions {
 public:
  // Unavailable if the server does not answer.
  static MadeNodeSessions Make(const HostPort& server, std::unique_ptr<RedisNews> news);

  absl::Status Create(const std::string& id, const SessionFields& fields) override;
  absl::Status Change(const std::string& id, const SessionFields& changes) override;
  absl::StatusOr<SessionFields> Read(const std::string& id) override;

 private:
  // A session's commands go by the same connection, one request at a time, so that its copy is
  // changed in the order in which Redis changes it.
  struct Lane {
    absl::Mutex mutex;
    std::optional<RedisLink> link ABSL_GUARDED_BY(mutex);
    // Of the subscription that there was when the link was made: Redis knows by connections who is
    // to be told.
    uint64_t subscription_number ABSL_GUARDED_BY(mutex) = 0;
  };
  static constexpr size_t kLanes = 16;

  CopiedSessions(HostPort server, std::unique_ptr<RedisNews> news)
      : server_(std::move(server)), news_(std::move(news)) {}

  Lane& LaneOf(const std::string& id);
  // Makes sure of a link that is of the time of the subscription.
  absl::Status Connect(Lane& lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lane.mutex);
  // By a link that was lost meanwhile, once more by a new one.
  absl::StatusOr<std::vector<RedisReply>> Ask(Lane& lane, const std::vector<RedisWords>& commands)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lane.mutex);
  absl::StatusOr<SessionFields> Load(Lane& lane, const std::string& id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lane.mutex);
  // Tells Redis that the session is in use.
  absl::Status Touch(Lane& lane, const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lane.mutex);

  const HostPort server_;
  const std::unique_ptr<RedisNews> news_;
  SessionCopies copies_;
  std::array<Lane, kLanes> lanes_;
  std::unique_ptr<RedisSubscription> subscription_;  // ends first: its thread uses the copies
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_REDIS_COPIES_H_
