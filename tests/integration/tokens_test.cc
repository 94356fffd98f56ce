// Tokens of a real hub while they change: who is let in, who is not any more, and what is told.
#include <glog/logging.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "hub/config.h"
#include "hub/hub.h"
#include "hub/store/memory_store.h"
#include "sessionhub/client.h"
#include "tests/support/access.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawNode;
using testing::StatusIs;
using testing::WaitFor;

// What a client's log sink was told.
class Told {
 public:
  void Add(LogSeverity severity, const std::string& line) {
    absl::MutexLock lock(&mutex_);
    if (severity == LogSeverity::kError) errors_.push_back(line);
    if (line.find("stream ended") != std::string::npos) ++quiet_ends_;
  }
  std::vector<std::string> errors() const {
    absl::MutexLock lock(&mutex_);
    return errors_;
  }
  // Streams that have ended without an error.
  int quiet_ends() const {
    absl::MutexLock lock(&mutex_);
    return quiet_ends_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> errors_ ABSL_GUARDED_BY(mutex_);
  int quiet_ends_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Counts, as long as it lives, the streams that a hub in this process ends for want of a token.
class RefusedNodes : public google::LogSink {
 public:
  RefusedNodes() { google::AddLogSink(this); }
  ~RefusedNodes() override { google::RemoveLogSink(this); }

  int count() const { return count_; }

  void send(google::LogSeverity, const char*, const char*, int, const google::LogMessageTime&,
            const char* message, size_t bytes) override {
    if (std::string(message, bytes).find("event=node_refused") != std::string::npos) ++count_;
  }

 private:
  std::atomic<int> count_ = 0;
};

class TokensTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(hub_.Start()); }

  Client Connect(const std::string& token, const std::shared_ptr<Told>& told) {
    ClientOptions options = testing::QuickOptions(hub_.endpoint(), "web-1");
    options.token = token;
    options.log_sink = [told](LogSeverity severity, const std::string& line) {
      told->Add(severity, line);
    };
    return Client::Connect(std::move(options)).value();
  }
  grpc::Status Attach(const std::string& token) {
    RawNode node(hub_.endpoint(), testing::kApp, "web-2", 'b', token);
    return node.Attach().has_attached() ? grpc::Status::OK : node.Finish();
  }
  std::string WithAnotherSecret(const std::string& token) const {
    TokenText text = *ParseToken(token);
    text.secret = std::string(64, 'f');
    return text.ToText();
  }

  testing::TokensFile tokens_;
  const std::string token_ = tokens_.Add(Role::kNode, testing::kApp);
  testing::HubProcess hub_{{"--tokens-file", tokens_.path(), "--heartbeat-ms", "200"}};
};

TEST_F(TokensTest, ARevokedTokenEndsALiveStreamAndARestoredOneGoesOn) {
  const auto told = std::make_shared<Told>();
  Client client = Connect(token_, told);
  auto session = testing::OpenOrCreate(client, "session-1");
  ASSERT_OK(session);
  tokens_.Revoke(token_);
  ASSERT_TRUE(WaitFor([&] { return !client.attached(); }));
  ASSERT_TRUE(WaitFor([&] { return !told->errors().empty(); }));
  EXPECT_THAT(told->errors().front(), HasSubstr("does not let this client in"));
  EXPECT_THAT(told->errors().front(), HasSubstr("was revoked"));
  OpenOptions open;
  open.timeout = milliseconds(300);
  EXPECT_THAT(client.Open("session-2", open),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("no hub was reached")));
  Edit edit = session->Begin();
  edit.Set("n", int64_t{1});
  const Committed late = std::move(edit).Commit(Ack::kDurable, milliseconds(300));
  EXPECT_EQ(late.kind, Committed::Kind::kUnknown);
  EXPECT_THAT(late.status, StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("pending")));
  // It has gone on trying: what was pending is applied.
  tokens_.Restore(token_);
  ASSERT_TRUE(WaitFor([&] { return client.attached(); }));
  Edit another = session->Begin();
  another.Increment("n");
  ASSERT_OK(testing::Apply(std::move(another)).status);
  EXPECT_EQ(testing::IntegerAt(*session, "n"), 2);
}

TEST_F(TokensTest, ATokenThatExpiresEndsALiveStream) {
  const auto told = std::make_shared<Told>();
  Client client = Connect(token_, told);
  ASSERT_TRUE(WaitFor([&] { return client.attached(); }));
  // It expires while the stream lives, and not at once.
  const std::time_t expiry = std::time(nullptr) + 3;
  tokens_.SetExpiry(token_, static_cast<uint64_t>(expiry));
  ASSERT_TRUE(WaitFor([&] { return !client.attached(); }));
  EXPECT_GE(std::time(nullptr), expiry);
  ASSERT_TRUE(WaitFor([&] { return !told->errors().empty(); }));
  EXPECT_THAT(told->errors().front(), HasSubstr("has expired"));
}

TEST_F(TokensTest, ANewTokenIsLetInWithoutARestart) {
  // Made by somebody else, so the hub has never met it.
  const std::string fresh = MakeToken({1, 2, 3, 4, 5, 6}, {7}).ToText();
  const grpc::Status before = Attach(fresh);
  EXPECT_EQ(before.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(before.error_message(), HasSubstr("is not known here"));
  tokens_.AddText(fresh, Role::kNode, testing::kApp);
  EXPECT_TRUE(WaitFor([&] { return Attach(fresh).ok(); }));
  EXPECT_TRUE(Attach(token_).ok()) << "and the others stay";
}

TEST_F(TokensTest, AClientIsToldOnceWhileItGoesOnTrying) {
  const auto told = std::make_shared<Told>();
  Client client = Connect(WithAnotherSecret(token_), told);
  ASSERT_TRUE(WaitFor([&] { return !told->errors().empty(); }));
  EXPECT_THAT(told->errors().front(), HasSubstr("is not right"));
  EXPECT_THAT(told->errors().front(), Not(HasSubstr("ffff")));
  ASSERT_TRUE(WaitFor([&] { return told->quiet_ends() >= 3; }));
  EXPECT_EQ(told->errors().size(), 1u);
  EXPECT_THAT(client.CountSessions("", milliseconds(2'000)).status().message(), HasSubstr("token"));
}

// Whoever guesses, or has an old secret in his configuration, comes from where the bearer does.
TEST_F(TokensTest, WrongSecretsKeepTheRightOneOutNowhere) {
  constexpr int kGuesses = 20;
  const std::string guess = WithAnotherSecret(token_);
  for (int i = 0; i < kGuesses; ++i) {
    EXPECT_EQ(Attach(guess).error_code(), grpc::StatusCode::UNAUTHENTICATED) << i;
    EXPECT_TRUE(Attach(token_).ok()) << i;
  }
}

TEST_F(TokensTest, AFileThatIsDamagedShutsNobodyOut) {
  tokens_.WriteText("anything");
  ASSERT_TRUE(
      WaitFor([&] { return hub_.log().find("event=tokens_not_loaded") != std::string::npos; }));
  EXPECT_TRUE(Attach(token_).ok());
}

TEST_F(TokensTest, SecretsAndWhatIsNoTokenAreNotLogged) {
  const std::string guess = WithAnotherSecret(token_);
  Attach(token_);
  Attach(guess);
  Attach("password-of-somebody");
  hub_.Terminate();
  ASSERT_OK(hub_.Wait());
  const std::string log = hub_.log();
  EXPECT_THAT(log, HasSubstr("event=caller_refused"));
  EXPECT_THAT(log, Not(HasSubstr(ParseToken(token_)->secret)));
  EXPECT_THAT(log, Not(HasSubstr(ParseToken(guess)->secret)));
  EXPECT_THAT(log, Not(HasSubstr("password-of-somebody")));
}

TEST_F(TokensTest, OnePortIsOpenAndNoOther) {
  Attach(token_);
  EXPECT_THAT(hub_.listening(), ElementsAre(hub_.endpoint()));
}

TEST(TokensStartTest, AFileThatOthersMayReadStopsTheStart) {
  testing::TokensFile tokens;
  ASSERT_EQ(chmod(tokens.path().c_str(), 0644), 0);
  testing::HubProcess hub({"--tokens-file", tokens.path()});
  EXPECT_EQ(*hub.RunToItsEnd(), 1);
  EXPECT_THAT(hub.log(), HasSubstr("chmod 600 " + tokens.path()));
}

TEST(TokensStartTest, AMissingFileStopsTheStart) {
  testing::HubProcess hub({"--tokens-file", "/nowhere/tokens"});
  EXPECT_EQ(*hub.RunToItsEnd(), 1);
  EXPECT_THAT(hub.log(), HasSubstr("/nowhere/tokens"));
}

// A reload does not wait for the hub's own next look, and tells what is wrong.
TEST(TokensReloadTest, AReloadEndsRevokedStreamsAtOnce) {
  testing::TokensFile tokens;
  const std::string token = tokens.Add(Role::kNode, testing::kApp);
  hub::Config config;
  config.listen = "127.0.0.1:0";
  config.tokens_file = tokens.path();
  auto hub = hub::Hub::Start(config, hub::MemoryStore::Create({1}));
  ASSERT_OK(hub);
  const std::string endpoint = "127.0.0.1:" + std::to_string((*hub)->port());
  RawNode node(endpoint, testing::kApp, "web-1", 'a', token);
  ASSERT_TRUE(node.Attach().has_attached());
  tokens.WriteText("anything");
  EXPECT_THAT((*hub)->ReloadAccess(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("line 1")));
  EXPECT_GT(node.Open("session-1").opened().number(), 0u);
  RefusedNodes refused;
  tokens.Revoke(token);
  EXPECT_OK((*hub)->ReloadAccess());
  EXPECT_EQ(refused.count(), 1) << "the hub's own next look would come too late";
  const grpc::Status ended = node.Finish();
  EXPECT_EQ(ended.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(ended.error_message(), HasSubstr("was revoked"));
}

TEST(TokensStartTest, WithoutAFileNobodyIsAsked) {
  testing::HubProcess hub;
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), testing::kApp, "web-1", 'a');
  EXPECT_TRUE(node.Attach().has_attached());
}

}  // namespace
}  // namespace sessionhub
