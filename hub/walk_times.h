// WalkTimes: how long the hub's rows of the walk take, the table at the top of README.md, as
// histograms. Whoever carries out a row records it, once for each turn or frame.
//
// Thread-safety: any thread may call anything. Recording takes no lock.
#ifndef HUB_WALK_TIMES_H_
#define HUB_WALK_TIMES_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sessionhub::hub {

// The rows of the walk that a hub carries out, with their numbers in the README's table.
enum class WalkStep {
  kAdmission = 3,  // of a frame: parsed, checked and made into inputs
  kMailbox = 4,    // of a turn: how long its first input has waited for it
  kLoad = 5,       // of a turn: what it reads, all rounds of its plan
  kStep = 6,       // of a turn: the decisions
  kCommit = 7,     // of a turn that syncs: journal and store
  kRelease = 8,    // of a turn: its effects, up to the outboxes
  kOutbox = 9,     // of a frame: how long the first of its items has waited in the outbox
  kStream = 10,    // of a frame: its write, until gRPC takes the next one
};
inline constexpr std::array<WalkStep, 8> kWalkSteps = {
    WalkStep::kAdmission, WalkStep::kMailbox, WalkStep::kLoad,   WalkStep::kStep,
    WalkStep::kCommit,    WalkStep::kRelease, WalkStep::kOutbox, WalkStep::kStream};

// The word for a step: `admission`, `mailbox`, ...
const char* NameOf(WalkStep step);

// Nanoseconds of a clock that never goes back. A call takes some 20 of them.
uint64_t NowNs();

// The time from `*since_ns` until now, which it becomes.
inline uint64_t LapNs(uint64_t* since_ns) {
  const uint64_t now_ns = NowNs();
  const uint64_t lap_ns = now_ns - *since_ns;
  *since_ns = now_ns;
  return lap_ns;
}

// When what joins a queue came: of every kLookEvery-th exactly, of those between as of the one
// before them, since a look at the clock costs more than most pushes. Not thread-safe.
class ArrivalClock {
 public:
  // `first`: nothing waits before it.
  uint64_t Stamp(bool first) {
    if (first || ++unlooked_ >= kLookEvery) {
      unlooked_ = 0;
      last_ns_ = NowNs();
    }
    return last_ns_;
  }

 private:
  static constexpr int kLookEvery = 16;
  int unlooked_ = 0;
  uint64_t last_ns_ = 0;
};

class LatencyHistogram {
 public:
  // Upper bounds of the buckets; what is above them all is in one more.
  static constexpr std::array<uint64_t, 20> kBoundsNs = {
      5'000,       10'000,        25'000,        50'000,        100'000,
      250'000,     500'000,       1'000'000,     2'500'000,     5'000'000,
      10'000'000,  25'000'000,    50'000'000,    100'000'000,   250'000'000,
      500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};

  void Record(uint64_t ns);

  // Counts of the buckets, not added up, and the sum of what was recorded. What is recorded
  // meanwhile may be in one and not yet in the other.
  struct Figures {
    std::array<uint64_t, kBoundsNs.size() + 1> counts{};
    uint64_t sum_ns = 0;
  };
  Figures figures() const;

 private:
  std::array<std::atomic<uint64_t>, kBoundsNs.size() + 1> counts_{};
  std::atomic<uint64_t> sum_ns_ = 0;
};

class WalkTimes {
 public:
  void Record(WalkStep step, uint64_t ns) { histograms_[IndexOf(step)].Record(ns); }
  LatencyHistogram::Figures figures(WalkStep step) const {
    return histograms_[IndexOf(step)].figures();
  }

 private:
  static size_t IndexOf(WalkStep step) {
    return static_cast<size_t>(step) - static_cast<size_t>(WalkStep::kAdmission);
  }

  std::array<LatencyHistogram, kWalkSteps.size()> histograms_;
};

}  // namespace sessionhub::hub

#endif  // HUB_WALK_TIMES_H_
