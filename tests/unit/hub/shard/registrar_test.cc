#include "hub/shard/registrar.h"

#include <atomic>
#include <optional>
#include <set>

#include "hub/journal/local_journal.h"
#include "hub/store/memory_store.h"
#include "tests/support/notification.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

class RegistrarTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kHorizonUs = 8'000;
  // Until then an incarnation is safe, and one microsecond later it has ended: being seen is noted
  // once in an eighth of the horizon.
  static constexpr uint64_t kEndsAfterUs = kHorizonUs + kHorizonUs / 8;

  RegistrarTest() { Restart(); }
  void Restart() {
    RegistrarOptions options;
    options.apps_max = 2;
    options.requests_max = 2;
    options.resend_horizon_us = kHorizonUs;
    options.swept_max = 2;
    options.now_us = [this] { return now_us_.load(); };
    served_ = ServedTime(*store_->LastHubTime(), *store_->LastServedTime(), now_us_, 0);
    options.served = served_;
    options.present = [this](const Incarnation& incarnation) {
      return present_.contains(incarnation);
    };
    options.on_failure = [this](const absl::Status&) { failed_ = true; };
    registrar_.emplace(options, &journal_, store_.get());
  }
  absl::StatusOr<Registered> Register(const std::string& app, uint8_t incarnation,
                                      bool known_before = false) {
    absl::StatusOr<Registered> result;
    testing::Notification done;
    EXPECT_OK(registrar_->Register({app, "web-1", Incarnation{incarnation}, known_before},
                                   [&](absl::StatusOr<Registered> registered) {
                                     result = std::move(registered);
                                     done.Notify();
                                   }));
    done.WaitForNotification();
    return result;
  }

  // One that this hub knows is known to be alive.
  bool IsAlive(uint8_t incarnation) const {
    return store_->FindIncarnation(Incarnation{incarnation})->has_value();
  }
  // As a shard does each second.
  void StoreTime() {
    TurnRecord record;
    served_.Store(now_us_, &record);
    ASSERT_OK(store_->Apply(record, /*sync=*/true));
  }
  void Sweep(int times = 1) {
    for (; times > 0; --times) {
      testing::Notification done;
      registrar_->Sweep([&done] { done.Notify(); });
      done.WaitForNotification();
    }
  }

  std::atomic<uint64_t> now_us_ = 1'000'000;
  std::set<Incarnation> present_;  // changed while the registrar has nothing to do
  LocalJournal journal_;
  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  bool failed_ = false;
  ServedTime served_;
  std::optional<Registrar> registrar_;
};

TEST_F(RegistrarTest, AppsKeepTheirNumbersThroughACrash) {
  EXPECT_EQ(Register("shop", 1)->app, 1u);
  EXPECT_EQ(Register("forum", 2)->app, 2u);
  store_->Crash(0);
  Restart();
  EXPECT_EQ(Register("forum", 3)->app, 2u);
  EXPECT_EQ(Register("shop", 4)->app, 1u);
}

TEST_F(RegistrarTest, AppsAreBounded) {
  ASSERT_OK(Register("shop", 1));
  ASSERT_OK(Register("forum", 2));
  EXPECT_THAT(Register("third", 3),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("apps_max = 2")));
  EXPECT_OK(Register("forum", 3));
}

TEST_F(RegistrarTest, AnIncarnationThatThisHubDoesNotKnowMayNotResend) {
  EXPECT_TRUE(Register("shop", 1, /*known_before=*/true)->incarnation_ended);
  EXPECT_TRUE(Register("shop", 1, /*known_before=*/true)->incarnation_ended);
  EXPECT_FALSE(Register("shop", 1)->incarnation_ended);
  store_->Crash(0);
  Restart();
  EXPECT_FALSE(Register("shop", 1, /*known_before=*/true)->incarnation_ended);
}

TEST_F(RegistrarTest, AnIncarnationAwayForTheResendHorizonEndsAndNotSooner) {
  ASSERT_OK(Register("shop", 1));
  now_us_ += kEndsAfterUs;
  Sweep();
  EXPECT_TRUE(IsAlive(1));
  now_us_ += 1;
  Sweep();
  EXPECT_FALSE(IsAlive(1));
  EXPECT_TRUE(Register("shop", 1, /*known_before=*/true)->incarnation_ended);
  EXPECT_TRUE((*store_->ListLastSeen(std::nullopt, 10)).empty());
}

TEST_F(RegistrarTest, ANodeThatComesBackTooLateHasEndedEvenIfNoSweepCameBefore) {
  ASSERT_OK(Register("shop", 1));
  ASSERT_OK(Register("shop", 2));
  now_us_ += kEndsAfterUs;
  EXPECT_FALSE(Register("shop", 1, /*known_before=*/true)->incarnation_ended);
  now_us_ += 1;
  EXPECT_TRUE(Register("shop", 2, /*known_before=*/true)->incarnation_ended);
  EXPECT_FALSE(IsAlive(2));
  now_us_ += kEndsAfterUs - 1;
  EXPECT_FALSE(Register("shop", 1, /*known_before=*/true)->incarnation_ended);
}

TEST_F(RegistrarTest, ANodeThatStaysIsSeenWithoutAWordOfItsOwn) {
  ASSERT_OK(Register("shop", 1));
  present_.insert(Incarnation{1});
  for (int day = 0; day < 30; ++day) {
    now_us_ += kHorizonUs / 4;
    Sweep();
  }
  present_.clear();
  now_us_ += kEndsAfterUs;
  Sweep();
  EXPECT_TRUE(IsAlive(1));
  now_us_ += 1;
  Sweep();
  EXPECT_FALSE(IsAlive(1));
}

TEST_F(RegistrarTest, SeeingANodeIsNotedOnceInAnEighthOfTheHorizon) {
  ASSERT_OK(Register("shop", 1));
  present_.insert(Incarnation{1});
  const uint64_t syncs = store_->syncs();
  now_us_ += kHorizonUs / 8;
  Sweep();
  ASSERT_OK(Register("shop", 1, /*known_before=*/true));
  EXPECT_EQ(store_->syncs(), syncs);
  now_us_ += 1;
  Sweep();
  EXPECT_EQ(store_->syncs(), syncs + 1);
}

TEST_F(RegistrarTest, ASweepLooksAtABoundedNumberAndComesRoundToAll) {
  for (uint8_t incarnation = 1; incarnation <= 5; ++incarnation) {
    ASSERT_OK(Register("shop", incarnation));
  }
  now_us_ += kEndsAfterUs + 1;
  const auto left = [this] { return store_->ListLastSeen(std::nullopt, 10)->size(); };
  Sweep();
  EXPECT_EQ(left(), 3u);
  Sweep();
  EXPECT_EQ(left(), 1u);
  Sweep(2);
  EXPECT_EQ(left(), 0u);
}

TEST_F(RegistrarTest, AnOutageOfTheHubEndsNobody) {
  ASSERT_OK(Register("shop", 1));
  now_us_ += kHorizonUs / 2;
  StoreTime();
  store_->Crash(0);
  registrar_.reset();
  now_us_ += 100 * kHorizonUs;
  Restart();
  Sweep();
  EXPECT_TRUE(IsAlive(1));
  now_us_ += kEndsAfterUs - kHorizonUs / 2;
  Sweep();
  EXPECT_TRUE(IsAlive(1));
  now_us_ += 1;
  Sweep();
  EXPECT_FALSE(IsAlive(1));
}

// A shard may end an incarnation for want of room while it attaches; that must never be undone.
TEST_F(RegistrarTest, BeingSeenDoesNotReviveAnIncarnationThatHasEnded) {
  ASSERT_OK(Register("shop", 1));
  TurnRecord ended;
  ended.incarnations.push_back({Incarnation{1}, std::nullopt});
  ASSERT_OK(store_->Apply(ended, true));
  present_.insert(Incarnation{1});
  now_us_ += kHorizonUs;
  Sweep();
  EXPECT_FALSE(IsAlive(1));
  EXPECT_TRUE(Register("shop", 1, /*known_before=*/true)->incarnation_ended);
}

TEST_F(RegistrarTest, OnePastTheNodesThatMayWaitIsRefusedAndTheOthersAreNot) {
  testing::Notification taken;
  testing::Notification go_on;
  const auto wait = [](const absl::StatusOr<Registered>&) {};
  EXPECT_OK(registrar_->Register({"shop", "web-1", Incarnation{1}, false},
                                 [&](const absl::StatusOr<Registered>&) {
                                   taken.Notify();
                                   go_on.WaitForNotification();
                                 }));
  taken.WaitForNotification();
  EXPECT_OK(registrar_->Register({"shop", "web-2", Incarnation{2}, false}, wait));
  EXPECT_OK(registrar_->Register({"shop", "web-3", Incarnation{3}, false}, wait));
  EXPECT_THAT(registrar_->Register({"shop", "web-4", Incarnation{4}, false}, wait),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("requests_max = 2")));
  EXPECT_EQ(registrar_->fill().requests, 2u);
  EXPECT_EQ(registrar_->fill().refused, 1u);
  go_on.Notify();
  Sweep();  // behind the two that wait
  EXPECT_OK(Register("shop", 4));
  for (uint8_t node = 1; node <= 4; ++node) EXPECT_TRUE(IsAlive(node));
}

TEST_F(RegistrarTest, AFailedWriteIsTold) {
  store_->FailApplies(absl::InternalError("disk"));
  EXPECT_FALSE(Register("shop", 1).ok());
  EXPECT_TRUE(failed_);
}

}  // namespace
}  // namespace sessionhub::hub
