#include "bench/replay/log_sessions.h"

#include <xxhash.h>

namespace sessionhub::bench {

LogSession& LogSessions::Use(std::string_view key, int64_t time_s) {
  if (begun_ && time_s < now_s_) ++out_of_order_;
  if (!begun_ || time_s > now_s_) now_s_ = time_s;
  begun_ = true;
  while (!by_use_.empty() && now_s_ - by_use_.front().session.last_used_s > idle_gap_s_) EndFirst();
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  const Key hashed(hash.high64, hash.low64);
  const auto known = sessions_.find(hashed);
  if (known != sessions_.end()) {
    by_use_.splice(by_use_.end(), by_use_, known->second);
  } else {
    if (sessions_.size() >= open_max_) {
      EndFirst();
      ++ended_early_;
    }
    by_use_.emplace_back();
    by_use_.back().key = hashed;
    by_use_.back().session.count = ++made_;
    sessions_.emplace(hashed, std::prev(by_use_.end()));
  }
  LogSession& session = by_use_.back().session;
  session.last_used_s = now_s_;
  return session;
}

void LogSessions::EndFirst() {
  on_end_(by_use_.front().session);
  sessions_.erase(by_use_.front().key);
  by_use_.pop_front();
}

void LogSessions::EndAll() {
  while (!by_use_.empty()) EndFirst();
}

}  // namespace sessionhub::bench
