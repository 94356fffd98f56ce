// sessionhubctl finds, expires and exports sessions of a scripted hub, and looks again and again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "client/ctl/commands.h"
#include "tests/integration/fake_admin.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::ctl {
namespace {

using nlohmann::json;
using ::sessionhub::testing::FakeAdmin;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::Not;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

class CtlSessionsTest : public ::testing::Test {
 protected:
  // As a script would, or, with `answer`, as a person at a terminal.
  Ran Ask(std::vector<std::string> arguments, const std::string* answer = nullptr) {
    arguments.insert(arguments.end(), {"--endpoint", hub_.endpoint()});
    std::istringstream in(answer == nullptr ? "" : *answer);
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{in, out, err, answer != nullptr};
    const ExitCode code = RunProgram(arguments, terminal);
    return {static_cast<int>(code), out.str(), err.str()};
  }

  v1::GetSessionResponse& AddSession(const std::string& id) {
    v1::GetSessionResponse& session = hub_.sessions[id];
    session.mutable_summary()->set_id(id);
    session.mutable_summary()->set_number(1);
    session.mutable_summary()->set_version(7);
    return session;
  }

  void AddSessions(int count) {
    for (int i = 0; i < count; ++i) AddSession("session-" + std::to_string(10'000 + i));
  }

  FakeAdmin hub_;
};

TEST_F(CtlSessionsTest, WhomNobodyOwnsIsNotFound) {
  AddSessions(2);
  const Ran found = Ask({"sessions", "find", "--app", "shop", "--owner", "ada"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_EQ(std::count(found.out.begin(), found.out.end(), '\n'), 3);
  EXPECT_EQ(hub_.asked_owner, "ada");
  hub_.sessions.clear();
  const Ran none = Ask({"sessions", "find", "--app", "shop", "--owner", "ada", "--output", "json"});
  EXPECT_EQ(none.code, 3);
  EXPECT_THAT(none.err, HasSubstr("has the owner ada"));
  EXPECT_EQ(json::parse(none.out)["sessions"], json::array());
}

TEST_F(CtlSessionsTest, ExpireAsksAndSaysWhatTheHubHasDone) {
  AddSession("abc");
  const std::string no = "n\n";
  const Ran refused = Ask({"sessions", "expire", "abc", "--app", "shop"}, &no);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("Expire session abc… of app shop"));
  EXPECT_THAT(refused.err, HasSubstr("Nothing was expired"));
  EXPECT_EQ(Ask({"sessions", "expire", "abc", "--app", "shop"}).code, 2);
  EXPECT_EQ(hub_.deletes(), 0);
  // This hub stands for an older one, which knows of no expiry on demand.
  const Ran older = Ask({"sessions", "expire", "--id", "abc", "--app", "shop", "--yes"});
  EXPECT_EQ(older.code, 0) << older.err;
  EXPECT_THAT(older.out, HasSubstr("Deleted session abc…"));
  hub_.expires = true;
  EXPECT_THAT(Ask({"sessions", "expire", "abc", "--app", "shop", "--yes"}).out,
              HasSubstr("Expired session abc…, number 1, at version 8"));
  const json ended = json::parse(
      Ask({"sessions", "expire", "--owner", "ada", "--app", "shop", "--yes", "--output", "json"})
          .out);
  EXPECT_EQ(ended, json({{"deleted", 1}, {"expired", true}}));
  EXPECT_THAT(Ask({"sessions", "delete", "abc", "--app", "shop", "--yes"}).out,
              HasSubstr("Deleted session"));
}

TEST_F(CtlSessionsTest, AnExportWithoutWholeIdsIsRefused) {
  AddSession("abcdef").mutable_summary()->set_id_cut(true);
  const Ran ran = Ask({"sessions", "export", "--app", "shop"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("role admin"));
}

TEST_F(CtlSessionsTest, AnExportToAFileIsThereOnceItIsWhole) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/sessions";
  const std::vector<std::string> ask = {"sessions", "export", "--app", "shop", "--file", file};
  AddSessions(1'001);
  hub_.sessions["session-10500"].add_fields()->set_path("broken");
  const Ran broken = Ask(ask);
  EXPECT_EQ(broken.code, 1);
  EXPECT_FALSE(std::ifstream(file)) << "half of it is none";
  EXPECT_FALSE(std::ifstream(file + ".new"));
  hub_.sessions["session-10500"].clear_fields();
  const Ran whole = Ask(ask);
  EXPECT_EQ(whole.code, 0) << whole.err;
  EXPECT_THAT(whole.err, HasSubstr("Exported 1001 sessions of app shop."));
  std::ifstream lines(file);
  EXPECT_EQ(std::count(std::istreambuf_iterator<char>(lines), {}, '\n'), 1'001);
  struct stat found = {};
  ASSERT_EQ(stat(file.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  const Ran again = Ask(ask);
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("is there already"));
}

TEST_F(CtlSessionsTest, TopPrintsABlockForEachLook) {
  hub_.status.set_uptime_ms(5'000);
  hub_.status.set_sessions(4711);
  const Ran ran = Ask({"top", "--interval-s", "0.05", "--count", "2"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(hub_.calls(), 6) << "two for each look, and for the one before";
  // Nothing has moved, and no time has passed by this hub's clock.
  EXPECT_THAT(ran.out, HasSubstr("sessions                4711\n"));
  EXPECT_THAT(ran.out, HasSubstr("forwards_per_s             -\n"));
  EXPECT_THAT(ran.out, Not(HasSubstr("\x1b")));
  const Ran lines = Ask({"top", "--interval-s", "0.05", "--count", "2", "--output", "json"});
  std::istringstream in(lines.out);
  std::string line;
  int count = 0;
  const std::string help = Ask({"--help"}).out;
  for (; std::getline(in, line); ++count) {
    const json look = json::parse(line);
    EXPECT_EQ(look["reached"], true);
    EXPECT_EQ(look["sessions"], 4711);
    for (const auto& [key, value] : look.items()) EXPECT_THAT(help, HasSubstr(key));
  }
  EXPECT_EQ(count, 2);
}

TEST_F(CtlSessionsTest, TopNeedsAHubAtFirst) {
  hub_.Stop();
  EXPECT_EQ(Ask({"top", "--count", "1", "--interval-s", "0.05"}).code, 4);
}

}  // namespace
}  // namespace sessionhub::ctl
