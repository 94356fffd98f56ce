// A login over real sockets: the session gets another id, and what the old cookie still does.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/hub_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::_;
using testing::Apply;
using testing::ConnectTo;
using testing::HubProcess;
using testing::IntegerAt;
using ::testing::IsEmpty;
using testing::OpenOrCreate;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;
using testing::WaitFor;

constexpr auto kWait = 10'000ms;

class LoginTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(hub_.Start()); }

  static OpenOptions WaitLong() {
    OpenOptions options;
    options.timeout = kWait;
    return options;
  }
  static OpenOptions Owned(const std::string& owner) {
    OpenOptions options = WaitLong();
    options.create = Create::kExclusive;
    options.owner = owner;
    return options;
  }
  static std::vector<std::string> IdsOf(Client& web, const std::string& owner, uint32_t page_size) {
    std::vector<std::string> ids;
    ListOptions options;
    options.owner = owner;
    options.page_size = page_size;
    do {
      const auto page = web.ListSessions(options, kWait);
      EXPECT_OK(page);
      if (!page.ok()) return ids;
      EXPECT_LE(page->sessions.size(), page_size);
      for (const SessionInfo& info : page->sessions) ids.push_back(info.id);
      options.page_token = page->next_page_token;
    } while (!options.page_token.empty());
    return ids;
  }

  HubProcess hub_;
};

TEST_F(LoginTest, AfterALoginTheOldCookieLeadsNowhere) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Session session = *OpenOrCreate(web1, "guest");
  const Session other = *OpenOrCreate(web2, "guest");
  Edit edit = session.Begin();
  edit.Increment("n");
  ASSERT_TRUE(Apply(std::move(edit)).applied());

  ASSERT_OK(session.ChangeId("member", 0ms, kWait));
  EXPECT_EQ(session.id(), "member");
  EXPECT_OK(session.ChangeId("member", 0ms, kWait));
  EXPECT_THAT(web1.Open("guest"), StatusIs(absl::StatusCode::kNotFound, _));
  // The other node's copy answers to the new id, without a second session.
  ASSERT_TRUE(WaitFor([&] { return other.id() == "member"; }));
  EXPECT_THAT(web2.Open("guest"), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(web2.Open("guest", {Create::kExclusive}), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_EQ(web2.Open("member")->number(), session.number());
  EXPECT_EQ(IntegerAt(other, "n"), 1);

  hub_.Kill();
  ASSERT_OK(hub_.Start());
  EXPECT_THAT(web1.Open("guest", WaitLong()), StatusIs(absl::StatusCode::kNotFound, _));
  Client web3 = ConnectTo(hub_.endpoint(), "web-3");
  const auto found = web3.Open("member", WaitLong());
  ASSERT_OK(found);
  EXPECT_EQ(found->number(), session.number());
}

TEST_F(LoginTest, AnIdThatIsTakenIsRefused) {
  Client web = ConnectTo(hub_.endpoint(), "web-1");
  Session session = *OpenOrCreate(web, "guest");
  const Session taken = *OpenOrCreate(web, "member");
  EXPECT_THAT(session.ChangeId("member", 0ms, kWait),
              StatusIs(absl::StatusCode::kAlreadyExists, _));
  EXPECT_THAT(session.ChangeId("", 0ms, kWait), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(session.ChangeId("x", 60'001ms, kWait),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_EQ(session.id(), "guest");
  EXPECT_EQ(web.Open("guest")->number(), session.number());
}

// Requests with the old cookie are on their way while the answer with the new one is.
TEST_F(LoginTest, WithinTheWindowTheOldCookieFindsTheSessionUnderItsNewId) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  Session session = *OpenOrCreate(web1, "guest");
  ASSERT_OK(session.ChangeId("member", 60'000ms, kWait));
  const auto found = web2.Open("guest");
  ASSERT_OK(found);
  EXPECT_EQ(found->number(), session.number());
  ASSERT_TRUE(WaitFor([&] { return found->id() == "member"; }));
  ASSERT_TRUE(session.Delete(kWait).applied());
  EXPECT_THAT(web1.Open("guest"), StatusIs(absl::StatusCode::kNotFound, _));
}

TEST_F(LoginTest, SessionsAreListedAndCountedPageByPage) {
  Client web = ConnectTo(hub_.endpoint(), "web-1");
  for (int i = 0; i < 7; ++i) ASSERT_OK(OpenOrCreate(web, "s" + std::to_string(i)));
  Session renamed = *OpenOrCreate(web, "guest");
  ASSERT_OK(renamed.ChangeId("member", 0ms, kWait));
  EXPECT_EQ(web.CountSessions("", kWait).value(), 8u);
  EXPECT_EQ(web.CountSessions("nobody", kWait).value(), 0u);
  EXPECT_THAT(IdsOf(web, "", 3),
              UnorderedElementsAre("s0", "s1", "s2", "s3", "s4", "s5", "s6", "member"));
  EXPECT_EQ(web.DeleteSessionsOfOwner("nobody", kWait).value(), 0u);
  EXPECT_THAT(web.DeleteSessionsOfOwner("", kWait),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  web.Close(0ms);
  EXPECT_THAT(web.CountSessions("", kWait), StatusIs(absl::StatusCode::kFailedPrecondition, _));
}

// "Log me out everywhere."
TEST_F(LoginTest, AllSessionsOfAnOwnerAreListedAndDeleted) {
  Client web1 = ConnectTo(hub_.endpoint(), "web-1");
  Client web2 = ConnectTo(hub_.endpoint(), "web-2");
  std::vector<Session> of_ada;
  for (int i = 0; i < 5; ++i) {
    of_ada.push_back(*web1.Open("ada" + std::to_string(i), Owned("ada")));
  }
  const Session of_bob = *web2.Open("bob0", Owned("bob"));
  const Session given = *OpenOrCreate(web2, "given");
  Edit edit = given.Begin();
  edit.SetOwner("ada");
  ASSERT_TRUE(Apply(std::move(edit)).applied());
  Edit away = of_ada[0].Begin();
  away.SetOwner("bob");
  ASSERT_TRUE(Apply(std::move(away)).applied());
  ASSERT_OK(of_ada[1].ChangeId("renamed", 0ms, kWait));
  ASSERT_TRUE(of_ada[2].Delete(kWait).applied());

  EXPECT_THAT(IdsOf(web2, "ada", 2), UnorderedElementsAre("renamed", "ada3", "ada4", "given"));
  EXPECT_EQ(web2.CountSessions("ada", kWait).value(), 4u);
  hub_.Kill();
  ASSERT_OK(hub_.Start());
  ASSERT_OK(web2.Open("bob0", WaitLong()));
  EXPECT_EQ(web2.DeleteSessionsOfOwner("ada", kWait).value(), 4u);
  EXPECT_THAT(IdsOf(web2, "ada", 2), IsEmpty());
  EXPECT_THAT(IdsOf(web2, "", 9), UnorderedElementsAre("ada0", "bob0"));
  EXPECT_EQ(web2.CountSessions("bob", kWait).value(), 2u);
  EXPECT_TRUE(WaitFor([&] {
    return !of_ada[1].Read().ok() && !of_ada[3].Read().ok() && !given.Read().ok();
  })) << "each node hears of the ends";
  EXPECT_THAT(web1.Open("renamed", WaitLong()), StatusIs(absl::StatusCode::kNotFound, _));
}

}  // namespace
}  // namespace sessionhub
