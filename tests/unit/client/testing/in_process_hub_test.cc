#include "sessionhub/testing/in_process_hub.h"

#include <gtest/gtest.h>

#include <utility>

#include "sessionhub/client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub::testing {
namespace {

using ::testing::HasSubstr;
using std::chrono_literals::operator""ms;

TEST(InProcessHubTest, OptionsOutOfRangeAreNamed) {
  for (const auto lease : {99ms, 3'600'001ms}) {
    InProcessHubOptions options;
    options.lease = lease;
    EXPECT_THAT(InProcessHub::Start(options),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("lease")));
  }
  InProcessHubOptions options;
  options.shards = 65;
  EXPECT_THAT(InProcessHub::Start(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("shards")));
  options.shards = 64;
  EXPECT_OK(InProcessHub::Start(options));
}

TEST(InProcessHubTest, TwoHubsKnowNothingOfEachOther) {
  auto one = InProcessHub::Start();
  auto two = InProcessHub::Start();
  ASSERT_OK(one);
  ASSERT_OK(two);
  ASSERT_NE(one->endpoint(), two->endpoint());
  Client web1 = ConnectTo(one->endpoint(), "web-1");
  Client web2 = ConnectTo(two->endpoint(), "web-1");
  ASSERT_OK(OpenOrCreate(web1, "ada"));
  EXPECT_THAT(web2.Open("ada"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("session")));
}

TEST(InProcessHubTest, AStoppedHubKeepsWhatWasAckedForItsNextStart) {
  auto hub = InProcessHub::Start();
  ASSERT_OK(hub);
  EXPECT_THAT(hub->StartAgain(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("Stop")));
  Client web = ConnectTo(hub->endpoint(), "web-1");
  const auto session = OpenOrCreate(web, "ada");
  ASSERT_OK(session);
  Edit edit = session->Begin();
  edit.Set("name", "Ada");
  ASSERT_OK(Apply(std::move(edit)).status);
  const std::string endpoint = hub->endpoint();
  hub->Stop();
  hub->Stop();
  ASSERT_OK(hub->StartAgain());
  EXPECT_EQ(hub->endpoint(), endpoint);
  Client fresh = ConnectTo(endpoint, "web-2");
  const auto read = fresh.Open("ada");
  ASSERT_OK(read);
  EXPECT_EQ(*read->Read()->Get("name"), Value("Ada"));
}

TEST(InProcessHubTest, TimeCanBeSetOnPastATimeout) {
  auto hub = InProcessHub::Start();
  ASSERT_OK(hub);
  Client web = ConnectTo(hub->endpoint(), "web-1");
  OpenOptions options;
  options.create = Create::kExclusive;
  options.timeout = kPatience;
  options.idle_timeout = std::chrono::minutes(30);
  const auto session = web.Open("ada", options);
  ASSERT_OK(session);
  hub->AdvanceTime(std::chrono::minutes(29));
  ASSERT_OK(OpenOrCreate(web, "bob"));  // the hub has seen to what was due before
  EXPECT_EQ(web.stats().cached_sessions, 2u);
  hub->AdvanceTime(std::chrono::minutes(5));
  EXPECT_TRUE(WaitFor([&] { return web.stats().cached_sessions == 1; }));
  EXPECT_THAT(session->Read(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("ended")));
}

TEST(InProcessHubTest, ItCanBeMovedWhileItIsUsed) {
  auto started = InProcessHub::Start();
  ASSERT_OK(started);
  Client web = ConnectTo(started->endpoint(), "web-1");
  InProcessHub hub = *std::move(started);
  EXPECT_OK(OpenOrCreate(web, "ada"));
}

}  // namespace
}  // namespace sessionhub::testing
