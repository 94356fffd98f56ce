#include "bench/compare/redis_news.h"

#include <optional>
#include <utility>

#include "bench/compare/redis_hash.h"

namespace sessionhub::bench {
namespace {

constexpr std::string_view kKeyPrefix = "session:";

// The id that a key, or a channel of the same name, is of; nothing if it is of none.
std::optional<std::string> IdOfKey(std::string_view key) {
  if (!key.starts_with(kKeyPrefix)) return std::nullopt;
  return std::string(key.substr(kKeyPrefix.size()));
}

// Changed fields, as a message from node to node. As in Redisson, a node leaves out what it has
// sent itself, so two nodes that change a field at once may each end with the other's value.
class PublishedNews : public RedisNews {
 public:
  explicit PublishedNews(size_t node) : node_(node) {}

  absl::Status Prepare(RedisLink&, int64_t) const override { return absl::OkStatus(); }

 protected:
  std::string Encode(SessionNews news) const {
    news.node = node_;
    return EncodeNews(news);
  }
  // Nothing if it is this node's own.
  std::optional<SessionNews> Decode(const redisReply& payload) const {
    absl::StatusOr<SessionNews> news = DecodeNews({payload.str, payload.len});
    if (!news.ok() || news->node == node_) return std::nullopt;
    return *std::move(news);
  }

 private:
  const size_t node_;
};

// To all nodes, on one channel.
class NewsToAll final : public PublishedNews {
 public:
  using PublishedNews::PublishedNews;

  std::string Channel() const override { return "sessions"; }
  absl::Status Follow(const std::string&, RedisSubscription&) const override {
    return absl::OkStatus();
  }
  void Tell(const std::string&, const SessionNews* news,
            std::vector<RedisWords>* commands) const override {
    if (news != nullptr) commands->push_back({"PUBLISH", Channel(), Encode(*news)});
  }
  void Hear(std::string_view, const redisReply& payload, SessionCopies& copies) const override {
    std::optional<SessionNews> news = Decode(payload);
    if (!news) return;
    if (news->created) {
      copies.Put(news->id, std::move(news->fields));
    } else {
      copies.Apply(news->id, news->fields);
    }
  }
};

// To the nodes that have served the session, on a channel of its own, which says which session it
// is. Nobody follows one that is new.
class NewsToFollowers final : public PublishedNews {
 public:
  using PublishedNews::PublishedNews;

  std::string Channel() const override { return ""; }
  absl::Status Follow(const std::string& id, RedisSubscription& subscription) const override {
    return subscription.Follow(RedisKeyOf(id));
  }
  void Tell(const std::string& id, const SessionNews* news,
            std::vector<RedisWords>* commands) const override {
    if (news == nullptr || news->created) return;
    SessionNews sent = *news;
    sent.id.clear();
    commands->push_back({"PUBLISH", RedisKeyOf(id), Encode(std::move(sent))});
  }
  void Hear(std::string_view channel, const redisReply& payload,
            SessionCopies& copies) const override {
    const std::optional<std::string> id = IdOfKey(channel);
    const std::optional<SessionNews> news = Decode(payload);
    if (id && news) copies.Apply(*id, news->fields);
  }
};

// redis-server remembers which connections have read a key, and tells each once that it has
// changed: here by the subscription of the node, since without RESP3 a connection hears no news.
class Invalidations final : public RedisNews {
 public:
  std::string Channel() const override { return "__redis__:invalidate"; }
  absl::Status Follow(const std::string&, RedisSubscription&) const override {
    return absl::OkStatus();
  }
  absl::Status Prepare(RedisLink& link, int64_t subscriber_id) const override {
    return link
        .Ask({"CLIENT", "TRACKING", "ON", "REDIRECT", std::to_string(subscriber_id), "NOLOOP"})
        .status();
  }
  // A write makes redis-server forget who has read the key, the writer as well, which is not told.
  // So it reads something of the key anew, and no other's write may come before that.
  void Tell(const std::string& id, const SessionNews*,
            std::vector<RedisWords>* commands) const override {
    commands->insert(commands->begin(), {"MULTI"});
    commands->push_back({"HLEN", RedisKeyOf(id)});
    commands->push_back({"EXEC"});
  }
  void Hear(std::string_view, const redisReply& payload, SessionCopies& copies) const override {
    // Without keys when all of them are gone.
    if (payload.type != REDIS_REPLY_ARRAY) return copies.DropAll();
    for (size_t i = 0; i < payload.elements; ++i) {
      const redisReply& key = *payload.element[i];
      const std::optional<std::string> id = IdOfKey({key.str, key.len});
      if (id) copies.Drop(*id);
    }
  }
};

}  // namespace

std::string RedisKeyOf(const std::string& id) {
  return std::string(kKeyPrefix) + id;
}

std::unique_ptr<RedisNews> MakeRedisNews(std::string_view strategy, size_t node) {
  if (strategy == "redis_publish") return std::make_unique<NewsToAll>(node);
  if (strategy == "redis_channels") return std::make_unique<NewsToFollowers>(node);
  if (strategy == "redis_tracking") return std::make_unique<Invalidations>();
  return nullptr;
}

}  // namespace sessionhub::bench
