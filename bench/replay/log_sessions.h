// Log sessions: which session a request of a log belongs to. A session is the requests with one key
// that are never further apart than the idle gap. Sessions that nobody uses any more are ended as
// time goes on, so that a long log takes no more memory than its busiest half hour.
//
// One thread.
#ifndef BENCH_REPLAY_LOG_SESSIONS_H_
#define BENCH_REPLAY_LOG_SESSIONS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bench/replay/session_image.h"
#include "bench/replay/strategy.h"

namespace sessionhub::bench {

// The two ways in which requests reach nodes.
inline constexpr size_t kRoutings = 2;
enum class Routing { kSticky = 0, kRoundRobin = 1 };

// Who has served a session, under one of the routings.
struct SessionPlace {
  std::vector<Holder> holders;
  size_t last_node = 0;  // that has served it; of no meaning before its first request
};

struct LogSession {
  uint64_t count = 0;     // of the sessions, from 1
  uint64_t requests = 0;  // counted by whoever replays them
  int64_t last_used_s = 0;
  SessionImage image = {};
  std::array<SessionPlace, kRoutings> places = {};
};

class LogSessions {
 public:
  // `on_end` is called with each session that ends, before it goes.
  LogSessions(int64_t idle_gap_s, size_t open_max, std::function<void(const LogSession&)> on_end)
      : idle_gap_s_(idle_gap_s), open_max_(open_max), on_end_(std::move(on_end)) {}

  // The session of this key, made if there is none that was used within the idle gap. Whatever is
  // idle for longer ends first. Time never goes back: an earlier one counts as the latest, and as a
  // request out of order. Past `open_max` sessions the one ends that was not used for longest.
  LogSession& Use(std::string_view key, int64_t time_s);

  void EndAll();

  uint64_t made() const { return made_; }
  uint64_t ended_early() const { return ended_early_; }
  uint64_t out_of_order() const { return out_of_order_; }
  size_t open() const { return sessions_.size(); }
  // The latest time so far.
  int64_t now_s() const { return now_s_; }

 private:
  // 128 bits of hash: keys hold agents, which are long.
  using Key = std::pair<uint64_t, uint64_t>;
  struct Open {
    Key key;
    LogSession session;
  };
  using ByUse = std::list<Open>;  // the one not used for longest first

  void EndFirst();

  const int64_t idle_gap_s_;
  const size_t open_max_;
  const std::function<void(const LogSession&)> on_end_;
  ByUse by_use_;
  absl::flat_hash_map<Key, ByUse::iterator> sessions_;
  bool begun_ = false;
  int64_t now_s_ = 0;
  uint64_t made_ = 0;
  uint64_t ended_early_ = 0;
  uint64_t out_of_order_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_LOG_SESSIONS_H_
