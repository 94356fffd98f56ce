// Random turns and random faults over several lives of a store, for each kind of store: whatever
// fails and wherever the power is cut, every acked turn is found again, turns are whole, and what
// is lost is lost from the end.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/faulty_store.h"
#include "tests/support/random_turns.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::Below;
using ::sessionhub::testing::DumpOfFirst;
using ::sessionhub::testing::DumpOfTurns;
using ::sessionhub::testing::FaultyMemoryStore;
using ::sessionhub::testing::FaultyRocksStore;
using ::sessionhub::testing::FaultyStore;
using ::sessionhub::testing::OneIn;
using ::sessionhub::testing::RandomTurn;

constexpr int kCases = 40;  // of each kind; SESSIONHUB_STORE_CASES gives another number
constexpr int kLives = 3;
constexpr uint64_t kTurnsMax = 24;  // in one life

int CaseCount() {
  const char* const text = std::getenv("SESSIONHUB_STORE_CASES");
  return text != nullptr ? std::atoi(text) : kCases;
}

// What has happened in all cases of a kind, so that a test that tries nothing is seen.
struct Sights {
  uint64_t acked = 0;  // turns
  uint64_t failed_applies = 0;
  uint64_t failed_opens = 0;
  uint64_t power_cuts = 0;
  uint64_t restarts = 0;
  uint64_t lost = 0;          // turns that were not acked
  uint64_t kept_unacked = 0;  // turns that were not acked, and are there
};

// One store over several lives, and what is known of it.
class History {
 public:
  History(std::unique_ptr<FaultyStore> store, testing::Random* random, Sights* sights)
      : store_(std::move(store)), random_(*random), sights_(*sights) {}

  // Runs the store until something breaks or the turns are through.
  void Live() {
    const uint64_t count = 1 + Below(random_, kTurnsMax);
    const uint64_t fault_at = Below(random_, count);
    for (uint64_t i = 0; i < count; ++i) {
      if (i == fault_at) store_->ArrangeFault(random_);
      if (OneIn(random_, 16) && !EndAndOpen()) return;
      if (!ApplyTurn()) return;
    }
  }

  // The power goes; or only the process ends, and the machine goes on.
  void Die() {
    if (store_->power_is_cut() || OneIn(random_, 2)) {
      ++sights_.power_cuts;
      ASSERT_OK(store_->Crash(OneIn(random_, 2) ? 0 : Below(random_, 101)));
    } else {
      ++sights_.restarts;
      store_->EndFaults();
      ASSERT_OK(store_->Reopen());
    }
  }

  // Compares what was acked with what is found.
  void Check() {
    const auto turns = store_->store().LastHubTime();
    ASSERT_OK(turns);
    ASSERT_GE(*turns, acked_) << "an acked turn is lost";
    ASSERT_LE(*turns, turns_.size());
    const auto found = DumpOfTurns(store_->store());
    ASSERT_OK(found);
    ASSERT_EQ(*found, DumpOfFirst(turns_, *turns)) << "not the first turns, or not whole";
    sights_.lost += turns_.size() - *turns;
    sights_.kept_unacked += *turns - acked_;
    // What was lost has never happened. An open makes durable what it found.
    turns_.resize(*turns);
    acked_ = *turns;
  }

 private:
  // Each returns whether this life goes on.
  bool EndAndOpen() {
    const absl::Status opened = store_->Reopen();
    if (opened.ok()) {
      if (!store_->power_is_cut()) acked_ = turns_.size();
      return true;
    }
    ++sights_.failed_opens;
    EXPECT_TRUE(store_->has_failed()) << opened;
    EXPECT_FALSE(absl::IsDataLoss(opened)) << opened;
    return false;
  }

  bool ApplyTurn() {
    turns_.push_back(RandomTurn(random_, turns_.size() + 1));
    const bool sync = OneIn(random_, 2);
    const absl::Status applied = store_->store().Apply(turns_.back(), sync);
    if (applied.ok()) {
      if (sync && !store_->power_is_cut()) acked_ = turns_.size();
      if (sync) ++sights_.acked;
      return true;
    }
    ++sights_.failed_applies;
    EXPECT_TRUE(store_->has_failed()) << applied;
    EXPECT_EQ(store_->store().Apply(RandomTurn(random_, turns_.size() + 1), sync), applied);
    return false;
  }

  const std::unique_ptr<FaultyStore> store_;
  testing::Random& random_;
  Sights& sights_;
  std::vector<TurnRecord> turns_;  // that may be stored, in order
  uint64_t acked_ = 0;             // of them, the first ones that must be
};

struct Kind {
  const char* name;
  std::function<std::unique_ptr<FaultyStore>()> make;
};

void PrintTo(const Kind& one, std::ostream* out) {
  *out << one.name;
}

class StoreCrashTest : public ::testing::TestWithParam<Kind> {};

// The seed fixes what is written and what fails; RocksDB's own background work is not in our hands.
TEST_P(StoreCrashTest, AckedTurnsSurviveAndTheRestIsLostFromTheEnd) {
  Sights sights;
  testing::ForEachCase(CaseCount(), [&](testing::Random& random) {
    History history(GetParam().make(), &random, &sights);
    for (int life = 0; life < kLives; ++life) {
      ASSERT_NO_FATAL_FAILURE(history.Live());
      ASSERT_NO_FATAL_FAILURE(history.Die());
      ASSERT_NO_FATAL_FAILURE(history.Check());
    }
  });
  std::cout << GetParam().name << ": " << sights.acked << " acked, " << sights.failed_applies
            << " failed applies, " << sights.failed_opens << " failed opens, " << sights.power_cuts
            << " power cuts, " << sights.restarts << " restarts, " << sights.lost
            << " unacked turns lost, " << sights.kept_unacked << " kept\n";
  EXPECT_GT(sights.acked, 0u);
}

std::unique_ptr<FaultyStore> RocksWithSmallBuffers() {
  return std::make_unique<FaultyRocksStore>(FaultyRocksStore::Start::kOpen, 64 << 10);
}

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreCrashTest,
    ::testing::Values(Kind{"Memory", [] { return std::make_unique<FaultyMemoryStore>(); }},
                      Kind{"Rocks", [] { return std::make_unique<FaultyRocksStore>(); }},
                      Kind{"RocksThatFlushes", RocksWithSmallBuffers}),
    [](const ::testing::TestParamInfo<Kind>& kind) { return kind.param.name; });

}  // namespace
}  // namespace sessionhub::hub
