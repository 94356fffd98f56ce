// Roster: the apps and incarnations that this data folder knows, and their one writer. Each is
// durable before anything is told of it.
//
// It also ends the incarnations that were not seen for the resend horizon: they may not resend any
// more. Their time away is counted in served time, in which some hub has served this data folder,
// so that an outage ends nobody.
#ifndef HUB_SHARD_ROSTER_H_
#define HUB_SHARD_ROSTER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/journal/journal.h"
#include "hub/shard/served_time.h"
#include "hub/store/store.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

struct RosterOptions {
  AppNumber apps_max = 1000;
  uint64_t resend_horizon_us = 24ull * 3600 * 1'000'000;
  size_t swept_max = 256;            // incarnations that one sweep looks at
  std::function<uint64_t()> now_us;  // hub time
  ServedTime served;
  // True for an incarnation that is attached or in its lease. No attach may come between this
  // answer and the end of the sweep that asks.
  std::function<bool(const Incarnation&)> present;
  std::function<void(const absl::Status&)> on_failure;  // as ShardThreadOptions::on_failure
};

// A node that asks to attach.
struct Registration {
  std::string app;
  std::string node_name;
  Incarnation incarnation{};
  bool known_before = false;
};

struct Registered {
  AppNumber app = 0;
  // The incarnation says that it was attached before, and this hub does not know it: it may not
  // resend.
  bool incarnation_ended = false;
};

// Waits for the disk. Belongs to one thread.
class Roster {
 public:
  // `journal` and `store` are not owned.
  Roster(RosterOptions options, Journal* journal, Store* store);

  // Makes app and incarnation known, durably. ResourceExhausted past apps_max.
  absl::StatusOr<Registered> Register(const Registration& registration);

  // Looks at some of the incarnations, each time at the next ones: notes that those present were
  // seen, and ends those away for the resend horizon (at least that long, at most an eighth more
  // and a round of sweeps). To be called every second or so.
  void Sweep();

 private:
  absl::StatusOr<AppNumber> FindOrAddApp(const std::string& name, TurnRecord* record);
  absl::StatusOr<bool> FindOrAddIncarnation(const Registration& registration, AppNumber app,
                                            TurnRecord* record);
  absl::Status SweepSome();
  absl::Status Write(TurnRecord record);
  uint64_t SeenEvery() const { return options_.resend_horizon_us / 8; }
  bool IsOver(uint64_t last_seen, uint64_t served_us) const {
    return served_us > last_seen + options_.resend_horizon_us + SeenEvery();
  }
  uint64_t ServedUs() const { return options_.served.At(options_.now_us()); }

  const RosterOptions options_;
  Journal* const journal_;
  Store* const store_;
  std::optional<Incarnation> swept_through_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_ROSTER_H_
