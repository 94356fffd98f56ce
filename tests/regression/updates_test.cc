// What other session managers get wrong about changes that meet, by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "tests/support/hub_process.h"
#include "tests/support/relay.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::Apply;
using testing::ConnectTo;
using ::testing::ElementsAre;
using testing::HubProcess;
using testing::IntegerAt;
using testing::kPatience;
using testing::OpenOrCreate;
using testing::Relay;
using testing::WaitFor;

class UpdatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    web1_.emplace(ConnectTo(hub_.endpoint(), "web-1"));
    relay_.emplace(hub_.port());
    web2_.emplace(ConnectTo(relay_->endpoint(), "web-2"));
    auto one = OpenOrCreate(*web1_, "ada");
    auto two = OpenOrCreate(*web2_, "ada");
    ASSERT_OK(one);
    ASSERT_OK(two);
    one_.emplace(*one);
    two_.emplace(*two);
  }
  static Committed Set(const Session& session, const std::string& path, Value value) {
    Edit edit = session.Begin();
    edit.Set(path, std::move(value));
    return Apply(std::move(edit));
  }
  // Both nodes hold the same version.
  bool Converge() {
    return WaitFor([&] { return one_->Read()->version() == two_->Read()->version(); });
  }

  HubProcess hub_;
  std::optional<Client> web1_;
  std::optional<Relay> relay_;
  std::optional<Client> web2_;  // its stream can be held
  std::optional<Session> one_;
  std::optional<Session> two_;
};

TEST_F(UpdatesTest, RemoteDeltaArrivingInMidRequestNeverDropsTheLocalPendingOne) {
  relay_->Hold(Relay::kToHub);
  Edit request = two_->Begin();
  request.Set("mine", 1);
  absl::Mutex mutex;
  std::optional<Committed> done;
  std::move(request).Commit(Ack::kDurable, [&](const Committed& committed) {
    absl::MutexLock lock(&mutex);
    done = committed;
  });
  ASSERT_TRUE(Set(*one_, "theirs", 2).applied());
  ASSERT_TRUE(WaitFor([&] { return IntegerAt(*two_, "theirs") == 2; }));
  EXPECT_EQ(IntegerAt(*two_, "mine"), 1) << "what this node has pending is shown over it";
  relay_->Release(Relay::kToHub);
  ASSERT_TRUE(WaitFor([&] {
    absl::MutexLock lock(&mutex);
    return done.has_value();
  }));
  absl::MutexLock lock(&mutex);
  EXPECT_TRUE(done->applied());
  ASSERT_TRUE(Converge());
  EXPECT_EQ(IntegerAt(*one_, "mine"), 1);
  EXPECT_EQ(IntegerAt(*two_, "theirs"), 2);
}

// One field is named like the parent of another; both are there, and each is what it is.
TEST_F(UpdatesTest, TwoChangesWithTheSameNameButDifferentKindBothSurvive) {
  ASSERT_TRUE(Set(*one_, "user", "ada").applied());
  ASSERT_TRUE(Set(*two_, "user/id", 7).applied());
  ASSERT_TRUE(Set(*one_, "/user", Value::Bytes("\x01")).applied());
  ASSERT_TRUE(Converge());
  for (const Session* session : {&*one_, &*two_}) {
    const View view = *session->Read();
    ASSERT_NE(view.Get("user"), nullptr);
    EXPECT_EQ(*view.Get("user"), Value("ada"));
    EXPECT_EQ(*view.Get("user/id"), Value(7));
    EXPECT_EQ(*view.Get("/user"), Value::Bytes("\x01"));
  }
}

TEST_F(UpdatesTest, TwoNodesChangingDifferentFieldsAtOnceLoseNothing) {
  constexpr int kRounds = 50;
  Relay relay(hub_.port());
  Client web3 = ConnectTo(relay.endpoint(), "web-3");
  auto three = OpenOrCreate(web3, "ada");
  ASSERT_OK(three);
  absl::Mutex mutex;
  int applied = 0;
  const auto count = [&](const Committed& done) {
    absl::MutexLock lock(&mutex);
    applied += done.applied() ? 1 : 0;
  };
  for (int i = 1; i <= kRounds; ++i) {
    relay_->Hold(Relay::kToHub);
    relay.Hold(Relay::kToHub);
    // Both begin with the same version, and both commits are on their way before either arrives.
    Edit left = two_->Begin();
    Edit right = three->Begin();
    std::move(left.Set("left", i).Increment("both")).Commit(Ack::kDurable, count);
    std::move(right.Set("right", i).Increment("both")).Commit(Ack::kDurable, count);
    ASSERT_EQ(web2_->stats().pending, 1u);
    ASSERT_EQ(web3.stats().pending, 1u);
    ASSERT_EQ(IntegerAt(*two_, "right"), i - 1);
    ASSERT_EQ(IntegerAt(*three, "left"), i - 1);
    relay_->Release(Relay::kToHub);
    relay.Release(Relay::kToHub);
    ASSERT_TRUE(WaitFor([&] {
      absl::MutexLock lock(&mutex);
      const uint64_t both_in = 1 + 2 * static_cast<uint64_t>(i);
      return applied == 2 * i && two_->Read()->version() == both_in &&
             three->Read()->version() == both_in;
    })) << "round "
        << i;
  }
  ASSERT_TRUE(Converge());
  for (const Session* session : {&*one_, &*two_, &*three}) {
    EXPECT_EQ(IntegerAt(*session, "left"), kRounds);
    EXPECT_EQ(IntegerAt(*session, "right"), kRounds);
    EXPECT_EQ(IntegerAt(*session, "both"), 2 * kRounds);
  }
}

TEST_F(UpdatesTest, UpdatesOfOneSessionNeverArriveOutOfOrder) {
  absl::Mutex mutex;
  std::vector<int64_t> seen;
  uint64_t at = two_->Read()->version();
  bool in_order = true;
  {
    auto subscription = two_->Subscribe([&](const Event& event) {
      absl::MutexLock lock(&mutex);
      in_order = in_order && event.from == at;
      at = event.to;
      for (const FieldChange& change : event.changes) seen.push_back(*change.value->AsInt());
    });
    ASSERT_OK(subscription);
    for (int i = 1; i <= 100; ++i) {
      Edit edit = one_->Begin();
      edit.Set("n", i);
      std::move(edit).Commit(Ack::kDurable, [](const Committed&) {});
    }
    ASSERT_TRUE(WaitFor([&] { return IntegerAt(*two_, "n") == 100; }));
    ASSERT_TRUE(WaitFor([&] {
      absl::MutexLock lock(&mutex);
      return seen.size() == 100;
    }));
  }
  EXPECT_TRUE(in_order);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[i], i + 1);
}

TEST_F(UpdatesTest, ASessionCreatedAndFilledInOneRequestNeverArrivesEmpty) {
  // The user is sent to the other node, with the version that his request ended with or without.
  for (int i = 0; i < 50; ++i) {
    const std::string id = "new-" + std::to_string(i);
    const auto created = OpenOrCreate(*web1_, id);
    ASSERT_OK(created);
    const Committed filled = Set(*created, "user", i);
    ASSERT_TRUE(filled.applied());
    OpenOptions options;
    options.at_least_version = i % 2 == 0 ? filled.version : 0;
    options.timeout = kPatience;
    const auto there = web2_->Open(id, options);
    ASSERT_OK(there);
    const Value* user = there->Read()->Get("user");
    ASSERT_NE(user, nullptr);
    EXPECT_EQ(*user, Value(i));
  }
}

// As an application keeps it in memory: its members by name.
using Profile = std::map<std::string, int>;

Value ProfileAsJson(const Profile& profile) {
  std::string document;
  for (const auto& [name, number] : profile) {
    document += (document.empty() ? "{\"" : ",\"") + name + "\":" + std::to_string(number);
  }
  return Value::Json(document + "}");
}

// Nobody declares what a handler does to the object that it was given: it is found, it is all that
// the other node is told, and a request that only looks at the object sends nothing.
TEST_F(UpdatesTest, InPlaceMutationIsFound) {
  absl::Mutex mutex;
  std::vector<std::string> told;
  auto subscription = two_->Subscribe([&](const Event& event) {
    std::string text = std::to_string(event.from) + "-" + std::to_string(event.to);
    for (const FieldChange& change : event.changes) {
      text += " " + change.path + (change.value ? "=" + change.value->DebugString() : " gone");
    }
    absl::MutexLock lock(&mutex);
    told.push_back(text);
  });
  ASSERT_OK(subscription);
  const auto profile = std::make_shared<Profile>(Profile{{"theme", 1}, {"visits", 1}});
  Edit create = one_->Begin();
  const Tracked tracked = create.Track("profile", profile, ProfileAsJson);
  const Committed created = Apply(std::move(create));
  ASSERT_TRUE(created.applied());
  const auto request = [&](const std::function<void(Profile*)>& handler) {
    Edit edit = one_->Begin();
    edit.Track(tracked);
    handler(profile.get());
    const Committed done = Apply(std::move(edit));
    EXPECT_TRUE(done.applied());
    return done.version;
  };
  const auto looks = [](Profile* of) { EXPECT_EQ(of->at("theme"), 1); };
  const auto visits = [](Profile* of) { ++of->at("visits"); };
  request(looks);
  EXPECT_EQ(request(visits), created.version + 1) << "the hub was sent something by who looks";
  request(looks);
  request(looks);
  EXPECT_EQ(request([](Profile* of) { of->erase("theme"); }), created.version + 2);
  ASSERT_TRUE(Converge());
  EXPECT_EQ(two_->Read()->GetJson("profile").value_or("nothing"), R"({"visits":2})");
  ASSERT_TRUE(WaitFor([&] {
    absl::MutexLock lock(&mutex);
    return told.size() >= 3;
  }));
  absl::MutexLock lock(&mutex);
  EXPECT_THAT(told, ElementsAre("1-2 profile/theme=1 profile/visits=1", "2-3 profile/visits=2",
                                "3-4 profile/theme gone"));
}

}  // namespace
}  // namespace sessionhub
