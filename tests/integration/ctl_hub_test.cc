// sessionhubctl against a real hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "client/ctl/commands.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub::ctl {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

class CtlHubTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    client_.emplace(testing::ConnectTo(hub_.endpoint(), "web-1"));
    auto session = testing::OpenOrCreate(*client_, "session-1");
    ASSERT_OK(session);
    session_.emplace(*session);
  }

  Ran Run(std::vector<std::string> arguments) const {
    const std::vector<std::string> hub = {"--endpoint", hub_.endpoint()};
    arguments.insert(arguments.begin(), hub.begin(), hub.end());
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{in, out, err, false};
    const ExitCode code = RunProgram(arguments, terminal);
    return {static_cast<int>(code), out.str(), err.str()};
  }
  Ran Sessions(std::vector<std::string> arguments) const {
    const std::vector<std::string> command = {"sessions", "--app", testing::kApp};
    arguments.insert(arguments.begin(), command.begin(), command.end());
    return Run(std::move(arguments));
  }
  Ran Watch(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "watch");
    return Sessions(std::move(arguments));
  }
  // Two nodes hear of the session: the watcher is there.
  void AwaitWatcher() {
    testing::HubProbe probe(hub_.endpoint());
    ASSERT_TRUE(testing::WaitFor(
        [&] { return probe.Session(testing::kApp, "session-1").summary().nodes() == 2; }));
  }
  void Set(int64_t n) {
    Edit edit = session_->Begin();
    edit.Set("cart/qty", n).Erase("old");
    ASSERT_OK(testing::Apply(std::move(edit)).status);
  }

  testing::HubProcess hub_;
  std::optional<Client> client_;
  std::optional<Session> session_;
};

TEST_F(CtlHubTest, PrintsALineForEachEventUntilTheEnd) {
  Ran ran;
  std::thread watcher([&] { ran = Watch({"session-1"}); });
  AwaitWatcher();
  Set(1);
  EXPECT_TRUE(session_->Delete(testing::kPatience).applied());
  watcher.join();
  EXPECT_EQ(ran.code, 0) << ran.err;
  // What came before the first event was subscribed to is in the version that it begins with.
  EXPECT_THAT(ran.out, HasSubstr("deleted\n"));
  EXPECT_THAT(ran.err, HasSubstr("Watching from version "));
}

TEST_F(CtlHubTest, EndsAfterSoManyEventsAndSpeaksJson) {
  Ran ran;
  bool ended = false;
  absl::Mutex mutex;
  std::thread watcher([&] {
    ran = Watch({"session-1", "--count", "2", "--output", "json"});
    absl::MutexLock lock(&mutex);
    ended = true;
  });
  AwaitWatcher();
  int64_t n = 0;
  ASSERT_TRUE(testing::WaitFor([&] {
    Set(++n);
    absl::MutexLock lock(&mutex);
    return ended;
  }));
  watcher.join();
  EXPECT_EQ(ran.code, 0) << ran.err;
  std::istringstream lines(ran.out);
  std::string line;
  uint64_t at = 0;
  int events = 0;
  while (std::getline(lines, line)) {
    const json event = json::parse(line);
    ++events;
    ASSERT_EQ(event["event"], "changed") << line;
    if (at != 0) {
      EXPECT_EQ(event["from"], at);
    }
    at = event["to"];
    EXPECT_EQ(event["changes"][0]["path"], "cart/qty");
    EXPECT_EQ(event["changes"][0]["type"], "int64");
    EXPECT_EQ(event["changes"][1]["erased"], "field");
  }
  EXPECT_EQ(events, 2);
}

TEST_F(CtlHubTest, AWatcherThatMustStayAwayEndsAndSaysSo) {
  Ran ran;
  std::thread watcher([&] { ran = Watch({"session-1"}); });
  AwaitWatcher();
  std::string name;
  const json nodes = json::parse(Run({"nodes", "--output", "json"}).out);
  for (const json& node : nodes["nodes"]) {
    if (node["name"] != "web-1") name = node["name"];
  }
  const Client second = testing::ConnectTo(hub_.endpoint(), name);
  watcher.join();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("lost\n"));
  EXPECT_THAT(ran.err, HasSubstr("watch it again"));
}

TEST_F(CtlHubTest, ListsNodes) {
  const Ran ran = Run({"nodes", "--output", "json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const json nodes = json::parse(ran.out)["nodes"];
  ASSERT_EQ(nodes.size(), 1u);
  EXPECT_EQ(nodes[0]["app"], testing::kApp);
  EXPECT_EQ(nodes[0]["name"], "web-1");
  EXPECT_EQ(nodes[0]["attached"], true);
  EXPECT_EQ(nodes[0]["interests"], 1);
}

// More than two pages, and ids in all slots.
TEST_F(CtlHubTest, ListsEverySessionOnce) {
  std::vector<std::string> ids;
  for (int i = 0; i < 2'500; ++i) ids.push_back("s" + std::to_string(i));
  OpenOptions options;
  options.create = Create::kIfMissing;
  options.timeout = testing::kPatience;
  for (const auto& session : client_->OpenAll(ids, options)) ASSERT_OK(session);
  ids.emplace_back("session-1");
  const Ran ran = Sessions({"list", "--full-ids", "--output", "json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const json listed = json::parse(ran.out);
  std::vector<std::string> found;
  for (const json& session : listed["sessions"]) found.push_back(session["id"]);
  EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(ids));
  EXPECT_EQ(listed["complete"], true);
  const json some = json::parse(Sessions({"list", "--limit", "1500", "--output", "json"}).out);
  EXPECT_EQ(some["sessions"].size(), 1'500u);
  EXPECT_EQ(some["complete"], false);
}

TEST_F(CtlHubTest, AnOwnerIsShownByItsBeginningUnlessItIsNamedOrAskedFor) {
  auto owned = testing::OpenOrCreate(*client_, "ada-1");
  ASSERT_OK(owned);
  Edit edit = owned->Begin();
  edit.SetOwner("customer-7");
  ASSERT_OK(testing::Apply(std::move(edit)).status);
  const auto listed = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "list");
    arguments.insert(arguments.end(), {"--output", "json"});
    const json all = json::parse(Sessions(arguments).out);
    for (const json& session : all["sessions"]) {
      if (session["owner_hash"] != "") return session;
    }
    return json();
  };
  EXPECT_EQ(listed({})["owner"], "custom…");
  EXPECT_EQ(listed({})["owner_complete"], false);
  for (const std::vector<std::string>& whole :
       {std::vector<std::string>{"--full-ids"}, {"--owner", "customer-7"}}) {
    EXPECT_EQ(listed(whole)["owner"], "customer-7");
    EXPECT_EQ(listed(whole)["owner_complete"], true);
    EXPECT_EQ(listed(whole)["owner_hash"], listed({})["owner_hash"]);
  }
}

TEST_F(CtlHubTest, AnOwnersSessionsAreListedCountedAndDeletedAndNoOthers) {
  for (const auto& [id, owner] : {std::pair{"ada-1", "ada"}, {"ada-2", "ada"}, {"bob-1", "bob"}}) {
    auto owned = testing::OpenOrCreate(*client_, id);
    ASSERT_OK(owned);
    Edit edit = owned->Begin();
    edit.SetOwner(owner);
    ASSERT_OK(testing::Apply(std::move(edit)).status);
  }
  const Ran list = Sessions({"list", "--owner", "ada", "--full-ids", "--output", "json"});
  EXPECT_EQ(list.code, 0) << list.err;
  const json listed = json::parse(list.out);
  std::vector<std::string> ids;
  for (const json& session : listed["sessions"]) ids.push_back(session["id"]);
  EXPECT_THAT(ids, ::testing::UnorderedElementsAre("ada-1", "ada-2"));
  EXPECT_EQ(Sessions({"count", "--owner", "ada"}).out, "2\n");
  EXPECT_EQ(Sessions({"count"}).out, "4\n");

  const Ran deleted = Sessions({"delete", "--owner", "ada", "--yes", "--output", "json"});
  EXPECT_EQ(deleted.code, 0) << deleted.err;
  EXPECT_EQ(json::parse(deleted.out)["deleted"], 2);
  EXPECT_EQ(Sessions({"count", "--owner", "ada"}).out, "0\n");
  EXPECT_EQ(Sessions({"count"}).out, "2\n");
}

// One more than a page of the list and of the count, and than are deleted at once.
TEST_F(CtlHubTest, AnOwnerMayHaveMoreSessionsThanAPageHolds) {
  std::vector<std::string> ids;
  for (int i = 0; i < 1'001; ++i) ids.push_back("s" + std::to_string(i));
  OpenOptions options;
  options.create = Create::kIfMissing;
  options.timeout = testing::kPatience;
  options.owner = "ada";
  for (const auto& session : client_->OpenAll(ids, options)) ASSERT_OK(session);
  const Ran list = Sessions({"list", "--owner", "ada", "--full-ids", "--output", "json"});
  const json listed = json::parse(list.out);
  std::vector<std::string> found;
  for (const json& session : listed["sessions"]) found.push_back(session["id"]);
  EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(ids));
  EXPECT_EQ(Sessions({"count", "--owner", "ada"}).out, "1001\n");
  EXPECT_EQ(Sessions({"count"}).out, "1002\n");
  const Ran deleted = Sessions({"delete", "--owner", "ada", "--yes", "--output", "json"});
  EXPECT_EQ(json::parse(deleted.out)["deleted"], 1'001) << deleted.err;
  EXPECT_EQ(Sessions({"count"}).out, "1\n");
}

TEST_F(CtlHubTest, ShowsASessionAndDeletesIt) {
  Set(7);
  const Ran got = Sessions({"get", "session-1", "--output", "json"});
  EXPECT_EQ(got.code, 0) << got.err;
  const json session = json::parse(got.out);
  EXPECT_EQ(session["version"], 2);
  ASSERT_EQ(session["fields"].size(), 1u);
  EXPECT_EQ(session["fields"][0]["path"], "cart/qty");
  EXPECT_EQ(session["fields"][0]["value"], 7);
  const Ran deleted = Sessions({"delete", "session-1", "--yes"});
  EXPECT_EQ(deleted.code, 0) << deleted.err;
  EXPECT_EQ(Sessions({"get", "session-1"}).code, 3);
  EXPECT_EQ(Sessions({"delete", "session-1", "--yes"}).code, 3);
  EXPECT_TRUE(testing::WaitFor([&] { return absl::IsNotFound(session_->Read().status()); }));
}

TEST_F(CtlHubTest, ASessionThatIsNotThereIsNotFound) {
  EXPECT_EQ(Watch({"nobody"}).code, 3);
}

TEST_F(CtlHubTest, WhoWatchesMakesNoApp) {
  const Ran watched = Run({"sessions", "--app", "typo", "watch", "session-1"});
  EXPECT_EQ(watched.code, 3);
  EXPECT_THAT(watched.err, HasSubstr("no app has the name typo"));
  EXPECT_EQ(Run({"sessions", "--app", "typo", "list"}).code, 3);
}

}  // namespace
}  // namespace sessionhub::ctl
