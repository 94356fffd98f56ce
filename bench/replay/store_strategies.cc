// Sessions in a store beside the nodes: a cache, Redis, a database. A request that only reads tells
// the store that the session is used, and no more; nodes that keep copies tell it seldom.
#include "bench/replay/strategy.h"

namespace sessionhub::bench {
namespace {

// After how long Redis forgets a session. Only its length matters.
constexpr const char* kRedisExpireS = "1800";

// The whole session by `set` when it has changed, else `touch`; with `loads` also by `get` before.
class SharedCache final : public Strategy {
 public:
  explicit SharedCache(bool loads) : loads_(loads) {}

  const char* name() const override { return loads_ ? "cache_get_set" : "cache_set"; }
  const char* title() const override {
    return loads_ ? "shared cache, get and set" : "shared cache, sticky, set";
  }
  const char* sticky_only() const override {
    return loads_ ? nullptr : "a node would go on with its own old copy";
  }

  void Arrive(const Visit& visit, Tally* tally) override {
    if (loads_ && !visit.creates) tally->wire += CacheGet(visit.id, visit.image->entry_bytes());
  }
  void Leave(const Visit& visit, Tally* tally) override {
    tally->wire +=
        visit.reads_only() ? CacheTouch(visit.id) : CacheSet(visit.id, visit.image->entry_bytes());
  }

 private:
  const bool loads_;
};

Wire HashGetAll(const Visit& visit) {
  return Exchange(RedisCommand({"HGETALL", visit.id}).size(),
                  RedisArrayBytes(2 * visit.image->fields().size()) + visit.image->reply_bytes());
}

// The commands of one request travel together, and so do the answers.
struct Pipeline {
  size_t request_bytes = 0;
  size_t answer_bytes = 0;

  void Add(const std::vector<std::string>& words) {
    request_bytes += RedisCommand(words).size();
    answer_bytes += std::string_view(":0\r\n").size();
  }
};

Pipeline SaveFields(const PathBook& book, const Visit& visit) {
  Pipeline pipeline;
  if (!visit.reads_only()) {
    std::vector<std::string> command = {"HSET", visit.id};
    for (const FieldChange& change : *visit.changes) {
      command.push_back(book.at(change.path).text);
      command.push_back(ValueText(change.value));
    }
    pipeline.Add(command);
  }
  pipeline.Add({"EXPIRE", visit.id, kRedisExpireS});
  return pipeline;
}

class RedisHash final : public Strategy {
 public:
  explicit RedisHash(const PathBook* book) : book_(*book) {}

  const char* name() const override { return "redis_fields"; }
  const char* title() const override { return "Redis HGETALL and HSET"; }

  void Arrive(const Visit& visit, Tally* tally) override {
    if (!visit.creates) tally->wire += HashGetAll(visit);
  }
  void Leave(const Visit& visit, Tally* tally) override {
    const Pipeline save = SaveFields(book_, visit);
    tally->wire += Exchange(save.request_bytes, save.answer_bytes);
  }

 private:
  const PathBook& book_;
};

// What a request has changed, with lengths.
size_t ChangesBytes(const PathBook& book, const Visit& visit) {
  size_t bytes = 0;
  for (const FieldChange& change : *visit.changes) {
    bytes += EntryBytes(book.at(change.path).text.size(), ValueText(change.value).size());
  }
  return bytes;
}

// Every node keeps the sessions that it has served: a request that only reads sends nothing, but
// for a use that its node has long not told of.
class RedisCopies : public Strategy {
 public:
  explicit RedisCopies(const PathBook* book) : book_(*book) {}

  void Arrive(const Visit& visit, Tally* tally) override {
    if (visit.first_here && !visit.creates) tally->wire += HashGetAll(visit);
  }
  void Leave(const Visit& visit, Tally* tally) override {
    if (visit.reads_only() && !visit.tells_use) return;
    Pipeline save = SaveFields(book_, visit);
    if (!visit.reads_only()) Tell(visit, &save, tally);
    tally->wire += Exchange(save.request_bytes, save.answer_bytes);
  }

 protected:
  // The others hear of a change: by commands that go with those that save it.
  virtual void Tell(const Visit& visit, Pipeline* save, Tally* tally) const = 0;

  static void Publish(const std::string& channel, size_t message_bytes, size_t hearers,
                      Pipeline* save, Tally* tally) {
    const std::string message(message_bytes, 'x');
    save->Add({"PUBLISH", channel, message});
    tally->forwards += hearers - 1;
    tally->wire += hearers * OneWay(RedisCommand({"message", channel, message}).size());
  }

  const PathBook& book_;
};

// One channel, which all nodes listen to, the one that has made the change among them. A message
// has the session's id and its length.
class RedisPublish final : public RedisCopies {
 public:
  using RedisCopies::RedisCopies;

  const char* name() const override { return "redis_publish"; }
  const char* title() const override { return "Redis HSET and PUBLISH to all"; }

 protected:
  void Tell(const Visit& visit, Pipeline* save, Tally* tally) const override {
    Publish("sessions", 2 + visit.id.size() + ChangesBytes(book_, visit), visit.nodes, save, tally);
  }
};

// A channel for each session, named by its id, to which a node subscribes when it first serves it;
// nobody follows one that is new. A message has the number of its sender, which hears it, too.
class RedisChannels final : public RedisCopies {
 public:
  using RedisCopies::RedisCopies;

  const char* name() const override { return "redis_channels"; }
  const char* title() const override { return "Redis HSET and PUBLISH to followers"; }

  void Arrive(const Visit& visit, Tally* tally) override {
    if (visit.first_here) {
      constexpr size_t kCountBytes = std::string_view(":1\r\n").size();  // of subscriptions
      const size_t answer_bytes = RedisArrayBytes(3) +
                                  RedisBulkBytes(std::string_view("subscribe").size()) +
                                  RedisBulkBytes(visit.id.size()) + kCountBytes;
      tally->wire += Exchange(RedisCommand({"SUBSCRIBE", visit.id}).size(), answer_bytes);
    }
    RedisCopies::Arrive(visit, tally);
  }

 protected:
  void Tell(const Visit& visit, Pipeline* save, Tally* tally) const override {
    constexpr size_t kSenderBytes = 2;
    if (visit.creates) return;
    Publish(visit.id, kSenderBytes + ChangesBytes(book_, visit), visit.holders->size(), save,
            tally);
  }
};

// Client-side caching: Redis remembers who has read a session, and tells each of them once that it
// has changed, by a connection that is there for that; with its next request the node loads it
// again. A write makes Redis forget the writer, too, so that it reads something in the same
// transaction.
class RedisTracking final : public Strategy {
 public:
  explicit RedisTracking(const PathBook* book) : book_(*book) {}

  const char* name() const override { return "redis_tracking"; }
  const char* title() const override { return "Redis client-side caching"; }

  void Arrive(const Visit& visit, Tally* tally) override {
    const bool is_old = visit.first_here || visit.self->seen < visit.image->version();
    if (is_old && !visit.creates) tally->wire += HashGetAll(visit);
  }
  void Leave(const Visit& visit, Tally* tally) override {
    if (visit.reads_only() && !visit.tells_use) return;
    const Pipeline saved = Transaction(visit);
    tally->wire += Exchange(saved.request_bytes, saved.answer_bytes);
    if (visit.reads_only()) return;
    const size_t told_bytes = RedisArrayBytes(3) +
                              RedisBulkBytes(std::string_view("message").size()) +
                              RedisBulkBytes(std::string_view("__redis__:invalidate").size()) +
                              RedisArrayBytes(1) + RedisBulkBytes(visit.id.size());
    for (const Holder& other : *visit.holders) {
      if (other.node == visit.node || other.seen != visit.image->version() - 1) continue;
      ++tally->forwards;
      tally->wire += OneWay(told_bytes);
    }
  }

 private:
  // Each command is answered when it is queued; the answers that tell come with the last one's.
  Pipeline Transaction(const Visit& visit) const {
    Pipeline pipeline = SaveFields(book_, visit);
    pipeline.Add({"HLEN", visit.id});
    const size_t commands = visit.reads_only() ? 2 : 3;
    pipeline.request_bytes += RedisCommand({"MULTI"}).size() + RedisCommand({"EXEC"}).size();
    pipeline.answer_bytes += std::string_view("+OK\r\n").size() +
                             commands * std::string_view("+QUEUED\r\n").size() +
                             RedisArrayBytes(commands);
    return pipeline;
  }

  const PathBook& book_;
};

// A row for each session: loaded, and written whole if the request has changed it, else its time.
class DatabaseRow final : public Strategy {
 public:
  const char* name() const override { return "database"; }
  const char* title() const override { return "database row, load and update"; }

  void Arrive(const Visit& visit, Tally* tally) override {
    if (!visit.creates) tally->wire += RowSelect(visit.id, visit.image->entry_bytes());
  }
  void Leave(const Visit& visit, Tally* tally) override {
    constexpr size_t kTimeBytes = 8;
    tally->wire +=
        RowUpdate(visit.id, visit.reads_only() ? kTimeBytes : visit.image->entry_bytes());
  }
};

}  // namespace

void AddStores(const PathBook* book, Strategies* strategies) {
  strategies->push_back(std::make_unique<SharedCache>(/*loads=*/false));
  strategies->push_back(std::make_unique<SharedCache>(/*loads=*/true));
  strategies->push_back(std::make_unique<RedisHash>(book));
  strategies->push_back(std::make_unique<RedisPublish>(book));
  strategies->push_back(std::make_unique<RedisChannels>(book));
  strategies->push_back(std::make_unique<RedisTracking>(book));
  strategies->push_back(std::make_unique<DatabaseRow>());
}

}  // namespace sessionhub::bench
