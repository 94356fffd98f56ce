// Sessions in a store beside the nodes: a cache, Redis, a database. A request that only reads tells
// the store that the session is used, and no more.
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

// Every node keeps the sessions that it has served, and hears of every change by a channel that all
// nodes listen to, the one that has made it among them.
class RedisPublish final : public Strategy {
 public:
  explicit RedisPublish(const PathBook* book) : book_(*book) {}

  const char* name() const override { return "redis_publish"; }
  const char* title() const override { return "Redis HSET and PUBLISH to all"; }

  void Arrive(const Visit& visit, Tally* tally) override {
    if (visit.first_here && !visit.creates) tally->wire += HashGetAll(visit);
  }
  void Leave(const Visit& visit, Tally* tally) override {
    Pipeline save = SaveFields(book_, visit);
    if (!visit.reads_only()) {
      const std::string message = Message(visit);
      save.Add({"PUBLISH", kChannel, message});
      tally->forwards += visit.nodes - 1;
      tally->wire += visit.nodes * OneWay(RedisCommand({"message", kChannel, message}).size());
    }
    tally->wire += Exchange(save.request_bytes, save.answer_bytes);
  }

 private:
  static constexpr const char* kChannel = "sessions";

  // The id and what has changed, with their lengths.
  std::string Message(const Visit& visit) const {
    size_t bytes = 2 + visit.id.size();
    for (const FieldChange& change : *visit.changes) {
      bytes += EntryBytes(book_.at(change.path).text.size(), ValueText(change.value).size());
    }
    return std::string(bytes, 'x');
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
  strategies->push_back(std::make_unique<DatabaseRow>());
}

}  // namespace sessionhub::bench
