// sessionhubctl from its arguments to its words and exit code, over real gRPC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "client/ctl/commands.h"
#include "tests/integration/fake_admin.h"

namespace sessionhub::ctl {
namespace {

using nlohmann::json;
using ::sessionhub::testing::FakeAdmin;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

// Runs the program as a script would, or, with `answer`, as a person at a terminal.
Ran RunCtl(const std::vector<std::string>& arguments, const std::string* answer = nullptr) {
  std::istringstream in(answer == nullptr ? "" : *answer);
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{in, out, err, answer != nullptr};
  const ExitCode code = RunProgram(arguments, terminal);
  return {static_cast<int>(code), out.str(), err.str()};
}

// `text` has each key, without "_ms", between `before` and `after`.
void ExpectWords(const std::string& text, const std::vector<std::string>& keys,
                 const std::string& before, const std::string& after) {
  for (const std::string& key : keys) {
    const bool is_time = key.size() > 3 && key.substr(key.size() - 3) == "_ms";
    const std::string word = is_time ? key.substr(0, key.size() - 3) : key;
    EXPECT_THAT(text, HasSubstr(before + word + after));
  }
}

class CtlTest : public ::testing::Test {
 protected:
  // Runs against the fake hub.
  Ran Ask(std::vector<std::string> arguments, const std::string* answer = nullptr) {
    arguments.push_back("--endpoint");
    arguments.push_back(hub_.endpoint());
    return RunCtl(arguments, answer);
  }

  v1::GetSessionResponse& AddSession(const std::string& id, uint64_t number = 1) {
    v1::GetSessionResponse& session = hub_.sessions[id];
    session.mutable_summary()->set_id(id);
    session.mutable_summary()->set_number(number);
    session.mutable_summary()->set_version(7);
    session.mutable_summary()->set_created_ms(1'769'903'999'000);
    session.mutable_summary()->set_nodes(2);
    return session;
  }

  void AddSessions(int count) {
    for (int i = 0; i < count; ++i) {
      std::ostringstream id;
      id << "session-" << std::setw(6) << std::setfill('0') << i;
      AddSession(id.str(), static_cast<uint64_t>(i) + 1);
    }
  }

  FakeAdmin hub_;
};

TEST_F(CtlTest, StatusAsTable) {
  hub_.status.set_version("0.1.0");
  hub_.status.set_uptime_ms(125'000);
  hub_.status.set_data_dir("/data/\x1b[2J");
  hub_.status.mutable_counters()->set_deltas_applied(4711);
  const Ran ran = Ask({"status"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("\nversion              0.1.0\n"));
  EXPECT_THAT(ran.out, HasSubstr("\nuptime               2 min 5 s\n"));
  EXPECT_THAT(ran.out, HasSubstr("\ndeltas_applied       4711\n"));
  EXPECT_THAT(ran.out, HasSubstr("/data/\\x1b[2J"));
  EXPECT_EQ(ran.err, "");
}

TEST_F(CtlTest, StatusAsJsonHasTheKeysThatHelpLists) {
  hub_.status.set_history_id("\x01\xff");
  hub_.status.mutable_counters()->set_lapses(3);
  const Ran ran = Ask({"status", "--output", "json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json status = json::parse(ran.out);
  std::set<std::string> keys;
  for (const auto& [key, value] : status.items()) keys.insert(key);
  EXPECT_THAT(keys,
              ElementsAre("catch_up_bytes", "catch_up_reads", "connections_refused", "counters",
                          "data_dir", "disk_free_bytes", "format", "growth_waits", "history_id",
                          "hub_time_ms", "interests", "lock_waits", "newest_format", "nodes",
                          "sessions", "shards", "uptime_ms", "version"));
  EXPECT_EQ(status["history_id"], "01ff");
  EXPECT_EQ(status["counters"]["lapses"], 3);
  const std::string help = RunCtl({"--help"}).out;
  for (const std::string& key : keys) EXPECT_THAT(help, HasSubstr(key));
  for (const auto& [key, value] : status["counters"].items()) EXPECT_THAT(help, HasSubstr(key));
}

TEST_F(CtlTest, StatusTellsWhatABroadcastWouldHaveSent) {
  EXPECT_EQ(json::parse(Ask({"status", "--output", "json"}).out)["counters"]["saved_percent"],
            nullptr);
  hub_.status.mutable_counters()->set_forward_bytes(20);
  hub_.status.mutable_counters()->set_catch_up_bytes(7);
  hub_.status.mutable_counters()->set_broadcast_bytes(1000);
  const json counters = json::parse(Ask({"status", "--output", "json"}).out)["counters"];
  EXPECT_EQ(counters["forward_bytes"], 20);
  EXPECT_EQ(counters["catch_up_bytes"], 7);
  EXPECT_EQ(counters["broadcast_bytes"], 1000);
  EXPECT_EQ(counters["saved_percent"], 97.3);
  EXPECT_THAT(Ask({"status"}).out, HasSubstr("\nsaved_percent        97.3\n"));
}

TEST_F(CtlTest, NodesAsTableAndJson) {
  v1::Node* node = hub_.nodes.add_nodes();
  node->set_app("shop");
  node->set_name("web-1");
  node->set_incarnation(std::string(16, '\xab'));
  node->set_attached(true);
  node->set_attached_for_ms(61'000);
  node->set_interests(12);
  hub_.nodes.add_nodes()->set_name("web-2");
  const Ran table = Ask({"nodes"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("abababab     true             12"));
  EXPECT_THAT(table.out, HasSubstr("1 min 1 s"));
  EXPECT_THAT(table.out, HasSubstr("false"));
  const Ran ran = Ask({"nodes", "--output", "json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json nodes = json::parse(ran.out)["nodes"];
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0]["incarnation"].get<std::string>().size(), 32u);
  EXPECT_EQ(nodes[0]["interests"], 12);
  EXPECT_EQ(nodes[1]["attached"], false);
}

TEST_F(CtlTest, ListPagesThroughAllSessions) {
  AddSessions(2'500);
  const Ran ran = Ask({"sessions", "list", "--app", "shop", "--full-ids", "--output", "json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json listing = json::parse(ran.out);
  std::set<std::string> ids;
  for (const json& session : listing["sessions"]) ids.insert(session["id"].get<std::string>());
  EXPECT_EQ(listing["sessions"].size(), 2'500u);
  EXPECT_EQ(ids.size(), 2'500u);
  EXPECT_EQ(listing["complete"], true);
  EXPECT_EQ(hub_.calls(), 3);

  const Ran table = Ask({"sessions", "list", "--app", "shop"});
  EXPECT_EQ(std::count(table.out.begin(), table.out.end(), '\n'), 2'501);
}

TEST_F(CtlTest, ListStopsAtItsLimitAndSaysSo) {
  AddSessions(1'502);
  const Ran ran = Ask({"sessions", "list", "--app", "shop", "--limit", "1501"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1'502);
  EXPECT_THAT(ran.err, HasSubstr("--limit"));
  const Ran as_json =
      Ask({"sessions", "list", "--app", "shop", "--limit", "1501", "--output", "json"});
  EXPECT_EQ(json::parse(as_json.out)["complete"], false);
  const Ran exact = Ask({"sessions", "list", "--app", "shop", "--limit", "1502"});
  EXPECT_EQ(exact.err, "");
}

TEST_F(CtlTest, ListOfNothing) {
  const Ran table = Ask({"sessions", "list", "--app", "other"});
  EXPECT_EQ(table.code, 0);
  EXPECT_EQ(table.out, "id  number  version  nodes  created\n");
  const Ran ran = Ask({"sessions", "list", "--app", "other", "--output", "json"});
  EXPECT_EQ(json::parse(ran.out),
            json({{"app", "other"}, {"sessions", json::array()}, {"complete", true}}));
}

TEST_F(CtlTest, SessionsOfAnOwnerAreListedCountedAndDeleted) {
  AddSessions(3);
  EXPECT_EQ(Ask({"sessions", "count", "--app", "shop"}).out, "3\n");
  EXPECT_EQ(hub_.asked_owner, "");
  const std::vector<std::string> owned = {"--app", "shop", "--owner", "a\\x00b"};
  const auto ask = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), owned.begin(), owned.end());
    const Ran ran = Ask(arguments);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(std::exchange(hub_.asked_owner, ""), std::string("a\0b", 3));
    return ran.out;
  };
  EXPECT_EQ(json::parse(ask({"sessions", "count", "--output", "json"})), json({{"sessions", 3}}));
  EXPECT_THAT(ask({"sessions", "list"}), HasSubstr("version"));
  EXPECT_THAT(ask({"sessions", "delete", "--yes"}), HasSubstr("Deleted 3 sessions"));
  EXPECT_EQ(json::parse(ask({"sessions", "delete", "--yes", "--output", "json"})),
            json({{"deleted", 3}}));
  EXPECT_EQ(Ask({"sessions", "delete", "--owner", "a", "--app", "shop"}).code, 2)
      << "nobody was asked";
}

TEST_F(CtlTest, ListEndsAtAHubThatRepeatsAPage) {
  AddSessions(1'001);
  hub_.repeats_a_page = true;
  const Ran ran = Ask({"sessions", "list", "--app", "shop"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("repeats a page"));
}

TEST_F(CtlTest, IdsAreCredentialsAndShownWholeOnlyWhenTold) {
  AddSession("0123456789abcdef");
  for (const char* output : {"table", "json"}) {
    const Ran list = Ask({"sessions", "list", "--app", "shop", "--output", output});
    EXPECT_THAT(list.out, HasSubstr("012345…"));
    EXPECT_THAT(list.out, Not(HasSubstr("0123456")));
    const Ran get =
        Ask({"sessions", "get", "0123456789abcdef", "--app", "shop", "--output", output});
    EXPECT_THAT(get.out, Not(HasSubstr("0123456")));
    const Ran remove = Ask(
        {"sessions", "delete", "0123456789abcdef", "--yes", "--app", "shop", "--output", output});
    EXPECT_THAT(remove.out + remove.err, Not(HasSubstr("0123456")));
    const Ran full = Ask({"sessions", "list", "--app", "shop", "--full-ids", "--output", output});
    EXPECT_THAT(full.out, HasSubstr("0123456789abcdef"));
  }
}

TEST_F(CtlTest, UnprintableIdsCanBeTypedAsTheyAreShown) {
  AddSession(std::string("a\0\xff \\z", 6), 42);
  const Ran list = Ask({"sessions", "list", "--app", "shop", "--full-ids", "--output", "json"});
  const std::string shown = json::parse(list.out)["sessions"][0]["id"];
  EXPECT_EQ(shown, "a\\x00\\xff\\x20\\\\z");
  const Ran get = Ask({"sessions", "get", shown, "--app", "shop", "--output", "json"});
  ASSERT_EQ(get.code, 0) << get.err;
  EXPECT_EQ(json::parse(get.out)["number"], 42);
}

TEST_F(CtlTest, GetShowsEveryTypeOfValue) {
  v1::GetSessionResponse& session = AddSession("abc");
  const auto add = [&](const std::string& path) {
    v1::Op* op = session.add_fields();
    op->set_path(path);
    return op;
  };
  add("a/string")->set_put_string("3\x1b");
  add("b/bytes")->set_put_bytes(std::string("\0\xff", 2));
  add("c/int")->set_put_int(-9'007'199'254'740'993);
  add("d/double")->set_put_double(0.5);
  add("e/nan")->set_put_double(std::nan(""));
  add("f/bool")->set_put_bool(true);
  add("g/null")->set_put_null(true);
  add("h/json")->set_put_json(R"({"z":[1,2],"a":{}})");
  add("i/broken")->set_put_json("{");
  const Ran ran = Ask({"sessions", "get", "abc", "--app", "shop", "--output", "json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json fields = json::parse(ran.out)["fields"];
  ASSERT_EQ(fields.size(), 9u);
  EXPECT_EQ(fields[0], json({{"path", "a/string"}, {"type", "string"}, {"value", "3\x1b"}}));
  EXPECT_EQ(fields[1]["value"], "00ff");
  EXPECT_EQ(fields[2]["value"], -9'007'199'254'740'993);
  EXPECT_EQ(fields[3]["value"], 0.5);
  EXPECT_EQ(fields[4]["value"], "NaN");
  EXPECT_EQ(fields[5]["value"], true);
  EXPECT_EQ(fields[6]["value"], nullptr);
  EXPECT_EQ(fields[7]["value"], json::parse(R"({"z":[1,2],"a":{}})"));
  EXPECT_EQ(fields[8]["value"], "{");
  // What was stored as JSON keeps the order of its keys.
  EXPECT_THAT(ran.out, HasSubstr(R"({"z":[1,2],"a":{}})"));

  const Ran table = Ask({"sessions", "get", "abc", "--app", "shop"});
  EXPECT_THAT(table.out, HasSubstr("a/string  string  \"3"));
  EXPECT_THAT(table.out, HasSubstr("b/bytes   bytes   00ff\n"));
  EXPECT_THAT(table.out, Not(HasSubstr("\x1b")));
}

TEST_F(CtlTest, GetDoesNotTrustWhatIsNotAPut) {
  AddSession("abc").add_fields()->set_path("a");
  EXPECT_EQ(Ask({"sessions", "get", "abc", "--app", "shop"}).code, 1);
  hub_.sessions["abc"].mutable_fields(0)->set_erase(true);
  const Ran ran = Ask({"sessions", "get", "abc", "--app", "shop"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("not a put"));
}

TEST_F(CtlTest, WhatIsNotThereIsThree) {
  AddSession("abc");
  EXPECT_EQ(Ask({"sessions", "get", "nobody", "--app", "shop"}).code, 3);
  EXPECT_EQ(Ask({"sessions", "get", "abc", "--app", "other"}).code, 3);
  EXPECT_EQ(Ask({"sessions", "delete", "nobody", "--app", "shop", "--yes"}).code, 3);
}

TEST_F(CtlTest, DeleteWithoutTerminalNeedsYes) {
  AddSession("0123456789abcdef");
  const Ran refused = Ask({"sessions", "delete", "0123456789abcdef", "--app", "shop"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--yes"));
  EXPECT_EQ(hub_.calls(), 0);
  const Ran done = Ask({"sessions", "delete", "0123456789abcdef", "--app", "shop", "--yes"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(done.out, "Deleted session 012345…, number 1, at version 8.\n");
  EXPECT_EQ(hub_.deletes(), 1);
}

TEST_F(CtlTest, DeleteAsksOnATerminal) {
  AddSession("0123456789abcdef");
  for (const std::string answer : {"n\n", "\n", "", "yess\n"}) {
    const Ran kept = Ask({"sessions", "delete", "0123456789abcdef", "--app", "shop"}, &answer);
    EXPECT_EQ(kept.code, 1) << answer;
    EXPECT_THAT(kept.err, HasSubstr("Delete session 012345… of app shop at "));
    EXPECT_THAT(kept.err, HasSubstr("Nothing was deleted."));
  }
  EXPECT_EQ(hub_.deletes(), 0);
  const std::string yes = "y\n";
  EXPECT_EQ(Ask({"sessions", "delete", "0123456789abcdef", "--app", "shop"}, &yes).code, 0);
  EXPECT_EQ(hub_.deletes(), 1);
}

TEST_F(CtlTest, UpgradeStatusSaysWhetherThereIsSomethingToFinalize) {
  hub_.status.set_format(1);
  hub_.status.set_newest_format(2);
  EXPECT_THAT(Ask({"upgrade", "status"}).out, HasSubstr("yes: sessionhubctl upgrade finalize"));
  EXPECT_EQ(json::parse(Ask({"upgrade", "status", "--output", "json"}).out),
            json::parse(R"({"format":1,"newest_format":2,"to_finalize":true})"));
  hub_.status.set_format(2);
  EXPECT_THAT(Ask({"upgrade", "status"}).out, Not(HasSubstr("yes")));
  EXPECT_EQ(json::parse(Ask({"upgrade", "status", "--output", "json"}).out)["to_finalize"], false);
}

TEST_F(CtlTest, FinalizeAsksAndSaysWhatItEnds) {
  hub_.status.set_format(1);
  hub_.status.set_newest_format(2);
  hub_.status.set_data_dir("/data");
  const Ran no_terminal = Ask({"upgrade", "finalize"});
  EXPECT_EQ(no_terminal.code, 2);
  EXPECT_THAT(no_terminal.err, HasSubstr("add --yes to finalize"));
  EXPECT_EQ(hub_.calls(), 0);
  for (const std::string& answer : {std::string("n\n"), std::string("\n"), std::string()}) {
    const Ran kept = Ask({"upgrade", "finalize"}, &answer);
    EXPECT_EQ(kept.code, 1) << answer;
    EXPECT_THAT(kept.err, HasSubstr("Finalize the upgrade of /data at "));
    EXPECT_THAT(kept.err, HasSubstr("from format 1 to 2?"));
    EXPECT_THAT(kept.err, HasSubstr("The previous release will not open this folder any more."));
    EXPECT_THAT(kept.err, HasSubstr("nothing was finalized"));
  }
  EXPECT_EQ(hub_.finalizes(), 0);
  const std::string yes = "y\n";
  const Ran done = Ask({"upgrade", "finalize"}, &yes);
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("has format 2, before it 1"));
  EXPECT_EQ(hub_.finalizes(), 1);
}

TEST_F(CtlTest, WhereThereIsNothingToFinalizeNobodyIsAsked) {
  hub_.status.set_format(2);
  hub_.status.set_newest_format(2);
  const std::string silence;
  const Ran done = Ask({"upgrade", "finalize"}, &silence);
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(done.err, "");
  EXPECT_THAT(done.out, HasSubstr("Nothing to finalize: the data folder has format 2"));
}

TEST_F(CtlTest, AHubThatIsOlderThanTheCommandIsNamed) {
  for (const char* command : {"status", "finalize"}) {
    const std::string yes = "y\n";
    const Ran ran = Ask({"upgrade", command}, &yes);
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("older than this sessionhubctl"));
  }
  EXPECT_EQ(hub_.finalizes(), 0);
}

TEST_F(CtlTest, ARefusalOfTheHubIsOneAndItsWordsAreShown) {
  hub_.failure = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "app is \x1b[31mnot legal");
  const Ran ran = Ask({"sessions", "list", "--app", "shop"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr(hub_.endpoint() + ": app is \\x1b[31mnot legal"));
}

TEST_F(CtlTest, AHubThatIsNotThereIsFour) {
  hub_.Stop();
  const Ran ran = Ask({"status"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr(hub_.endpoint()));
}

TEST_F(CtlTest, AHubThatStaysSilentIsFour) {
  hub_.silent = true;
  EXPECT_EQ(Ask({"nodes", "--timeout", "0.2"}).code, 4);
}

TEST_F(CtlTest, TheEndpointMayComeFromTheEnvironment) {
  hub_.status.set_version("from-env");
  ASSERT_EQ(setenv("SESSIONHUB_ENDPOINT", hub_.endpoint().c_str(), 1), 0);
  const Ran ran = RunCtl({"status"});
  unsetenv("SESSIONHUB_ENDPOINT");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("from-env"));
}

TEST_F(CtlTest, WrongUsageIsTwoAndSendsNothing) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"reboot"},
      {"sessions"},
      {"upgrade"},
      {"upgrade", "undo"},
      {"sessions", "list"},
      {"sessions", "get", "--app", "shop"},
      {"sessions", "get", "", "--app", "shop"},
      {"sessions", "get", "a\\q", "--app", "shop"},
      {"sessions", "list", "--app", "shop", "--limit", "-1"},
      {"sessions", "list", "--app", "shop", "--limit", "1000000001"},
      {"sessions", "list", "--app", "shop", "--limit", "99999999999999999999999"},
      {"sessions", "list", "--app", "shop", "--limit", "1.5"},
      {"sessions", "list", "--app", "?"},
      {"sessions", "list", "--app", "shop", "--owner", ""},
      {"sessions", "delete", "--app", "shop", "--yes"},
      {"sessions", "find", "--app", "shop"},
      {"sessions", "expire", "--app", "shop", "--yes"},
      {"sessions", "expire", "--id", "a", "--owner", "b", "--app", "shop", "--yes"},
      {"sessions", "import", "--app", "shop", "--replace"},
      {"top", "--interval-s", "0"},
      {"top", "--count", "-1"},
      {"sessions", "delete", "a", "--owner", "b", "--app", "shop", "--yes"},
      {"sessions", "list", "--app", std::string(65, 'a')},
      {"status", "--output", "xml"},
      {"status", "--timeout", "0"},
      {"status", "--unheard-of"},
  };
  for (const std::vector<std::string>& arguments : wrong) {
    const Ran ran = Ask(arguments);
    EXPECT_EQ(ran.code, 2) << ::testing::PrintToString(arguments);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err, "");
  }
  EXPECT_EQ(hub_.calls(), 0);
}

TEST_F(CtlTest, AnEndpointThatIsNoneIsTwoWhereverItComesFrom) {
  for (const char* endpoint : {"", "localhost", "localhost:0", "http://localhost:7070"}) {
    const Ran ran = RunCtl({"status", "--endpoint", endpoint});
    EXPECT_EQ(ran.code, 2) << endpoint;
    EXPECT_THAT(ran.err, HasSubstr("--endpoint"));
  }
  ASSERT_EQ(setenv("SESSIONHUB_ENDPOINT", "localhost:port", 1), 0);
  EXPECT_EQ(RunCtl({"status"}).code, 2);
  unsetenv("SESSIONHUB_ENDPOINT");
}

TEST_F(CtlTest, AnUnknownCommandIsNamed) {
  EXPECT_THAT(Ask({"reb\x1boot"}).err, HasSubstr("no command 'reb\\x1boot'"));
  EXPECT_THAT(Ask({"sessions", "lsit", "--app", "shop"}).err, HasSubstr("no command 'lsit'"));
  EXPECT_THAT(Ask({"sessions", "list", "surplus"}).err, Not(HasSubstr("no command")));
}

TEST_F(CtlTest, TheWordsOfTablesAreTheKeysOfJson) {
  hub_.status.set_version("0.1.0");
  hub_.status.set_history_id("h");
  hub_.status.set_data_dir("/data");
  hub_.nodes.add_nodes()->set_name("web-1");
  const json status = json::parse(Ask({"status", "--output", "json"}).out);
  std::vector<std::string> keys;
  for (const auto& [key, value] : status.items()) {
    if (key != "counters") keys.push_back(key);
  }
  for (const auto& [key, value] : status["counters"].items()) keys.push_back(key);
  ExpectWords(Ask({"status"}).out, keys, "\n", " ");
  keys.clear();
  const json nodes = json::parse(Ask({"nodes", "--output", "json"}).out);
  for (const auto& [key, value] : nodes["nodes"][0].items()) keys.push_back(key);
  const std::string table = Ask({"nodes"}).out;
  ExpectWords(" " + table.substr(0, table.find('\n')) + " ", keys, " ", " ");
}

TEST_F(CtlTest, HelpIsDone) {
  const Ran ran = RunCtl({"--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("Exit codes:"));
  EXPECT_THAT(RunCtl({"--version"}).out, HasSubstr("sessionhubctl "));
  const Ran of_command = RunCtl({"sessions", "list", "--help"});
  EXPECT_THAT(of_command.out, HasSubstr("--limit"));
  EXPECT_THAT(of_command.out, Not(HasSubstr("Exit codes:"))) << "told once, at the top";
}

}  // namespace
}  // namespace sessionhub::ctl
