#include "hub/shard/registrar.h"

#include <optional>

#include "absl/synchronization/notification.h"
#include "hub/journal/local_journal.h"
#include "hub/store/memory_store.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

class RegistrarTest : public ::testing::Test {
 protected:
  RegistrarTest() { Restart(); }
  void Restart() {
    RegistrarOptions options;
    options.apps_max = 2;
    options.now_us = [] { return uint64_t{77}; };
    options.on_failure = [this](const absl::Status&) { failed_ = true; };
    registrar_.emplace(options, &journal_, store_.get());
  }
  absl::StatusOr<Registered> Register(const std::string& app, uint8_t incarnation,
                                      bool known_before = false) {
    absl::StatusOr<Registered> result;
    absl::Notification done;
    EXPECT_OK(registrar_->Register({app, "web-1", Incarnation{incarnation}, known_before},
                                   [&](absl::StatusOr<Registered> registered) {
                                     result = std::move(registered);
                                     done.Notify();
                                   }));
    done.WaitForNotification();
    return result;
  }

  LocalJournal journal_;
  const std::unique_ptr<MemoryStore> store_ = MemoryStore::Create(HistoryId{});
  bool failed_ = false;
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

TEST_F(RegistrarTest, AFailedWriteIsTold) {
  store_->FailApplies(absl::InternalError("disk"));
  EXPECT_FALSE(Register("shop", 1).ok());
  EXPECT_TRUE(failed_);
}

}  // namespace
}  // namespace sessionhub::hub
