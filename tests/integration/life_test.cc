// Sessions that end by themselves, on a real hub over real sockets.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "proto/session/settings.h"
#include "sessionhub/session_id.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::_;
using testing::Apply;
using testing::ConnectTo;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::kPatience;
using testing::OpenOrCreate;
using testing::StatusIs;
using testing::WaitFor;

constexpr milliseconds kTimeout{1'000};

class LifeTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(hub_.Start()); }

  static OpenOptions Creating() {
    OpenOptions options;
    options.create = Create::kExclusive;
    options.timeout = kPatience;
    return options;
  }
  // A look that is no use of the session.
  static bool HoldsNothing(const Client& client) { return client.stats().cached_sessions == 0; }

  HubProcess hub_{{"--lease-ms=100", "--heartbeat-ms=200"}};
};

TEST_F(LifeTest, AnIdleSessionEndsOnEveryNodeThatHoldsIt) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  OpenOptions idle = Creating();
  idle.idle_timeout = kTimeout;
  const auto begin = steady_clock::now();
  const auto one = web1.Open("ada", idle);
  ASSERT_OK(one);
  const auto two = OpenOrCreate(web2, "ada");
  ASSERT_OK(two);
  EXPECT_TRUE(WaitFor([&] { return HoldsNothing(web1) && HoldsNothing(web2); }));
  EXPECT_GE(steady_clock::now() - begin, kTimeout) << "never early";
  EXPECT_THAT(one->Read(), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(two->Read(), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(web2.Open("ada"), StatusIs(absl::StatusCode::kNotFound, _));
  Edit late = two->Begin();
  late.Set("x", 1);
  EXPECT_EQ(Apply(std::move(late)).kind, Committed::Kind::kRefused);
}

TEST_F(LifeTest, ARequestThatBeginsAnEditAndCommitsNothingIsAUse) {
  Client web = ConnectTo(hub_.endpoint(), "web-1");
  OpenOptions idle = Creating();
  idle.idle_timeout = std::chrono::hours(1);
  const auto session = web.Open("ada", idle);
  ASSERT_OK(session);
  HubProbe probe(hub_.endpoint());
  const uint64_t before = probe.Status().counters().touches();
  EXPECT_TRUE(WaitFor([&] {
    const Edit edit = session->Begin();
    return edit.Get("cart") == nullptr && probe.Status().counters().touches() > before;
  }));
}

TEST_F(LifeTest, AnEditGivesASessionATimeoutAndAnOwner) {
  Client web = ConnectTo(hub_.endpoint(), "web-1");
  const auto session = web.Open("ada", Creating());
  ASSERT_OK(session);
  const auto begin = steady_clock::now();
  Edit edit = session->Begin();
  edit.SetAbsoluteTimeout(kTimeout).SetOwner("user-7");
  EXPECT_FALSE(edit.empty());
  const Committed done = Apply(std::move(edit));
  ASSERT_OK(done.status);
  EXPECT_EQ(done.version, 2u);
  EXPECT_TRUE(WaitFor([&] { return HoldsNothing(web); }));
  EXPECT_GE(steady_clock::now() - begin, kTimeout);
}

TEST_F(LifeTest, AnExpiredSessionStaysSoAfterAKillAndOneThatIsDueEndsAfterIt) {
  OpenOptions absolute = Creating();
  absolute.absolute_timeout = kTimeout;
  {
    Client web = ConnectTo(hub_.endpoint(), "web-1");
    ASSERT_OK(web.Open("ada", absolute));
    EXPECT_TRUE(WaitFor([&] { return HoldsNothing(web); }));
    ASSERT_OK(web.Open("bob", absolute));
    hub_.Kill();
  }
  ASSERT_OK(hub_.Start());
  Client web = ConnectTo(hub_.endpoint(), "web-2");
  OpenOptions patient;
  patient.timeout = kPatience;
  EXPECT_THAT(web.Open("ada", patient), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_TRUE(WaitFor([&] { return absl::IsNotFound(web.Open("bob", patient).status()); }));
}

TEST_F(LifeTest, SettingsThatAreNotLegalAreRefusedHere) {
  Client web = ConnectTo(hub_.endpoint(), "web-1");
  OpenOptions options = Creating();
  options.idle_timeout = milliseconds(999);
  EXPECT_THAT(web.Open("ada", options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1000")));
  options.idle_timeout = milliseconds(kTimeoutMsMax + 1);
  EXPECT_THAT(web.Open("ada", options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("idle timeout is")));
  options.idle_timeout = milliseconds(0);
  options.absolute_timeout = milliseconds(kTimeoutMsMax + 1);
  EXPECT_THAT(web.Open("ada", options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("absolute timeout is")));
  options.absolute_timeout = milliseconds(0);
  options.idle_timeout = milliseconds(-1);
  EXPECT_THAT(web.Open("ada", options), StatusIs(absl::StatusCode::kInvalidArgument, _));
  const auto session = web.Open("ada", Creating());
  ASSERT_OK(session);
  Edit negative = session->Begin();
  negative.SetIdleTimeout(milliseconds(-1));
  EXPECT_THAT(Apply(std::move(negative)).status, StatusIs(absl::StatusCode::kInvalidArgument, _));
  Edit owned = session->Begin();
  owned.SetOwner(std::string(257, 'x'));
  EXPECT_THAT(Apply(std::move(owned)).status,
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("id_bytes_max")));
}

TEST(NewSessionIdTest, IsLongUnlikeAndFitForAUrl) {
  const auto one = NewSessionId();
  const auto two = NewSessionId();
  ASSERT_OK(one);
  ASSERT_OK(two);
  EXPECT_NE(*one, *two);
  EXPECT_EQ(one->size(), 22u);
  EXPECT_EQ(
      one->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
}

}  // namespace
}  // namespace sessionhub
