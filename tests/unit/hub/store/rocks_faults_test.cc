// RocksStore and a disk that fails: each call of an open may be its last or may fail, a sync takes
// long, a read fails. What is common to all stores is in store_contract_faults_test.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "tests/support/faulty_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

using ::absl::StatusCode;
using std::chrono_literals::operator""s;
using ::sessionhub::testing::Call;
using ::sessionhub::testing::Fault;
using ::sessionhub::testing::FaultyRocksStore;
using ::sessionhub::testing::kHistory;
using ::sessionhub::testing::PathOf;
using ::sessionhub::testing::PutField;
using ::sessionhub::testing::ReadText;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

constexpr SessionNumber kSession = MakeSessionNumber(7, 1);

// Applies on a thread of its own, so that the test can look while that takes long.
class SlowApply {
 public:
  SlowApply(Store* store, const std::string& path, bool sync)
      : status_(std::async(std::launch::async, [store, path, sync] {
          return store->Apply(PutField(kSession, path, "x"), sync);
        })) {}

  bool is_done() const { return status_.wait_for(0s) == std::future_status::ready; }
  absl::Status Wait() { return status_.get(); }

 private:
  std::future<absl::Status> status_;  // whose end waits for the thread
};

TEST(RocksFaultsTest, ASyncThatTakesLongIsNotAckedBeforeItIsDone) {
  FaultyRocksStore holder;
  ASSERT_OK(holder.store().Apply(PutField(kSession, "before", "x"), true));
  holder.faults().Add({.what = Fault::What::kHold, .call = Call::kSync, .ending = ".log"});
  SlowApply slow(&holder.store(), "slow", true);
  ASSERT_TRUE(holder.faults().WaitUntilHeld());
  SlowApply behind(&holder.store(), "behind", true);
  EXPECT_EQ(ReadText(holder.store(), kSession, "before"), "x") << "reads wait for no sync";
  EXPECT_EQ(ReadText(holder.store(), kSession, "slow"), std::nullopt) << "shown before its sync";
  EXPECT_FALSE(slow.is_done());
  EXPECT_FALSE(behind.is_done());
  holder.faults().Release();
  EXPECT_OK(slow.Wait());
  EXPECT_OK(behind.Wait());
  ASSERT_OK(holder.Crash(0));
  EXPECT_EQ(ReadText(holder.store(), kSession, "slow"), "x");
  EXPECT_EQ(ReadText(holder.store(), kSession, "behind"), "x");
}

TEST(RocksFaultsTest, ASyncThatFailsAfterLongFailsWhatWaitsBehindIt) {
  FaultyRocksStore holder;
  holder.faults().Add({.what = Fault::What::kHold, .call = Call::kSync, .ending = ".log"});
  holder.faults().Add({.call = Call::kSync, .ending = ".log"});
  SlowApply slow(&holder.store(), "slow", true);
  ASSERT_TRUE(holder.faults().WaitUntilHeld());
  SlowApply behind(&holder.store(), "behind", true);
  holder.faults().Release();
  EXPECT_THAT(slow.Wait(), StatusIs(StatusCode::kInternal, HasSubstr("the test lets fail")));
  EXPECT_THAT(behind.Wait(), StatusIs(StatusCode::kInternal, HasSubstr("the test lets fail")));
  ASSERT_OK(holder.Crash(100));
  EXPECT_EQ(ReadText(holder.store(), kSession, "slow"), std::nullopt);
  EXPECT_EQ(ReadText(holder.store(), kSession, "behind"), std::nullopt);
}

TEST(RocksFaultsTest, AReadThatFailsIsAnErrorAndNotAnEmptySession) {
  FaultyRocksStore holder;
  ASSERT_OK(holder.store().Apply(PutField(kSession, "a", "x"), true));
  ASSERT_OK(holder.Reopen());  // moves it into a table
  holder.faults().Add({.call = Call::kRead, .forever = true, .ending = ".sst"});
  ReadSet reads;
  reads.fields.push_back({kSession, PathOf("a")});
  reads.field_ranges.push_back({kSession, Path(), 0});
  Loaded loaded;
  const auto failed = StatusIs(StatusCode::kInternal, HasSubstr("the test lets fail"));
  const auto visit = [](const Path&, const stored::Field&) { return true; };
  EXPECT_THAT(holder.store().Load(reads, &loaded), failed);
  EXPECT_THAT(holder.store().ScanFields(kSession, visit), failed);
  EXPECT_THAT(holder.store().PinSession(kSession)->Scan(std::nullopt, visit), failed);
  holder.faults().Clear();
  EXPECT_EQ(ReadText(holder.store(), kSession, "a"), "x");
}

class RocksOpenTest : public ::testing::TestWithParam<bool> {
 protected:
  bool is_full() const { return GetParam(); }

  // A closed store: a folder that is not there yet, or one that holds "old" in tables, and its last
  // records in a log.
  FaultyRocksStore& MakeClosed() {
    if (!is_full() || !holder_) holder_ = std::make_unique<FaultyRocksStore>(kClosed);
    if (!is_full()) return *holder_;
    if (!holder_->is_open()) {
      EXPECT_OK(holder_->Open());
      EXPECT_OK(holder_->store().Apply(PutField(kSession, "old", "x"), true));
      EXPECT_OK(holder_->Reopen());
    }
    EXPECT_OK(holder_->store().Apply(PutField(kSession, "log", "x"), true));
    holder_->Close();
    return *holder_;
  }

  // What a store that is open again must do, whatever went before.
  void ExpectItWorks() {
    Store& store = holder_->store();
    EXPECT_EQ(ReadText(store, kSession, "old").has_value(), is_full());
    EXPECT_EQ(ReadText(store, kSession, "log").has_value(), is_full());
    EXPECT_OK(store.Apply(PutField(kSession, "new", "x"), true));
    const HistoryId history = store.history_id();
    ASSERT_OK(holder_->Crash(0));
    EXPECT_EQ(ReadText(holder_->store(), kSession, "old").has_value(), is_full());
    EXPECT_EQ(ReadText(holder_->store(), kSession, "new"), "x");
    EXPECT_EQ(holder_->store().history_id(), history);
    if (is_full()) {
      EXPECT_EQ(history, kHistory);
    }
    EXPECT_FALSE(HasFailure());
    ASSERT_OK(holder_->store().Apply(testing::EraseField(kSession, "new"), false));
  }

 private:
  static constexpr auto kClosed = FaultyRocksStore::Start::kClosed;

  std::unique_ptr<FaultyRocksStore> holder_;
};

// A new folder takes about 90 changes, one that is there already about 45.
constexpr uint64_t kChangesMin = 20;

// The power goes at each call of an open that changes something. What is done afterwards is in
// vain.
TEST_P(RocksOpenTest, EachCallMayBeTheLastBeforeThePowerGoes) {
  uint64_t nth = 1;
  for (; !HasFailure(); ++nth) {
    SCOPED_TRACE("the power goes at change " + std::to_string(nth));
    FaultyRocksStore& holder = MakeClosed();
    holder.faults().Add({.what = Fault::What::kCutPower, .nth = nth});
    const absl::Status opened = holder.Open();
    if (holder.faults().struck() == 0) break;
    EXPECT_OK(opened) << "nobody notices";
    holder.Close();
    holder.Restart(nth % 2 == 0 ? 0 : 100);
    ASSERT_OK(holder.Open());
    ASSERT_NO_FATAL_FAILURE(ExpectItWorks());
  }
  EXPECT_GT(nth, kChangesMin);
}

// Each call of an open fails, once or with all that come after it. The process ends, or not; the
// next one starts in a folder that no power cut has tidied up, and what it acks survives one.
TEST_P(RocksOpenTest, EachCallMayFail) {
  uint64_t nth = 1;
  for (; !HasFailure(); ++nth) {
    SCOPED_TRACE("change " + std::to_string(nth) + " fails");
    FaultyRocksStore& holder = MakeClosed();
    holder.faults().Add({.nth = nth, .forever = nth % 3 == 0});
    const absl::Status opened = holder.Open();
    if (holder.faults().struck() == 0) break;
    EXPECT_NE(opened.code(), StatusCode::kDataLoss) << opened;
    holder.Close();
    holder.faults().Clear();
    ASSERT_OK(holder.Open());
    ASSERT_NO_FATAL_FAILURE(ExpectItWorks());
  }
  EXPECT_GT(nth, kChangesMin);
}

TEST_P(RocksOpenTest, AFullDiskRefusesTheOpenByNameAndLosesNothing) {
  for (const uint64_t free_bytes : {0, 1, 30, 100, 1000, 3000, 10000}) {
    SCOPED_TRACE(std::to_string(free_bytes) + " bytes are free");
    FaultyRocksStore& holder = MakeClosed();
    holder.faults().SetFreeBytes(free_bytes);
    const absl::Status opened = holder.Open();
    if (!opened.ok()) {
      EXPECT_THAT(opened, StatusIs(StatusCode::kResourceExhausted, HasSubstr("disk is full")));
    }
    holder.Close();
    holder.faults().EndFullDisk();
    ASSERT_OK(holder.Open());
    ASSERT_NO_FATAL_FAILURE(ExpectItWorks());
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, RocksOpenTest, ::testing::Bool(),
                         [](const ::testing::TestParamInfo<bool>& full) {
                           return full.param ? "Full" : "New";
                         });

}  // namespace
}  // namespace sessionhub::hub
