// What applications rely on, as scenarios that run, by name, against the hub in the process and
// against the real one: Scenario/InProcess and Scenario/Process.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "tests/scenario/hub_under_test.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using ::testing::_;
using testing::Apply;
using testing::ConnectTo;
using testing::HubUnderTest;
using testing::IntegerAt;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::StatusIs;
using testing::WaitFor;

struct Kind {
  const char* name;
  std::unique_ptr<HubUnderTest> (*make)();
};

// For the names of the tests, which would show its bytes else.
std::ostream& operator<<(std::ostream& out, const Kind& kind) {
  return out << kind.name;
}

class Scenario : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { ASSERT_OK(hub_->Start()); }
  Client Connect(const std::string& node_name) { return ConnectTo(hub_->endpoint(), node_name); }

  const std::unique_ptr<HubUnderTest> hub_ = GetParam().make();
};

TEST_P(Scenario, ACookieFromOutsideMakesNoSession) {
  Client web = Connect("web-1");
  EXPECT_THAT(web.Open("made-up"), StatusIs(absl::StatusCode::kNotFound, _));
  OpenOptions exclusive;
  exclusive.create = Create::kExclusive;
  ASSERT_OK(web.Open("ada", exclusive));
  EXPECT_THAT(web.Open("ada", exclusive), StatusIs(absl::StatusCode::kAlreadyExists, _));
}

TEST_P(Scenario, ANodeReadsItsOwnWritesAtOnceAndTheOthersSoon) {
  Client web1 = Connect("web-1");
  Client web2 = Connect("web-2");
  const auto here = OpenOrCreate(web1, "ada");
  const auto there = OpenOrCreate(web2, "ada");
  ASSERT_OK(here);
  ASSERT_OK(there);
  Edit edit = here->Begin();
  edit.Set("cart/last", "85123A").Increment("cart/qty", 2);
  const Committed done = Apply(std::move(edit));
  ASSERT_OK(done.status);
  EXPECT_EQ(IntegerAt(*here, "cart/qty"), 2);
  // A user who is sent to the other node brings the version that he has seen.
  OpenOptions seen;
  seen.at_least_version = done.version;
  const auto redirected = web2.Open("ada", seen);
  ASSERT_OK(redirected);
  EXPECT_EQ(IntegerAt(*redirected, "cart/qty"), 2);
}

TEST_P(Scenario, DifferentFieldsMergeAndIncrementsAllCount) {
  Client web1 = Connect("web-1");
  Client web2 = Connect("web-2");
  const auto one = OpenOrCreate(web1, "ada");
  const auto two = OpenOrCreate(web2, "ada");
  ASSERT_OK(one);
  ASSERT_OK(two);
  Edit name = one->Begin();
  Edit theme = two->Begin();
  name.Set("name", "Ada").Increment("visits");
  theme.Set("theme", "dark").Increment("visits");
  ASSERT_OK(Apply(std::move(name)).status);
  ASSERT_OK(Apply(std::move(theme)).status);
  for (const auto* session : {&one, &two}) {
    EXPECT_TRUE(WaitFor([&] { return IntegerAt(**session, "visits") == 2; }));
    EXPECT_EQ(*(*session)->Read()->Get("name"), Value("Ada"));
    EXPECT_EQ(*(*session)->Read()->Get("theme"), Value("dark"));
  }
}

TEST_P(Scenario, ADeletedSessionEndsEverywhereAndItsNextLifeIsAnother) {
  Client web1 = Connect("web-1");
  Client web2 = Connect("web-2");
  auto one = OpenOrCreate(web1, "ada");
  const auto two = OpenOrCreate(web2, "ada");
  ASSERT_OK(one);
  ASSERT_OK(two);
  ASSERT_OK(one->Delete(testing::kPatience).status);
  EXPECT_TRUE(WaitFor([&] { return absl::IsNotFound(two->Read().status()); }));
  const auto next = OpenOrCreate(web2, "ada");
  ASSERT_OK(next);
  EXPECT_NE(next->number(), one->number());
  EXPECT_EQ(next->Read()->field_count(), 0u);
}

TEST_P(Scenario, AfterALoginTheGuestsIdLeadsNowhereAndTheSessionGoesOn) {
  Client web1 = Connect("web-1");
  Client web2 = Connect("web-2");
  auto guest = OpenOrCreate(web1, "guest");
  const auto there = OpenOrCreate(web2, "guest");
  ASSERT_OK(guest);
  ASSERT_OK(there);
  ASSERT_OK(guest->ChangeId("member", std::chrono::milliseconds(0), testing::kPatience));
  Edit login = guest->Begin();
  login.SetOwner("ada").Increment("logins");
  ASSERT_OK(Apply(std::move(login)).status);
  EXPECT_TRUE(WaitFor([&] { return there->id() == "member"; }));
  EXPECT_TRUE(WaitFor([&] { return IntegerAt(*there, "logins") == 1; }));
  for (Client* web : {&web1, &web2}) {
    EXPECT_THAT(web->Open("guest"), StatusIs(absl::StatusCode::kNotFound, _));
    EXPECT_EQ(web->Open("member")->number(), guest->number());
  }
  EXPECT_EQ(web2.CountSessions("ada", testing::kPatience).value(), 1u);
  EXPECT_EQ(web2.DeleteSessionsOfOwner("ada", testing::kPatience).value(), 1u);
  EXPECT_TRUE(WaitFor([&] { return absl::IsNotFound(guest->Read().status()); }));
}

TEST_P(Scenario, WhatWasAckedSurvivesAKillAndIsThereOnce) {
  constexpr int64_t kCommits = 50;
  Client web = Connect("web-1");
  const auto session = OpenOrCreate(web, "ada");
  ASSERT_OK(session);
  Outcomes outcomes;
  for (int64_t i = 0; i < kCommits; ++i) {
    outcomes.Increment(*session, "count");
    if (i == kCommits / 2) hub_->Kill();
  }
  ASSERT_OK(hub_->StartAgain());
  EXPECT_TRUE(WaitFor([&] { return outcomes.applied() == kCommits; }));
  Client fresh = Connect("web-2");
  const auto read = fresh.Open("ada");
  ASSERT_OK(read);
  EXPECT_EQ(IntegerAt(*read, "count"), kCommits);
}

TEST_P(Scenario, AnObjectTrackedByTwoNodesKeepsTheChangesOfBoth) {
  struct Profile {
    std::string name = "Ada";
    std::string theme = "light";
  };
  const auto encode = [](const Profile& of) {
    return Value::Json(R"({"name":")" + of.name + R"(","theme":")" + of.theme + R"("})");
  };
  Client web1 = Connect("web-1");
  Client web2 = Connect("web-2");
  const auto one = OpenOrCreate(web1, "ada");
  ASSERT_OK(one);
  Edit create = one->Begin();
  create.SetJson("profile", R"({"name":"Ada","theme":"light","tags":[],"big":1e400})");
  ASSERT_OK(Apply(std::move(create)).status);
  const auto two = OpenOrCreate(web2, "ada");
  ASSERT_OK(two);

  const auto here = std::make_shared<Profile>();
  const auto there = std::make_shared<Profile>();
  Edit first = one->Begin();
  Edit second = two->Begin();
  first.Track("profile", here, encode);
  second.Track("profile", there, encode);
  here->name = "Grace";
  there->theme = "dark";
  ASSERT_OK(Apply(std::move(first)).status);
  ASSERT_OK(Apply(std::move(second)).status);
  for (const auto* session : {&one, &two}) {
    EXPECT_TRUE(WaitFor([&] {
      return (*session)->Read()->GetJson("profile").value() ==
             R"({"big":1e400,"name":"Grace","tags":[],"theme":"dark"})";
    }));
  }
}

TEST_P(Scenario, LargeValuesTravelAsTheirChangesAndWinWhole) {
  Client web1 = Connect("web-1");
  Client web2 = Connect("web-2");
  const auto one = OpenOrCreate(web1, "ada");
  const auto two = OpenOrCreate(web2, "ada");
  ASSERT_OK(one);
  ASSERT_OK(two);
  const std::string page(60'000, 'p');
  Edit first = one->Begin();
  first.Set("page", page).Append("log", Value::Bytes("a"));
  ASSERT_OK(Apply(std::move(first)).status);
  ASSERT_TRUE(WaitFor([&] { return two->Read()->Get("page") != nullptr; }));
  // Both begin with the same page; the one that is later is sent again, whole.
  Edit left = one->Begin();
  Edit right = two->Begin();
  left.Append("page", "left").Append("log", Value::Bytes("b"));
  right.Append("page", "right");
  EXPECT_EQ(*right.Get("page"), Value(page + "right"));
  ASSERT_OK(Apply(std::move(left)).status);
  ASSERT_OK(Apply(std::move(right)).status);
  for (const auto* session : {&one, &two}) {
    EXPECT_TRUE(WaitFor([&] { return *(*session)->Read()->Get("page") == Value(page + "right"); }));
    EXPECT_EQ(*(*session)->Read()->Get("log"), Value::Bytes("ab"));
  }
  EXPECT_EQ(web1.stats().resyncs + web2.stats().resyncs, 0u);
}

TEST_P(Scenario, PreconditionsHoldOrNothingIsChanged) {
  Client web = Connect("web-1");
  const auto session = OpenOrCreate(web, "ada");
  ASSERT_OK(session);
  const auto set = [&](const char* path, const auto& condition) {
    Edit edit = session->Begin();
    edit.Set(path, 1);
    condition(&edit);
    return Apply(std::move(edit));
  };
  const Committed first = set("a", [](Edit* edit) { edit->IfAbsent("a"); });
  ASSERT_OK(first.status);
  EXPECT_EQ(set("a", [](Edit* edit) { edit->IfAbsent("a"); }).reason,
            Committed::Reason::kVersionChanged);
  ASSERT_OK(set("b", [&](Edit* edit) { edit->IfVersion(first.version); }).status);
  EXPECT_EQ(set("b", [&](Edit* edit) { edit->IfVersion(first.version); }).reason,
            Committed::Reason::kVersionChanged);
  ASSERT_OK(set("a", [&](Edit* edit) { edit->IfUnchangedSince("a", first.version); }).status);
  EXPECT_EQ(set("a", [&](Edit* edit) { edit->IfUnchangedSince("a", first.version); }).reason,
            Committed::Reason::kVersionChanged);
  EXPECT_EQ(set("c", [](Edit* edit) { edit->IfVersion(0); }).reason,
            Committed::Reason::kInvalidArgument);
  EXPECT_EQ(session->Read()->Get("c"), nullptr);
}

TEST_P(Scenario, ACommitAfterARefusedOneIsRefusedToo) {
  Client web = Connect("web-1");
  const auto session = OpenOrCreate(web, "ada");
  ASSERT_OK(session);
  Edit text = session->Begin();
  text.Set("text", "x");
  ASSERT_OK(Apply(std::move(text)).status);
  Edit wrong = session->Begin();
  wrong.Increment("text");
  Committed refused;
  std::atomic<bool> done = false;
  std::move(wrong).Commit(Ack::kDurable, [&](const Committed& committed) {
    refused = committed;
    done = true;
  });
  Edit after = session->Begin();
  after.Set("a", 1).AfterPrevious();
  EXPECT_EQ(Apply(std::move(after)).reason, Committed::Reason::kPreviousRefused);
  ASSERT_TRUE(WaitFor([&] { return done.load(); }));
  EXPECT_EQ(refused.reason, Committed::Reason::kWrongType);
  Edit fresh = session->Begin();
  fresh.Set("b", 1);
  ASSERT_OK(Apply(std::move(fresh)).status);
  Edit last = session->Begin();
  last.Set("c", 1).AfterPrevious();
  ASSERT_OK(Apply(std::move(last)).status);
  EXPECT_EQ(session->Read()->Get("a"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(, Scenario,
                         ::testing::Values(Kind{"InProcess", testing::MakeInProcessHub},
                                           Kind{"Process", testing::MakeHubProcess}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace sessionhub
