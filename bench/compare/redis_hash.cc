#include "bench/compare/redis_hash.h"

#include "bench/compare/store_settings.h"

namespace sessionhub::bench {

absl::StatusOr<SessionFields> FieldsOfHash(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements % 2 != 0) {
    return absl::InternalError("redis-server answers HGETALL with something else than pairs");
  }
  if (reply.elements == 0) return absl::NotFoundError("Redis has no such session");
  SessionFields fields;
  for (size_t i = 0; i < reply.elements; i += 2) {
    const redisReply& name = *reply.element[i];
    const redisReply& value = *reply.element[i + 1];
    fields[std::string(name.str, name.len)] = std::string(value.str, value.len);
  }
  return fields;
}

RedisWords SetFields(const std::string& command, const std::string& key, const std::string& prefix,
                     const SessionFields& fields) {
  RedisWords words = {command, key};
  for (const auto& [name, value] : fields) {
    words.push_back(prefix + name);
    words.push_back(value);
  }
  return words;
}

RedisWords ExpireKey(const std::string& key) {
  return {"EXPIRE", key, std::to_string(kSessionLife.count())};
}

}  // namespace sessionhub::bench
