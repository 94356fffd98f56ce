// The client library over real gRPC, against a hub that does what the test says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sessionhub/client.h"
#include "tests/support/notification.h"
#include "tests/support/scripted_hub.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using namespace std::chrono_literals;
using absl::StatusCode;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ScriptedHub;
using testing::StatusIs;

// Long enough that only a hang reaches it.
constexpr auto kLong = 30s;

ClientOptions OptionsFor(const std::string& endpoint) {
  ClientOptions options{{endpoint}, "shop", "web-1"};
  options.backoff_min = 1ms;
  options.backoff_max = 20ms;
  return options;
}

OpenOptions IfMissing() {
  OpenOptions options;
  options.create = Create::kIfMissing;
  options.timeout = kLong;
  return options;
}

class ClientStream : public ::testing::Test {
 protected:
  Client Connect() { return *Client::Connect(OptionsFor(hub_.endpoint())); }

  ScriptedHub hub_;
};

uint64_t VersionOf(const testing::ModelHub& model, const std::string& id) {
  const auto* session = model.FindSession(id);
  return session ? session->version : 0;
}

TEST(ClientWithoutHub, ConnectsAtOnceAndOpenEndsAtItsTimeout) {
  absl::StatusOr<Client> client = Client::Connect(OptionsFor("127.0.0.1:1"));
  ASSERT_OK(client);
  EXPECT_FALSE(client->attached());
  OpenOptions options;
  options.timeout = 50ms;
  EXPECT_THAT(client->Open("a", options), StatusIs(StatusCode::kUnavailable, HasSubstr("50 ms")));
}

TEST(ClientWithoutHub, RefusesOptionsThatAreNotLegal) {
  ClientOptions options = OptionsFor("127.0.0.1:1");
  options.app = "no spaces";
  EXPECT_THAT(Client::Connect(options), StatusIs(StatusCode::kInvalidArgument, HasSubstr("app")));
  options = OptionsFor("127.0.0.1:1");
  options.endpoints.clear();
  EXPECT_THAT(Client::Connect(options),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("endpoint")));
}

// The last gRPC channel of a process waits for gRPC's threads when it goes, and the next first one
// waits with it: neither may hold what those threads want. No channel of anybody else is alive
// here.
TEST(ClientWithoutHub, ClientsOfOneProcessTryAgainBesideEachOther) {
  constexpr int kEnds = 3;
  std::atomic<int> tries_of_other = 0;
  std::atomic<int> ends = 0;
  testing::Notification ended;
  ClientOptions options = OptionsFor("127.0.0.1:1");
  options.backoff_max = 1ms;
  options.log_sink = [&](LogSeverity, const std::string&) { ++tries_of_other; };
  Client other = *Client::Connect(options);
  // On gRPC's thread, while this client connects again and the other one does or, as this thread is
  // waited for, does not.
  options.log_sink = [&](LogSeverity, const std::string&) {
    const int tries = tries_of_other;
    testing::WaitFor([&] { return tries_of_other > tries + 2; }, 100ms);
    if (++ends == kEnds) ended.Notify();
  };
  Client client = *Client::Connect(options);
  ended.WaitForNotification();
}

// Refused commits are told by callbacks too, so even those must not gather without a bound.
TEST_F(ClientStream, ACommitPastTheCallbacksThatWaitIsRefusedAtOnce) {
  constexpr size_t kWaitingMax = 100'000;
  testing::Notification running, go_on;
  std::atomic<size_t> told = 0;
  Committed at_once;
  size_t commits = 0;
  const std::thread::id self = std::this_thread::get_id();
  bool ran_here = false;
  {
    ClientOptions options = OptionsFor(hub_.endpoint());
    options.pending_bytes_max = 1;
    Client client = *Client::Connect(std::move(options));
    const Session session = *client.Open("a", IfMissing());
    const auto commit = [&](std::function<void(const Committed&)> done) {
      Edit edit = session.Begin();
      edit.Set("x", 1);
      std::move(edit).Commit(Ack::kDurable, std::move(done));
    };
    commit([&](const Committed&) {
      running.Notify();
      go_on.WaitForNotification();
    });
    running.WaitForNotification();
    while (!ran_here && commits <= kWaitingMax) {
      ++commits;
      commit([&](const Committed& committed) {
        ++told;
        if (std::this_thread::get_id() != self) return;
        ran_here = true;
        at_once = committed;
      });
    }
    go_on.Notify();
  }
  EXPECT_EQ(commits, kWaitingMax + 1);
  EXPECT_EQ(told, commits) << "each is told once";
  EXPECT_EQ(at_once.reason, Committed::Reason::kLimitExceeded);
  EXPECT_THAT(at_once.status,
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("100000 callbacks wait")));
}

TEST_F(ClientStream, CommitsAndReadsItsOwnWriteBeforeTheAnswer) {
  Client client = Connect();
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  hub_.HoldAnswers();
  Edit edit = session->Begin();
  edit.Increment("qty").Set("last", "A");
  EXPECT_EQ(*edit.Get("qty"), Value(1));
  testing::Notification answered;
  Committed committed;
  std::move(edit).Commit(Ack::kDurable, [&](const Committed& done) {
    committed = done;
    answered.Notify();
  });
  EXPECT_EQ(*session->Read()->Get("qty"), Value(1));
  EXPECT_EQ(session->Read()->version(), 1u);
  hub_.WaitUntil([](const auto& model) { return VersionOf(model, "cart") == 2; });
  EXPECT_FALSE(answered.HasBeenNotified());
  hub_.Release();
  answered.WaitForNotification();
  EXPECT_TRUE(committed.applied());
  EXPECT_EQ(committed.version, 2u);
  EXPECT_EQ(session->Read()->version(), 2u);
  EXPECT_EQ(*session->Read()->Get("qty"), Value(1));
}

TEST_F(ClientStream, EditsOfOneSessionDoNotMix) {
  Client client = Connect();
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  Edit sent = session->Begin();
  {
    Edit dropped = session->Begin();
    dropped.Set("b", 2);
    sent.Set("a", 1);
    EXPECT_EQ(sent.Get("b"), nullptr);
  }
  ASSERT_TRUE(std::move(sent).Commit(Ack::kDurable, kLong).applied());
  EXPECT_EQ(session->Read()->field_count(), 1u);
}

TEST_F(ClientStream, ComesBackAfterACutAndSendsAgainOnce) {
  Client client = Connect();
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  hub_.HoldAnswers();
  Edit edit = session->Begin();
  edit.Increment("qty");
  testing::Notification answered;
  Committed committed;
  std::move(edit).Commit(Ack::kDurable, [&](const Committed& done) {
    committed = done;
    answered.Notify();
  });
  // Decided by the hub; the answer is lost with the stream.
  hub_.WaitUntil([](const auto& model) { return VersionOf(model, "cart") == 2; });
  hub_.CutAll();
  hub_.Release();
  answered.WaitForNotification();
  EXPECT_TRUE(committed.applied());
  EXPECT_THAT(hub_.SeqsReceived(), ElementsAre(1, 1));
  EXPECT_EQ(client.stats().resent, 1u);
  EXPECT_EQ(client.stats().attaches, 2u);
  EXPECT_EQ(*session->Read()->Get("qty"), Value(1));
}

TEST_F(ClientStream, AWaitThatEndsLeavesTheChangePending) {
  Client client = Connect();
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  hub_.HoldAnswers();
  Edit edit = session->Begin();
  edit.Increment("qty");
  const Committed committed = std::move(edit).Commit(Ack::kDurable, 1ms);
  EXPECT_EQ(committed.kind, Committed::Kind::kUnknown);
  EXPECT_THAT(committed.status, StatusIs(StatusCode::kDeadlineExceeded, _));
  EXPECT_EQ(client.stats().pending, 1u);
  EXPECT_EQ(client.Close(0ms), 1u);
}

TEST_F(ClientStream, CloseFlushesWhatIsPending) {
  Client client = Connect();
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  for (int i = 0; i < 50; ++i) {
    Edit edit = session->Begin();
    edit.Increment("qty");
    std::move(edit).Commit(Ack::kDurable, [](const Committed&) {});
  }
  EXPECT_EQ(client.Close(kLong), 0u);
  hub_.WaitUntil([](const auto& model) { return VersionOf(model, "cart") == 51; });
  EXPECT_THAT(session->Read(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("closed")));
  EXPECT_THAT(client.Open("cart"), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("closed")));
}

// A Session may outlive its Client; what it is asked then still ends, and starts nothing.
// What the sink writes to may be gone once Close has returned.
TEST_F(ClientStream, CloseWaitsForALineThatIsBeingLogged) {
  testing::Notification logs;
  std::promise<void> closed;
  const std::shared_future<void> is_closed = closed.get_future().share();
  std::atomic<bool> logged = false;
  ClientOptions options = OptionsFor(hub_.endpoint());
  options.backoff_min = options.backoff_max = kLong;  // no other stream, whose end Close awaits
  options.log_sink = [&](LogSeverity, const std::string& line) {
    if (line.find("stream ended") == std::string::npos || logs.HasBeenNotified()) return;
    logs.Notify();
    // Only a Close that waits for this line lets the time pass.
    is_closed.wait_for(300ms);
    logged = true;
  };
  // gRPC's threads end with the last of all channels, and that waits for the line by itself.
  const Client other = Connect();
  Client client = *Client::Connect(std::move(options));
  ASSERT_OK(client.Open("s-1", IfMissing()));
  hub_.CutAll();
  logs.WaitForNotification();
  client.Close(0ms);
  EXPECT_TRUE(logged);
  closed.set_value();
}

TEST_F(ClientStream, ACommitAfterCloseEndsOnTheCaller) {
  std::optional<Client> client = Connect();
  absl::StatusOr<Session> session = client->Open("cart", IfMissing());
  ASSERT_OK(session);
  Edit empty = session->Begin();
  client->Close(0ms);
  client.reset();
  std::vector<Committed::Kind> ends;
  const auto caller = std::this_thread::get_id();
  const auto note = [&](const Committed& done) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    ends.push_back(done.kind);
  };
  std::move(session->Begin().Set("a", 1)).Commit(Ack::kDurable, note);
  std::move(empty).Commit(Ack::kDurable, note);
  EXPECT_THAT(ends, ElementsAre(Committed::Kind::kRefused, Committed::Kind::kApplied));
}

TEST_F(ClientStream, StaysAwayOnceReplaced) {
  Client client = Connect();
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  hub_.HoldAnswers();
  Edit edit = session->Begin();
  edit.Increment("qty");
  testing::Notification answered;
  Committed committed;
  std::move(edit).Commit(Ack::kDurable, [&](const Committed& done) {
    committed = done;
    answered.Notify();
  });
  hub_.SayGoodbye(v1::Goodbye::REPLACED);
  answered.WaitForNotification();
  EXPECT_EQ(committed.kind, Committed::Kind::kUnknown);
  EXPECT_THAT(session->Read(), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("REPLACED")));
  EXPECT_THAT(client.Open("other"), StatusIs(StatusCode::kFailedPrecondition, _));
  EXPECT_THAT(std::move(session->Begin().Set("a", 1)).Commit(Ack::kDurable, kLong).status,
              StatusIs(StatusCode::kFailedPrecondition, _));
  EXPECT_EQ(hub_.attaches(), 1u);
}

TEST_F(ClientStream, RefusesACommitPastThePendingBound) {
  ClientOptions options = OptionsFor(hub_.endpoint());
  options.pending_bytes_max = 484;
  Client client = *Client::Connect(options);
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  hub_.HoldAnswers();
  // "a" and its end mark are 2 bytes; the operation counts 128, the commit 256.
  std::move(session->Begin().Set("a", std::string(98, 'x'))).Commit(Ack::kDurable, 1ms);
  const Committed past = std::move(session->Begin().Set("a", true)).Commit(Ack::kDurable, kLong);
  EXPECT_EQ(past.kind, Committed::Kind::kRefused);
  EXPECT_THAT(past.status, StatusIs(StatusCode::kResourceExhausted, HasSubstr("484")));
}

// What each call that waits for the hub answers here and now; SessionLock::Prolong, which needs a
// lock, is in locks_test.cc.
std::map<std::string, absl::Status> BlockingCalls(Client* client, Session* session) {
  constexpr auto kShort = 1s;  // only a call that is not refused takes it
  OpenOptions open = IfMissing();
  open.timeout = kShort;
  LockOptions lock;
  lock.timeout = kShort;
  const auto object = std::make_shared<int>(1);
  Edit tracking = session->Begin();
  tracking.Track("b", object, [](int n) { return Value(n); });
  return {
      {"Open", client->Open("other", open).status()},
      {"OpenAll", client->OpenAll({"other"}, open)[0].status()},
      {"ListSessions", client->ListSessions({}, kShort).status()},
      {"CountSessions", client->CountSessions("", kShort).status()},
      {"DeleteSessionsOfOwner", client->DeleteSessionsOfOwner("ada", kShort).status()},
      {"ChangeId", session->ChangeId("another", 0ms, kShort)},
      {"Lock", session->Lock(lock).status()},
      {"Commit", std::move(session->Begin().Set("b", 1)).Commit(Ack::kDurable, kShort).status},
      {"Commit, received",
       std::move(session->Begin().Set("b", 1)).Commit(Ack::kReceived, kShort).status},
      {"Commit of a tracked object", std::move(tracking).Commit(Ack::kDurable, kShort).status},
      {"Delete", session->Delete(kShort).status},
  };
}

TEST_F(ClientStream, RefusesABlockingCallInACallback) {
  Client client = Connect();
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  testing::Notification told;
  std::map<std::string, absl::Status> answers;
  Edit edit = session->Begin();
  edit.Set("a", 1);
  std::move(edit).Commit(Ack::kDurable, [&](const Committed&) {
    answers = BlockingCalls(&client, &*session);
    told.Notify();
  });
  told.WaitForNotification();
  EXPECT_EQ(answers.size(), 11u);
  for (const auto& [call, status] : answers) {
    EXPECT_THAT(status, StatusIs(StatusCode::kFailedPrecondition, HasSubstr("callback"))) << call;
  }
  EXPECT_THAT(hub_.SeqsReceived(), ElementsAre(1)) << "what was refused is sent nevertheless";
  EXPECT_EQ(session->id(), "cart");
  ASSERT_OK(session->Read());
  EXPECT_EQ(session->Read()->Get("b"), nullptr);
}

bool Refused(const absl::Status& status) {
  return status.code() == StatusCode::kFailedPrecondition;
}

// The number of the first call of its parent's client that a forked child has no answer for; 0 if
// each answers at once.
int UnansweredInAChild(Client* client, Session session, const std::string& endpoint) {
  Edit waiting = session.Begin();
  Edit calling_back = session.Begin();
  waiting.Set("a", 1);
  calling_back.Set("a", 2);
  const pid_t child = fork();
  if (child != 0) {
    int status = 0;
    return waitpid(child, &status, 0) == child ? status : -1;
  }
  if (!Refused(session.Read().status())) _exit(1);
  if (!Refused(client->Open("cart").status())) _exit(2);
  if (!Refused(std::move(waiting).Commit(Ack::kDurable, kLong).status)) _exit(3);
  absl::Status told;
  std::move(calling_back).Commit(Ack::kDurable, [&](const Committed& committed) {
    told = committed.status;
  });
  if (!Refused(told)) _exit(4);
  if (!Refused(session.Delete(kLong).status)) _exit(5);
  if (client->attached() || client->stats().attaches != 0) _exit(6);
  // gRPC does not survive a fork, so that another client could only hang or abort.
  if (!Refused(Client::Connect(OptionsFor(endpoint)).status())) _exit(7);
  if (client->Close(kLong) != 0) _exit(8);
  _exit(0);
}

TEST_F(ClientStream, DoesNotWorkInAForkedChild) {
  Client client = Connect();
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  EXPECT_EQ(UnansweredInAChild(&client, *session, hub_.endpoint()), 0);
  EXPECT_OK(session->Read());
}

TEST_F(ClientStream, AnEndedSessionIsNotFoundAndItsNextLifeIsAnother) {
  Client client = Connect();
  absl::StatusOr<Session> session = client.Open("cart", IfMissing());
  ASSERT_OK(session);
  EXPECT_TRUE(session->Delete(kLong).applied());
  EXPECT_THAT(session->Read(), StatusIs(StatusCode::kNotFound, _));
  absl::StatusOr<Session> next = client.Open("cart", IfMissing());
  ASSERT_OK(next);
  EXPECT_NE(next->number(), session->number());
  EXPECT_THAT(session->Read(), StatusIs(StatusCode::kNotFound, _));
  EXPECT_OK(next->Read());
}

TEST_F(ClientStream, ForwardsReachTheOtherNode) {
  Client writer = Connect();
  ClientOptions options = OptionsFor(hub_.endpoint());
  options.node_name = "web-2";
  Client reader = *Client::Connect(options);
  absl::StatusOr<Session> written = writer.Open("cart", IfMissing());
  ASSERT_OK(written);
  absl::StatusOr<Session> read = reader.Open("cart", IfMissing());
  ASSERT_OK(read);
  const Committed done = std::move(written->Begin().Set("a", 1)).Commit(Ack::kDurable, kLong);
  ASSERT_TRUE(done.applied());
  OpenOptions seen = IfMissing();
  seen.at_least_version = done.version;
  ASSERT_OK(reader.Open("cart", seen));
  EXPECT_EQ(*read->Read()->Get("a"), Value(1));
  EXPECT_EQ(writer.stats().forwards_received, 0u);
}

}  // namespace
}  // namespace sessionhub
