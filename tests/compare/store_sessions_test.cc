// Web nodes that share sessions by a store, each strategy with the real server on loopback. Without
// that server, its cases are skipped.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "bench/compare/node_sessions.h"
#include "bench/compare/store_server.h"
#include "bench/limits/redis_link.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/wait_for.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::StatusIs;
using ::sessionhub::testing::WaitFor;
using ::testing::_;

struct Strategy {
  const char* name;
  StoreProgram (*program)();
  MadeNodeSessions (*make)(const NodeSessionsOptions& options);
  bool kept_on_disk = true;
  // A node goes on with its own copy after another has changed the session.
  bool keeps_old_copy = false;
  // Two changes of different fields at once may leave one of them.
  bool stores_whole = false;
};

// For the names of cases: the same in every run.
void PrintTo(const Strategy& strategy, std::ostream* out) {
  *out << strategy.name;
}

const Strategy kStrategies[] = {
    {"memcached_sticky", MemcachedProgram, MakeMemcachedSessions, false, true, true},
    {"memcached", MemcachedProgram, MakeMemcachedSessions, false, false, true},
    {"redis_whole", RedisProgram, MakeRedisSessions, true, false, true},
    {"redis_fields", RedisProgram, MakeRedisSessions},
    {"redis_publish", RedisProgram, MakeRedisSessions},
    {"redis_channels", RedisProgram, MakeRedisSessions},
    {"redis_tracking", RedisProgram, MakeRedisSessions},
    {"postgres", PostgresProgram, MakePostgresSessions, true, false, true},
};

constexpr char kNobody[] = "127.0.0.1:1";

const SessionFields kFields = {{"f00", "zero"}, {"f01", "one"}, {"f02", std::string(60'000, 'x')}};

NodeSessionsOptions OptionsOf(const std::string& strategy, const std::string& server,
                              size_t node = 0) {
  NodeSessionsOptions options;
  options.strategy = strategy;
  options.server = server;
  options.node = node;
  return options;
}

SessionFields With(SessionFields fields, const std::string& name, const std::string& value) {
  fields[name] = value;
  return fields;
}

class StoreSessions : public ::testing::TestWithParam<Strategy> {
 protected:
  void SetUp() override {
    server_ = std::make_unique<StoreServer>(GetParam().program(), OnLoopback(), folder_.path());
    const absl::Status started = server_->Start();
    if (absl::IsNotFound(started)) GTEST_SKIP() << started.message();
    ASSERT_OK(started);
    for (std::unique_ptr<NodeSessions>& node : nodes_) node = Make(&node - nodes_);
  }

  std::unique_ptr<NodeSessions> Make(size_t number) {
    MadeNodeSessions made = GetParam().make(OptionsOf(GetParam().name, server_->Address(), number));
    EXPECT_OK(made);
    return made.ok() ? *std::move(made) : nullptr;
  }

  // The node has the session so, at once or, where it is told of changes, soon.
  void ExpectAt(size_t node, const std::string& id, const SessionFields& fields) {
    EXPECT_TRUE(WaitFor([&] {
      const absl::StatusOr<SessionFields> read = nodes_[node]->Read(id);
      return read.ok() && *read == fields;
    })) << "node "
        << node << " has another session, or none: " << nodes_[node]->Read(id).status();
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<StoreServer> server_;
  std::unique_ptr<NodeSessions> nodes_[2];
};

TEST_P(StoreSessions, AreCreatedChangedAndRead) {
  ASSERT_OK(nodes_[0]->Create("a", kFields));
  EXPECT_EQ(nodes_[0]->Read("a").value(), kFields);
  ASSERT_OK(nodes_[0]->Change("a", {{"f01", "uno"}, {"f03", "new"}}));
  EXPECT_EQ(nodes_[0]->Read("a").value(), With(With(kFields, "f01", "uno"), "f03", "new"));
}

TEST_P(StoreSessions, AreFoundByTheOtherNode) {
  ASSERT_OK(nodes_[0]->Create("a", kFields));
  ASSERT_OK(nodes_[0]->Change("a", {{"f01", "uno"}}));
  ExpectAt(1, "a", With(kFields, "f01", "uno"));
  ASSERT_OK(nodes_[1]->Change("a", {{"f00", "nil"}}));
  EXPECT_EQ(nodes_[1]->Read("a").value(), With(With(kFields, "f01", "uno"), "f00", "nil"));
}

TEST_P(StoreSessions, ChangesAreSeenByANodeThatHasReadIt) {
  if (GetParam().keeps_old_copy) GTEST_SKIP() << "a sticky node never looks for others' changes";
  ASSERT_OK(nodes_[0]->Create("a", kFields));
  SessionFields fields = kFields;
  ExpectAt(0, "a", fields);
  ExpectAt(1, "a", fields);
  for (int turn = 0; turn < 20; ++turn) {
    const SessionFields change = {{"f00", std::to_string(turn)}};
    ASSERT_OK(nodes_[turn % 2]->Change("a", change));
    fields["f00"] = change.at("f00");
    EXPECT_EQ(nodes_[turn % 2]->Read("a").value(), fields) << "a node sees its own change at once";
    ExpectAt(1 - turn % 2, "a", fields);
  }
}

TEST_P(StoreSessions, UnknownOnesAreNotFound) {
  EXPECT_THAT(nodes_[0]->Read("nobody"), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(nodes_[0]->Change("nobody", {{"f00", "x"}}),
              StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_THAT(nodes_[1]->Read("nobody"), StatusIs(absl::StatusCode::kNotFound, _))
      << "the change has made one";
}

TEST_P(StoreSessions, TakeChangesOfManyThreads) {
  constexpr int kThreads = 8;
  constexpr int kChanges = 50;
  ASSERT_OK(nodes_[0]->Create("a", {{"f00", ""}}));
  ExpectAt(1, "a", {{"f00", ""}});
  SessionFields expected = {{"f00", ""}};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    const std::string name = "g" + std::to_string(thread);
    expected[name] = std::to_string(kChanges - 1);
    threads.emplace_back([this, thread, name] {
      for (int i = 0; i < kChanges; ++i) {
        EXPECT_OK(nodes_[thread % 2]->Change("a", {{name, std::to_string(i)}}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (GetParam().stores_whole) return;  // its nature is that some may be lost
  ExpectAt(0, "a", expected);
  ExpectAt(1, "a", expected);
}

TEST_P(StoreSessions, OutliveTheRestartOfTheServerOnDisk) {
  ASSERT_OK(nodes_[0]->Create("a", kFields));
  ASSERT_OK(nodes_[0]->Change("a", {{"f01", "uno"}}));
  ExpectAt(1, "a", With(kFields, "f01", "uno"));
  ASSERT_OK(server_->Restart());
  const std::unique_ptr<NodeSessions> fresh = Make(2);
  if (!GetParam().kept_on_disk) {
    EXPECT_THAT(fresh->Read("a"), StatusIs(absl::StatusCode::kNotFound, _));
    ASSERT_OK(nodes_[0]->Create("b", kFields)) << "nodes connect anew";
    return;
  }
  EXPECT_EQ(fresh->Read("a").value(), With(kFields, "f01", "uno"));
  // The nodes that were there connect anew, and hear of changes again.
  ExpectAt(0, "a", With(kFields, "f01", "uno"));
  ExpectAt(1, "a", With(kFields, "f01", "uno"));
  ASSERT_OK(nodes_[1]->Change("a", {{"f01", "eins"}}));
  ExpectAt(0, "a", With(kFields, "f01", "eins"));
}

INSTANTIATE_TEST_SUITE_P(Each, StoreSessions, ::testing::ValuesIn(kStrategies),
                         [](const auto& it) { return std::string(it.param.name); });

TEST(MakeStoreSessions, KnowTheirOwnNamesOnly) {
  for (const auto make : {MakeMemcachedSessions, MakeRedisSessions, MakePostgresSessions}) {
    const MadeNodeSessions made = make(OptionsOf("sessionhub_push", kNobody));
    ASSERT_OK(made);
    EXPECT_EQ(*made, nullptr);
  }
}

TEST(MakeStoreSessions, AreUnavailableWithoutAServer) {
  for (const Strategy& strategy : kStrategies) {
    EXPECT_THAT(strategy.make(OptionsOf(strategy.name, kNobody)),
                StatusIs(absl::StatusCode::kUnavailable, _))
        << strategy.name;
  }
}

class EveryStoreServer : public ::testing::TestWithParam<StoreProgram (*)()> {};

TEST_P(EveryStoreServer, LeavesNothingBehind) {
  const testing::TemporaryFolder folder;
  std::vector<pid_t> pids;
  {
    StoreServer server(GetParam()(), OnLoopback(), folder.path());
    const absl::Status started = server.Start();
    if (absl::IsNotFound(started)) GTEST_SKIP() << started.message();
    ASSERT_OK(started);
    const std::string address = server.Address();
    pids = server.Pids();
    EXPECT_FALSE(pids.empty());
    ASSERT_OK(server.Restart());
    EXPECT_EQ(server.Address(), address);
    for (const pid_t pid : server.Pids()) pids.push_back(pid);
  }
  for (const pid_t pid : pids) {
    EXPECT_TRUE(WaitFor([&] { return !std::filesystem::exists("/proc/" + std::to_string(pid)); }))
        << "process " << pid << " still runs";
  }
}

TEST(RedisStores, SyncAsTheySay) {
  struct Redis {
    StoreProgram (*program)();
    const char* appendfsync;
  };
  for (const Redis& redis :
       {Redis{RedisProgram, "everysec"}, Redis{SyncedRedisProgram, "always"}}) {
    const testing::TemporaryFolder folder;
    StoreServer server(redis.program(), OnLoopback(), folder.path());
    const absl::Status started = server.Start();
    if (absl::IsNotFound(started)) GTEST_SKIP() << started.message();
    ASSERT_OK(started);
    const absl::StatusOr<HostPort> address = ParseHostPort(server.Address());
    ASSERT_OK(address);
    absl::StatusOr<RedisLink> link = RedisLink::Connect(address->host, address->port);
    ASSERT_OK(link);
    const absl::StatusOr<RedisReply> reply = link->Ask({"CONFIG", "GET", "appendfsync"});
    ASSERT_OK(reply);
    ASSERT_EQ((*reply)->elements, 2u);
    EXPECT_STREQ((*reply)->element[1]->str, redis.appendfsync);
  }
}

constexpr int kAsExpected = 0;
constexpr int kNotAsExpected = 1;
constexpr int kNotAllowed = 2;

// As the first process of a user namespace in which its maker, as root, is the only user.
int AskForAnotherUserThere() {
  const std::string user = std::to_string(geteuid());
  if (unshare(CLONE_NEWUSER) != 0) return kNotAllowed;
  std::ofstream map("/proc/self/uid_map");
  if (!(map << "0 " << user << " 1" << std::flush)) return kNotAllowed;
  const auto argv = AsUser("memcache", "KILL", {"memcached"});
  const bool told =
      absl::IsNotFound(argv.status()) && absl::StrContains(argv.status().message(), "as root");
  return told ? kAsExpected : kNotAsExpected;
}

TEST(AsUser, SaysThatAUserNamespaceHasNoOtherUser) {
  const pid_t child = fork();
  if (child == 0) _exit(AskForAnotherUserThere());
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNotAllowed) GTEST_SKIP() << "user namespaces are not allowed";
  EXPECT_EQ(WEXITSTATUS(status), kAsExpected);
}

INSTANTIATE_TEST_SUITE_P(Each, EveryStoreServer,
                         ::testing::Values(MemcachedProgram, RedisProgram, SyncedRedisProgram,
                                           PostgresProgram),
                         [](const auto& it) { return it.param().name; });

}  // namespace
}  // namespace sessionhub::bench
