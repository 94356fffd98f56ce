// sessionhubctl takes sessions out of a real hub and puts them into another; ends them as expired;
// and looks again and again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <streambuf>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "client/ctl/commands.h"
#include "tests/support/access.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub::ctl {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::HubProcess;
using ::testing::Not;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

Ran RunOn(const HubProcess& hub, std::vector<std::string> arguments,
          const std::string& input = "") {
  arguments.insert(arguments.end(), {"--endpoint", hub.endpoint()});
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{in, out, err, false};
  const ExitCode code = RunProgram(arguments, terminal);
  return {static_cast<int>(code), out.str(), err.str()};
}

Ran SessionsOn(const HubProcess& hub, std::vector<std::string> arguments,
               const std::string& input = "") {
  const std::vector<std::string> command = {"sessions", "--app", testing::kApp};
  arguments.insert(arguments.begin(), command.begin(), command.end());
  return RunOn(hub, std::move(arguments), input);
}

// Every type, at its edges, on nested paths.
void SetEveryValue(Edit* edit) {
  using Doubles = std::numeric_limits<double>;
  edit->Set("a", Value()).Set("a/b", true).Set("a/b/c~1d~0", false);
  edit->Set("int/least", std::numeric_limits<int64_t>::min());
  edit->Set("int/past double", int64_t{9'007'199'254'740'993});
  edit->Set("double/tenth", 0.1).Set("double/minus nothing", -0.0).Set("double/whole", 3.0);
  edit->Set("double/least", Doubles::denorm_min()).Set("double/infinite", Doubles::infinity());
  edit->Set("double/minus infinite", -Doubles::infinity());
  edit->Set("double/nan", std::bit_cast<double>(0x7ff8'0000'0000'0000));
  edit->Set("double/another nan", std::bit_cast<double>(0xfff8'0000'0000'0001));
  edit->Set("text/empty", "").Set("text/odd", std::string("\0\n\"\\ ü", 7));
  edit->Set("bytes/empty", Value::Bytes("")).Set("bytes/odd", Value::Bytes("\xff\xfe\n"));
  edit->Set("json/map", Value::Json("{}")).Set("json/list", Value::Json("[ 1.10, [] ]"));
}

// More than go into one delta, in number and in bytes.
void SetMuch(const Session& session) {
  for (int part = 0; part < 3; ++part) {
    Edit edit = session.Begin();
    for (int i = 0; i < 400; ++i) {
      edit.Set("much/" + std::to_string(part) + "/" + std::to_string(i), std::string(1'000, 'x'));
    }
    ASSERT_OK(testing::Apply(std::move(edit)).status);
  }
}

// The lines by id, without what another hub tells in another way.
std::map<std::string, json> ById(const std::string& lines) {
  std::map<std::string, json> sessions;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    json session = json::parse(line);
    for (const char* key : {"version", "created_ms", "last_access_ms"}) session.erase(key);
    const std::string id = session["id"];
    EXPECT_FALSE(sessions.contains(id)) << id;
    sessions[id] = std::move(session);
  }
  return sessions;
}

class CtlTransferTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(from_.Start());
    ASSERT_OK(to_.Start());
    node_.emplace(testing::ConnectTo(from_.endpoint(), "web-1"));
  }

  Session Create(const std::string& id, OpenOptions options = {}) {
    options.create = Create::kExclusive;
    options.timeout = testing::kPatience;
    return node_->Open(id, options).value();
  }
  // Of everything that a session may be.
  void CreateSessions() {
    OpenOptions life;
    life.owner = std::string("ada\0", 4);
    life.idle_timeout = std::chrono::hours(1);
    life.absolute_timeout = std::chrono::hours(2);
    Edit edit = Create(std::string("\\odd \xff", 6), life).Begin();
    SetEveryValue(&edit);
    ASSERT_OK(testing::Apply(std::move(edit)).status);
    Create("empty");
    ASSERT_NO_FATAL_FAILURE(SetMuch(Create("large")));
  }
  std::string ExportFrom(const HubProcess& hub) const {
    const Ran ran = SessionsOn(hub, {"export"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out;
  }
  json Import(const std::string& lines, std::vector<std::string> more, int code) {
    std::vector<std::string> arguments = {"import", "--output", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    last_ = SessionsOn(to_, arguments, lines);
    EXPECT_EQ(last_.code, code) << last_.err;
    return json::parse(last_.out, nullptr, false);
  }

  HubProcess from_{{"--shards", "2"}};
  HubProcess to_{{"--delta-ops-max", "100"}};
  std::optional<Client> node_;
  Ran last_;
};

TEST_F(CtlTransferTest, WhatIsExportedAndImportedIsTheSame) {
  ASSERT_NO_FATAL_FAILURE(CreateSessions());
  const std::string lines = ExportFrom(from_);
  EXPECT_EQ(Import(lines, {}, 0),
            json({{"created", 3}, {"replaced", 0}, {"skipped", 0}, {"ended", 0}, {"failed", 0}}));
  std::map<std::string, json> before = ById(lines);
  std::map<std::string, json> after = ById(ExportFrom(to_));
  ASSERT_EQ(before.size(), 3u);
  ASSERT_EQ(after.size(), 3u);
  for (auto& [id, session] : before) {
    // Two hubs, two clocks.
    EXPECT_NEAR(session["absolute_deadline_ms"].get<double>(),
                after[id]["absolute_deadline_ms"].get<double>(), 600'000);
    session.erase("absolute_deadline_ms");
    after[id].erase("absolute_deadline_ms");
    EXPECT_EQ(session, after[id]);
  }
  EXPECT_EQ(before["large"]["fields"].size(), 1'200u);
  EXPECT_EQ(before[R"(\\odd\x20\xff)"]["fields"].size(), 19u);
  EXPECT_EQ(before[R"(\\odd\x20\xff)"]["owner"], R"(ada\x00)");
  EXPECT_EQ(before[R"(\\odd\x20\xff)"]["idle_timeout_ms"], 3'600'000);
}

TEST_F(CtlTransferTest, MoreSessionsThanAPage) {
  std::vector<std::string> ids;
  for (int i = 0; i < 1'500; ++i) ids.push_back("s" + std::to_string(i));
  OpenOptions options;
  options.create = Create::kIfMissing;
  options.timeout = testing::kPatience;
  options.owner = "ada";
  for (const auto& session : node_->OpenAll(ids, options)) ASSERT_OK(session);
  Create("bob's");
  const Ran owned = SessionsOn(from_, {"export", "--owner", "ada"});
  EXPECT_EQ(ById(owned.out).size(), 1'500u);
  EXPECT_EQ(Import(owned.out, {}, 0)["created"], 1'500);
  EXPECT_EQ(SessionsOn(to_, {"count"}).out, "1500\n");
  const Ran found = SessionsOn(to_, {"find", "--owner", "ada", "--output", "json"});
  EXPECT_EQ(json::parse(found.out)["sessions"].size(), 1'500u);
  EXPECT_EQ(SessionsOn(to_, {"find", "--owner", "bob"}).code, 3);
  EXPECT_EQ(testing::HubProbe(to_.endpoint()).Status().nodes(), 0u) << "the importer has left";
}

TEST_F(CtlTransferTest, WhatExistsIsLeftAloneUnlessItIsToBeReplaced) {
  ASSERT_NO_FATAL_FAILURE(CreateSessions());
  const std::string lines = ExportFrom(from_);
  ASSERT_EQ(Import(lines, {}, 0)["created"], 3);
  Client holder = testing::ConnectTo(to_.endpoint(), "web-2");
  OpenOptions open;
  open.timeout = testing::kPatience;
  const Session held = holder.Open(std::string("\\odd \xff", 6), open).value();
  Edit edit = held.Begin();
  edit.Set("later", 1).Erase("a").Set("a/b", "another type").SetOwner("bob");
  edit.SetIdleTimeout(std::chrono::milliseconds(0));
  ASSERT_OK(testing::Apply(std::move(edit)).status);
  EXPECT_EQ(Import(lines, {}, 0)["skipped"], 3);
  EXPECT_NE(held.Read()->Get("later"), nullptr);

  EXPECT_EQ(SessionsOn(to_, {"import", "--replace"}, lines).code, 2) << "nobody was asked";
  EXPECT_NE(held.Read()->Get("later"), nullptr);
  EXPECT_EQ(Import(lines, {"--replace", "--yes"}, 0)["replaced"], 3);
  const std::string id = R"(\\odd\x20\xff)";
  std::map<std::string, json> before = ById(lines);
  std::map<std::string, json> after = ById(ExportFrom(to_));
  EXPECT_EQ(before[id]["fields"], after[id]["fields"]);
  EXPECT_EQ(before[id]["owner"], after[id]["owner"]);
  EXPECT_EQ(before[id]["idle_timeout_ms"], after[id]["idle_timeout_ms"]);
  // A node that has the session follows.
  EXPECT_TRUE(testing::WaitFor([&] {
    const auto view = held.Read();
    return view.ok() && view->Get("later") == nullptr && view->Get("a/b") != nullptr &&
           *view->Get("a/b") == Value(true);
  }));
}

TEST_F(CtlTransferTest, ABadLineIsNamedAndTheOthersAreImported) {
  const std::string lines =
      "{\"id\":\"one\",\"fields\":[{\"path\":\"n\",\"type\":\"int64\",\"value\":\"1\"}]}\n"
      "no json\n"
      "\n"
      "{\"id\":\"two\",\"fields\":[{\"path\":\"n\",\"type\":\"float\",\"value\":1}]}\n"
      "{\"id\":\"hasty\",\"idle_timeout_ms\":1}\n"
      "{\"id\":\"over\",\"absolute_deadline_ms\":1}\n"
      "{\"id\":\"three\"}";
  const json told = Import(lines, {}, 1);
  EXPECT_EQ(told,
            json({{"created", 2}, {"replaced", 0}, {"skipped", 0}, {"ended", 1}, {"failed", 3}}));
  EXPECT_THAT(last_.err, HasSubstr("line 2: it is no JSON object\n"));
  EXPECT_THAT(last_.err, HasSubstr("line 4: n: there is no type float\n"));
  EXPECT_THAT(last_.err, HasSubstr("line 5: "));
  EXPECT_THAT(last_.err, HasSubstr("3 lines were not imported"));
  testing::HubProbe probe(to_.endpoint());
  EXPECT_EQ(probe.Integer(testing::kApp, "one", "n"), 1);
  EXPECT_EQ(SessionsOn(to_, {"count"}).out, "2\n");
  // What comes after it, but for the lines that are under way, is not read.
  std::string many = "no json\n";
  for (int i = 0; i < 1'000; ++i) many += "{\"id\":\"s" + std::to_string(i) + "\"}\n";
  EXPECT_LT(Import(many, {"--strict"}, 1)["created"].get<int>(), 1'000);
  EXPECT_THAT(last_.err, HasSubstr("line 1: "));
}

TEST_F(CtlTransferTest, ASessionThatCannotBeCreatedWholeIsNotThere) {
  const std::string too_long(2 << 20, 'x');
  const std::string line = "{\"id\":\"one\",\"fields\":[" +
                           json({{"path", "a"}, {"type", "string"}, {"value", "b"}}).dump() + "," +
                           json({{"path", "b"}, {"type", "string"}, {"value", too_long}}).dump() +
                           "]}\n";
  EXPECT_EQ(Import(line, {}, 1)["failed"], 1);
  EXPECT_EQ(SessionsOn(to_, {"count"}).out, "0\n");
}

// Lines of sessions, as many as are read.
class EndlessLines final : public std::streambuf {
 protected:
  int underflow() override {
    line_ = "{\"id\":\"s" + std::to_string(count_++) + "\"}\n";
    setg(line_.data(), line_.data(), line_.data() + line_.size());
    return traits_type::to_int_type(line_.front());
  }

 private:
  std::string line_;
  uint64_t count_ = 0;
};

TEST_F(CtlTransferTest, AHubThatGoesAwayEndsAnImport) {
  EndlessLines lines;
  int code = -1;
  std::string told;
  std::thread importer([&] {
    std::istream in(&lines);
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{in, out, err, false};
    code = static_cast<int>(RunProgram(
        {"sessions", "import", "--app", "shop", "--timeout", "0.5", "--endpoint", to_.endpoint()},
        terminal));
    told = out.str();
  });
  testing::HubProbe probe(to_.endpoint());
  EXPECT_TRUE(testing::WaitFor([&] { return probe.Status().sessions() > 0; }));
  to_.Kill();
  importer.join();
  EXPECT_EQ(code, 4);
  EXPECT_THAT(told, Not(HasSubstr("Created 0 sessions")));
  EXPECT_THAT(told, HasSubstr("lines failed."));
}

TEST_F(CtlTransferTest, NodesAreToldThatASessionHasExpired) {
  OpenOptions ada;
  ada.owner = "ada";
  std::vector<Session> sessions = {Create("one"), Create("two", ada), Create("three", ada)};
  absl::Mutex mutex;
  std::vector<Event::Kind> kinds;
  std::vector<Subscription> subscriptions;
  for (const Session& session : sessions) {
    subscriptions.push_back(session
                                .Subscribe([&](const Event& event) {
                                  absl::MutexLock lock(&mutex);
                                  kinds.push_back(event.kind);
                                })
                                .value());
  }
  const Ran one = SessionsOn(from_, {"expire", "--id", "one", "--yes"});
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("Expired session one"));
  const Ran owned = SessionsOn(from_, {"expire", "--owner", "ada", "--yes", "--output", "json"});
  EXPECT_EQ(json::parse(owned.out), json({{"deleted", 2}, {"expired", true}}));
  const auto all_told = [&] {
    absl::MutexLock lock(&mutex);
    return kinds.size() == 3;
  };
  EXPECT_TRUE(testing::WaitFor(all_told));
  absl::MutexLock lock(&mutex);
  EXPECT_THAT(kinds, ::testing::Each(Event::Kind::kExpired));
  const v1::Counters counters = testing::HubProbe(from_.endpoint()).Status().counters();
  EXPECT_EQ(counters.sessions_expired(), 3u);
  EXPECT_EQ(SessionsOn(from_, {"expire", "one", "--yes"}).code, 3);
}

// What a program has written, line by line; past Break it cannot write any more.
class Lines final : public std::streambuf {
 public:
  // Whether a line has been written, since the last time that this was asked, that has the words.
  bool TakeUntil(const std::string& words) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const size_t at = text_.find(words);
    if (at == std::string::npos) return false;
    text_.erase(0, at + words.size());
    return true;
  }
  void Break() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    broken_ = true;
  }

 protected:
  int overflow(int byte) override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (broken_) return traits_type::eof();
    text_.push_back(static_cast<char>(byte));
    return byte;
  }

 private:
  absl::Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
};

TEST_F(CtlTransferTest, TopShowsWhatTheHubDoesAndWaitsForOneThatIsGone) {
  Client other = testing::ConnectTo(from_.endpoint(), "web-2");
  const Session session = Create("one");
  OpenOptions open;
  open.timeout = testing::kPatience;
  const Session held = other.Open("one", open).value();
  Lines lines;
  int code = -1;
  std::thread top([&] {
    std::istringstream in;
    std::ostream out(&lines);
    std::ostringstream err;
    Terminal terminal{in, out, err, false};
    code = static_cast<int>(RunProgram({"top", "--interval-s", "0.05", "--output", "json",
                                        "--endpoint", from_.endpoint(), "--timeout", "1"},
                                       terminal));
  });
  // The node that only hears is the one to which something is forwarded.
  EXPECT_TRUE(testing::WaitFor([&] {
    testing::IntegerAt(session, "n");
    Edit edit = session.Begin();
    edit.Increment("n");
    EXPECT_OK(testing::Apply(std::move(edit)).status);
    return lines.TakeUntil("\"nodes\":[{\"app\":\"shop\",\"name\":\"web-2\",\"attached\":true");
  }));
  from_.Kill();
  EXPECT_TRUE(testing::WaitFor([&] { return lines.TakeUntil("{\"reached\":false,\"error\":\""); }));
  EXPECT_OK(from_.Start());
  EXPECT_TRUE(testing::WaitFor([&] { return lines.TakeUntil("{\"reached\":true,"); }));
  lines.Break();
  top.join();
  EXPECT_EQ(code, 0);
}

// ---- who may ----

TEST(CtlTransferAccessTest, WholeIdsAndValuesAreForAdminsOnly) {
  testing::TokensFile tokens;
  const std::string reader = tokens.Add(Role::kReader, "shop");
  const std::string node = tokens.Add(Role::kNode, "shop");
  const std::string admin = tokens.Add(Role::kAdmin, "shop");
  HubProcess hub({"--tokens-file", tokens.path()});
  ASSERT_OK(hub.Start());
  const testing::TemporaryFolder folder;
  const std::string file = folder.path() + "/token";
  const auto run = [&](const std::string& token, const std::string& command,
                       const std::string& input = "") {
    std::ofstream(file) << token << "\n";
    return SessionsOn(hub, {command, "--token-file", file}, input);
  };
  const std::string line = "{\"id\":\"whole-id\"}\n";
  EXPECT_EQ(run(reader, "import", line).code, 1);
  EXPECT_EQ(run(node, "import", line).code, 1);
  EXPECT_EQ(run(admin, "import", line).code, 0);
  const Ran read = run(reader, "export");
  EXPECT_EQ(read.code, 1);
  EXPECT_THAT(read.out, Not(HasSubstr("id")));
  EXPECT_THAT(read.err, HasSubstr("role admin"));
  EXPECT_THAT(run(admin, "export").out, HasSubstr("whole-id"));
}

}  // namespace
}  // namespace sessionhub::ctl
