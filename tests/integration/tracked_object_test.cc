// Objects that are tracked, and JSON documents: what they send, over real gRPC, to a hub that does
// what the test says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "sessionhub/client.h"
#include "tests/support/notification.h"
#include "tests/support/scripted_hub.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using namespace std::chrono_literals;
using absl::StatusCode;
using ::testing::HasSubstr;
using testing::ScriptedHub;
using testing::StatusIs;

constexpr auto kLong = 30s;
// What one changed member of a tracked object may cost, with the definition of its path.
constexpr size_t kFrameBytesMax = 200;

// As a profile of an application: members by name.
struct Profile {
  std::map<std::string, std::string> members;

  Value ToJson() const {
    std::string document = "{";
    for (const auto& [name, text] : members) {
      document += (document.size() > 1 ? ",\"" : "\"") + name + "\":\"" + text + "\"";
    }
    return Value::Json(document + "}");
  }
};

const auto kAsJson = [](const Profile& profile) { return profile.ToJson(); };

// 64 KiB in 512 members.
Profile LargeProfile() {
  Profile profile;
  for (int i = 0; i < 512; ++i) profile.members["m" + std::to_string(i)] = std::string(120, 'a');
  return profile;
}

class TrackedObject : public ::testing::Test {
 protected:
  Session Open(const std::string& node_name) {
    ClientOptions options{{hub_.endpoint()}, "shop", node_name};
    options.backoff_min = 1ms;
    options.backoff_max = 20ms;
    clients_.push_back(Client::Connect(options).value());
    OpenOptions open;
    open.create = Create::kIfMissing;
    open.timeout = kLong;
    return clients_.back().Open("ada", open).value();
  }
  static Committed Commit(Edit edit) { return std::move(edit).Commit(Ack::kDurable, kLong); }
  // The document at `path` as the hub has it.
  std::string AtHub(const std::string& path) {
    const Session session = Open("web-" + std::to_string(clients_.size() + 10));
    return session.Read()->GetJson(path).value_or("nothing");
  }

  ScriptedHub hub_;
  std::vector<Client> clients_;
};

// ---- JSON documents ----

TEST_F(TrackedObject, SetJsonSendsOnlyWhatDiffersFromWhatTheEditWouldShow) {
  const Session session = Open("web-1");
  Edit first = session.Begin();
  first.SetJson("cart", R"({"items":{"a":1,"b":2},"tags":[1,2],"sum":0.1})");
  EXPECT_EQ(first.GetJson("cart").value(), R"({"items":{"a":1,"b":2},"sum":0.1,"tags":[1,2]})");
  ASSERT_OK(Commit(std::move(first)).status);
  Edit same = session.Begin();
  same.SetJson("cart", R"({"tags":[1, 2],"sum":0.10,"items":{"b":2,"a":1}})");
  EXPECT_TRUE(same.empty());
  same.Increment("cart/items/a")
      .SetJson("cart", R"({"items":{"a":2,"b":2},"tags":[1,2],"sum":0.1})");
  EXPECT_EQ(same.GetJson("cart/items").value(), R"({"a":2,"b":2})");
  ASSERT_OK(Commit(std::move(same)).status);
  EXPECT_EQ(session.Read()->Get("cart/items/a")->AsInt(), 2);
  Edit without = session.Begin();
  without.SetJson("cart", R"({"sum":0.1})");
  ASSERT_OK(Commit(std::move(without)).status);
  EXPECT_LE(hub_.DeltaFrameBytes().back(), 50u);
  EXPECT_EQ(AtHub("cart"), R"({"sum":0.1})");
}

TEST_F(TrackedObject, WhatIsWrongWithADocumentIsToldByCommit) {
  const Session session = Open("web-1");
  const auto refused = [&session](std::string_view path, std::string_view document) {
    Edit edit = session.Begin();
    edit.SetJson(path, document);
    return Commit(std::move(edit)).status;
  };
  EXPECT_THAT(refused("p", "{\"a\":}"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("byte 6")));
  EXPECT_THAT(refused("", "1"), StatusIs(StatusCode::kInvalidArgument, HasSubstr("path is empty")));
  std::string deep = "1";
  for (int i = 0; i < 32; ++i) deep = "{\"k\":" + deep + "}";
  EXPECT_THAT(refused("p", deep),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("path_segments_max")));
  EXPECT_OK(refused("p", deep.substr(5, deep.size() - 6)));
  EXPECT_THAT(refused("p", "{\"" + std::string(1100, 'k') + "\":1}"),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("path_bytes_max")));
  EXPECT_THAT(session.Read()->GetJson("nowhere"),
              StatusIs(StatusCode::kNotFound, HasSubstr("nowhere")));
  EXPECT_THAT(session.Read()->GetJson("~"), StatusIs(StatusCode::kInvalidArgument, HasSubstr("~")));
}

// ---- tracked objects ----

TEST_F(TrackedObject, OneChangedMemberOf64KiBIsAFewBytesAndNoneIsNothing) {
  const Session session = Open("web-1");
  const auto profile = std::make_shared<Profile>(LargeProfile());
  Edit create = session.Begin();
  Tracked tracked = create.Track("profile", profile, kAsJson);
  EXPECT_EQ(tracked.path(), "profile");
  ASSERT_OK(Commit(std::move(create)).status);

  const size_t frames = hub_.DeltaFrameBytes().size();
  Edit unchanged = session.Begin();
  unchanged.Track(tracked).Track(tracked);
  EXPECT_TRUE(Commit(std::move(unchanged)).applied());
  EXPECT_EQ(hub_.DeltaFrameBytes().size(), frames);

  Edit changed = session.Begin();
  changed.Track(tracked);
  profile->members["m17"] = "another text";
  ASSERT_OK(Commit(std::move(changed)).status);
  ASSERT_EQ(hub_.DeltaFrameBytes().size(), frames + 1);
  EXPECT_LE(hub_.DeltaFrameBytes().back(), kFrameBytesMax);
  EXPECT_EQ(AtHub("profile/m17"), "\"another text\"");
}

// Encoded as one value, of which this client knows nothing.
const auto kAsBytes = [](const Profile& profile) {
  return Value::Bytes(*profile.ToJson().AsJson());
};

TEST_F(TrackedObject, OneChangedMemberOfAnOpaqueObjectIsAFewBytesTooAndNoneIsNothing) {
  const Session session = Open("web-1");
  const auto profile = std::make_shared<Profile>(LargeProfile());
  Edit create = session.Begin();
  const Tracked tracked = create.Track("profile", profile, kAsBytes);
  ASSERT_OK(Commit(std::move(create)).status);

  const size_t frames = hub_.DeltaFrameBytes().size();
  Edit unchanged = session.Begin();
  EXPECT_TRUE(Commit(std::move(unchanged.Track(tracked))).applied());
  EXPECT_EQ(hub_.DeltaFrameBytes().size(), frames);

  Edit changed = session.Begin();
  changed.Track(tracked);
  profile->members["m17"] = "another text";
  ASSERT_OK(Commit(std::move(changed)).status);
  ASSERT_EQ(hub_.DeltaFrameBytes().size(), frames + 1);
  EXPECT_LE(hub_.DeltaFrameBytes().back(), kFrameBytesMax);
  const Session other = Open("web-2");
  EXPECT_EQ(*other.Read()->Get("profile"), kAsBytes(*profile));
}

TEST_F(TrackedObject, AnOpaqueObjectIsOneValueAndTheLaterOfTwoWritersWins) {
  constexpr size_t kObjectBytes = 64 << 10;
  const auto as_bytes = [](const std::string& of) { return Value::Bytes(of); };
  const Session one = Open("web-1");
  const auto here = std::make_shared<std::string>(kObjectBytes, 'a');
  Edit create = one.Begin();
  const Tracked tracked_here = create.Track("blob", here, as_bytes);
  ASSERT_OK(Commit(std::move(create)).status);
  const Session two = Open("web-2");
  const auto there = std::make_shared<std::string>(*here);
  Edit changed = two.Begin();
  changed.Track("blob", there, as_bytes);
  (*there)[kObjectBytes / 2] = 'b';
  ASSERT_OK(Commit(std::move(changed)).status);
  EXPECT_LE(hub_.DeltaFrameBytes().back(), kObjectBytes + kFrameBytesMax);

  const size_t frames = hub_.DeltaFrameBytes().size();
  Edit unchanged = one.Begin();
  unchanged.Track(tracked_here);
  EXPECT_TRUE(Commit(std::move(unchanged)).applied());
  EXPECT_EQ(hub_.DeltaFrameBytes().size(), frames);  // it does not write the other's change back
  Edit later = one.Begin();
  later.Track(tracked_here);
  here->front() = 'c';
  ASSERT_OK(Commit(std::move(later)).status);
  const Session third = Open("web-3");
  EXPECT_EQ(*third.Read()->Get("blob"), Value::Bytes(*here));
}

TEST_F(TrackedObject, NeitherOfTwoNodesSendsTheOthersChangeBack) {
  const Session one = Open("web-1");
  Edit create = one.Begin();
  create.SetJson("profile", R"({"name":"Ada","theme":"light"})");
  const Committed created = Commit(std::move(create));
  ASSERT_OK(created.status);
  const Session two = Open("web-2");

  const auto here = std::make_shared<Profile>(Profile{{{"name", "Ada"}, {"theme", "light"}}});
  const auto there = std::make_shared<Profile>(*here);
  Edit first = one.Begin();
  Edit second = two.Begin();
  first.Track("profile", here, kAsJson);
  Tracked kept = second.Track("profile", there, kAsJson);
  here->members["name"] = "Grace";
  there->members["theme"] = "dark";
  ASSERT_OK(Commit(std::move(first)).status);
  ASSERT_OK(Commit(std::move(second)).status);
  EXPECT_EQ(AtHub("profile"), R"({"name":"Grace","theme":"dark"})");

  // The second node's object still says Ada, and its copy Grace: that is no change of the object.
  const size_t frames = hub_.DeltaFrameBytes().size();
  Edit again = two.Begin();
  again.Track(kept);
  EXPECT_TRUE(Commit(std::move(again)).applied());
  EXPECT_EQ(hub_.DeltaFrameBytes().size(), frames);
  EXPECT_EQ(AtHub("profile"), R"({"name":"Grace","theme":"dark"})");
}

TEST_F(TrackedObject, AnObjectThatIsDestroyedBeforeCommitIsAnErrorAndSendsNothing) {
  const Session session = Open("web-1");
  auto profile = std::make_shared<Profile>();
  Edit edit = session.Begin();
  Tracked tracked = edit.Set("other", 1).Track("profile", profile, kAsJson);
  profile.reset();
  const Committed done = Commit(std::move(edit));
  EXPECT_EQ(done.kind, Committed::Kind::kRefused);
  EXPECT_THAT(done.status,
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("profile: it was destroyed")));
  Edit later = session.Begin();
  later.Track(tracked);
  testing::Notification told;
  std::move(later).Commit(Ack::kDurable, [&told](const Committed& ended) {
    EXPECT_EQ(ended.kind, Committed::Kind::kRefused);
    told.Notify();
  });
  told.WaitForNotification();
  EXPECT_TRUE(hub_.DeltaFrameBytes().empty());
}

TEST_F(TrackedObject, AnEncoderThatThrowsOrFailsRefusesTheCommit) {
  const Session session = Open("web-1");
  const auto profile = std::make_shared<Profile>();
  const auto throws = [](const Profile& of) -> Value {
    if (of.members.contains("bad")) throw std::runtime_error("no such text");
    if (of.members.contains("worse")) throw 7;
    return of.ToJson();
  };
  const auto ends = [&](const char* member, const char* why) {
    Edit edit = session.Begin();
    edit.Track("profile", profile, throws);
    profile->members[member] = "";
    EXPECT_THAT(Commit(std::move(edit)).status,
                StatusIs(StatusCode::kInvalidArgument, HasSubstr(why)));
    Edit from_the_start = session.Begin();
    Tracked never = from_the_start.Track("profile", profile, throws);
    profile->members.clear();
    EXPECT_FALSE(Commit(std::move(from_the_start)).applied());
    Edit later = session.Begin();
    EXPECT_FALSE(Commit(std::move(later.Track(never))).applied());
  };
  ends("bad", "no such text");
  ends("worse", "threw");
  Edit edit = session.Begin();
  edit.Track("profile", profile, [](const Profile&) -> absl::StatusOr<Value> {
    return absl::UnavailableError("not now");
  });
  EXPECT_THAT(Commit(std::move(edit)).status,
              StatusIs(StatusCode::kUnavailable, HasSubstr("profile: not now")));
  Edit nothing = session.Begin();
  EXPECT_FALSE(Commit(std::move(nothing.Track(Tracked()))).applied());
  EXPECT_TRUE(hub_.DeltaFrameBytes().empty());
}

TEST_F(TrackedObject, AChangeWhoseCommitEndedUnknownIsSaidAgain) {
  const Session session = Open("web-1");
  const auto profile = std::make_shared<Profile>(Profile{{{"name", "Ada"}}});
  Edit create = session.Begin();
  Tracked tracked = create.Track("profile", profile, kAsJson);
  ASSERT_OK(Commit(std::move(create)).status);

  hub_.HoldAnswers();
  profile->members["name"] = "Grace";
  Edit unknown = session.Begin();
  unknown.Track(tracked);
  EXPECT_EQ(std::move(unknown).Commit(Ack::kDurable, 0ms).kind, Committed::Kind::kUnknown);
  hub_.WaitUntil([](const testing::ModelHub& model) { return model.applied() == 2; });
  // As before; but the session may hold, and does, what was said in between.
  profile->members["name"] = "Ada";
  Edit back = session.Begin();
  back.Track(tracked);
  testing::Notification told;
  std::move(back).Commit(Ack::kDurable, [&told](const Committed& done) {
    EXPECT_TRUE(done.applied());
    told.Notify();
  });
  hub_.Release();
  told.WaitForNotification();
  EXPECT_EQ(AtHub("profile"), R"({"name":"Ada"})");
  const size_t frames = hub_.DeltaFrameBytes().size();
  Edit unchanged = session.Begin();
  unchanged.Track(tracked);
  EXPECT_TRUE(Commit(std::move(unchanged)).applied());
  EXPECT_EQ(hub_.DeltaFrameBytes().size(), frames);
}

TEST_F(TrackedObject, AnObjectInAnotherFormThanTheSessionHasItIsWrittenWhole) {
  const Session session = Open("web-1");
  Edit old = session.Begin();
  old.Set("profile", Value::Bytes("as an older version wrote it"));
  ASSERT_OK(Commit(std::move(old)).status);
  const auto profile = std::make_shared<Profile>(Profile{{{"a", "1"}, {"b", "2"}}});
  Edit edit = session.Begin();
  edit.Track("profile", profile, kAsJson);
  ASSERT_OK(Commit(std::move(edit)).status);
  EXPECT_EQ(session.Read()->Get("profile"), nullptr);
  EXPECT_EQ(AtHub("profile"), R"({"a":"1","b":"2"})");
}

// ---- verify ----

TEST_F(TrackedObject, VerifyTellsOfChangesThatWereNeverCommitted) {
  std::vector<std::string> lines;
  absl::Mutex mutex;
  ClientOptions options{{hub_.endpoint()}, "shop", "web-1"};
  options.verify = true;
  options.log_sink = [&lines, &mutex](LogSeverity severity, const std::string& line) {
    absl::MutexLock lock(&mutex);
    if (severity == LogSeverity::kWarning) lines.push_back(line);
  };
  Client client = Client::Connect(options).value();
  OpenOptions open;
  open.create = Create::kIfMissing;
  open.timeout = kLong;
  const Session session = client.Open("ada", open).value();
  const auto profile = std::make_shared<Profile>(Profile{{{"name", "Ada"}}});
  Edit create = session.Begin();
  const Tracked tracked = create.Track("profile", profile, kAsJson);
  create.Set("x", 1);
  ASSERT_OK(Commit(std::move(create)).status);
  {
    Edit nothing = session.Begin();
    nothing.Track(tracked);
  }
  const auto told = [&lines, &mutex] {
    absl::MutexLock lock(&mutex);
    return lines;
  };
  EXPECT_THAT(told(), ::testing::IsEmpty());
  profile->members["name"] = "Ada L.";
  {
    Edit forgotten = session.Begin();
    forgotten.Increment("visits").Track(tracked);
    Edit moved = std::move(forgotten);
  }
  EXPECT_THAT(told(), ::testing::ElementsAre(::testing::MatchesRegex(
                          "verify: an Edit of session [0-9]+ is dropped and its changes are not "
                          "committed: visits profile/name")));
  client.Close(kLong);
}

}  // namespace
}  // namespace sessionhub
