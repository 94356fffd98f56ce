// LifeBench: shards' machines on one memory store over several lives of a hub, in simulated time.
#ifndef TESTS_UNIT_HUB_SHARD_LIFE_BENCH_H_
#define TESTS_UNIT_HUB_SHARD_LIFE_BENCH_H_

#include <algorithm>
#include <string>
#include <vector>

#include "hub/shard/expiry.h"
#include "tests/unit/hub/shard/machine_bench.h"

namespace sessionhub::hub {

inline constexpr uint64_t kSecondUs = 1'000'000;
inline constexpr uint64_t kMinuteUs = 60 * kSecondUs;
inline constexpr uint64_t kHourUs = 60 * kMinuteUs;

class LifeBench : public MachineBench {
 protected:
  static constexpr uint64_t kLeaseUs = 30 * kSecondUs;
  static constexpr uint64_t kIdleUs = 10 * kMinuteUs;

  LifeBench() { now_us_ = 1'700'000'000 * kSecondUs; }

  // A hub starts `down_us` after the last one was alive, as hub.cc does it. Node 1 attaches.
  void StartHub(uint64_t down_us = 0) {
    now_us_ += down_us;
    served_ = ServedTime(store_->LastHubTime().value(), store_->LastServedTime().value(), now_us_,
                         kLeaseUs);
    ShardMachineOptions options;
    options.served = served_;
    machine_ = ShardMachine(options);
    Turn({Attach(1)});
  }

  // A session that node 1 creates now, with these timeouts.
  SessionNumber Create(const std::string& id, uint64_t idle_us, uint64_t absolute_us = 0) {
    OpenInput open{kOne, 1, NameOf(id), v1::CREATE_IF_MISSING, 0, 0, false, {}};
    if (idle_us > 0) open.settings.idle_timeout_ms = idle_us / 1000;
    if (absolute_us > 0) open.settings.absolute_timeout_ms = absolute_us / 1000;
    Turn({open});
    return NumberOf(id);
  }
  // Lets the clock stand at `at_us` and ticks.
  std::vector<std::string> TickAt(uint64_t at_us) {
    now_us_ = at_us;
    return Turn({TickInput{}});
  }
  // Ticks in steps until `until_us`.
  void Run(uint64_t until_us, uint64_t step_us = kSecondUs) {
    while (now_us_ < until_us) TickAt(std::min(now_us_ + step_us, until_us));
  }
  bool Alive(SessionNumber session) {
    const auto meta = MetaOf(session);
    return meta && !meta->dead();
  }
  uint64_t Deadline(SessionNumber session) {
    return DeadlineOf(session, *MetaOf(session), served_);
  }

  ServedTime served_;
};

}  // namespace sessionhub::hub

#endif  // TESTS_UNIT_HUB_SHARD_LIFE_BENCH_H_
