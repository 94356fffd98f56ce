// The commands of sessionhubctl that keep a hub up: backups, nodes disconnect, drain; from their
// arguments to their words and exit codes, against a hub that the test scripts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "client/ctl/command_line.h"
#include "client/ctl/commands.h"
#include "client/ctl/folder_program.h"
#include "tests/integration/fake_admin.h"

namespace sessionhub::ctl {
namespace {

using nlohmann::json;
using ::sessionhub::testing::FakeAdmin;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

class CtlUpkeepTest : public ::testing::Test {
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

  FakeAdmin hub_;
  const std::string yes_ = "y\n";
  const std::string no_ = "n\n";
};

TEST_F(CtlUpkeepTest, CreateSaysWhatWasMadeAndRemoved) {
  const Ran ran = Ask({"backup", "create", "--keep", "5"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("Made backup 7"), HasSubstr("4711 bytes"),
                             HasSubstr("Removed 1 older")));
  EXPECT_EQ(hub_.asked_backup.keep(), 5u);
  const json made = json::parse(Ask({"backup", "create", "--output", "json"}).out);
  EXPECT_EQ(made["id"], 7);
  EXPECT_EQ(made["duration_ms"], 12);
  EXPECT_EQ(made["removed"], json::array({3}));
  EXPECT_EQ(hub_.asked_backup.keep(), 0u);
}

TEST_F(CtlUpkeepTest, CreateSaysWhyOlderOnesAreLeft) {
  hub_.why_not_removed = "cannot remove backup 2";
  const Ran ran = Ask({"backup", "create", "--keep", "5"});
  EXPECT_EQ(ran.code, 0) << "the backup is made";
  EXPECT_THAT(ran.out, HasSubstr("Made backup 7"));
  EXPECT_THAT(ran.err, HasSubstr("cannot remove backup 2"));
  const json made = json::parse(Ask({"backup", "create", "--output", "json"}).out);
  EXPECT_EQ(made["not_removed"], "cannot remove backup 2");
}

TEST_F(CtlUpkeepTest, ListShowsThemAndHowFarOneIs) {
  v1::Backup* backup = hub_.backups.add_backups();
  backup->set_id(3);
  backup->set_hub_version("0.1.0");
  backup->set_history_id("\x01\xff");
  backup->set_hub_time_ms(1'769'903'999'000);
  hub_.backups.add_backups()->set_damaged(true);
  hub_.backups.set_backup_dir("/backups");
  hub_.backups.set_running(true);
  hub_.backups.set_running_bytes(4096);
  const Ran table = Ask({"backup", "list"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("2026-01-31 23:59:59 UTC"), HasSubstr("01ff")));
  EXPECT_THAT(table.err, HasSubstr("about 4096 bytes"));
  const json listing = json::parse(Ask({"backup", "list", "--output", "json"}).out);
  EXPECT_EQ(listing["backup_dir"], "/backups");
  EXPECT_EQ(listing["running"], true);
  ASSERT_EQ(listing["backups"].size(), 2u);
  EXPECT_EQ(listing["backups"][0]["history_id"], "01ff");
  EXPECT_EQ(listing["backups"][1]["damaged"], true);
}

TEST_F(CtlUpkeepTest, ABackupWaitsForAnHourUnlessToldOtherwise) {
  std::ostringstream none;
  CommandLine line;
  EXPECT_EQ(ParseCommandLine({"backup", "create"}, &line, none, none), ExitCode::kDone);
  EXPECT_EQ(line.timeout, std::chrono::hours(1));
  EXPECT_EQ(ParseCommandLine({"backup", "create", "--timeout", "7"}, &line, none, none),
            ExitCode::kDone);
  EXPECT_EQ(line.timeout, std::chrono::seconds(7));
}

TEST_F(CtlUpkeepTest, TheFolderProgramGetsItsArguments) {
  std::ostringstream none;
  const auto arguments = [&none](const std::vector<std::string>& words) {
    CommandLine line;
    EXPECT_EQ(ParseCommandLine(words, &line, none, none), ExitCode::kDone) << none.str();
    EXPECT_TRUE(IsForFolderProgram(line));
    return FolderArguments(line);
  };
  EXPECT_THAT(arguments({"backup", "list", "--backup-dir", "b"}),
              ElementsAre("list", "--backup-dir", "b"));
  EXPECT_THAT(arguments({"backup", "verify", "--backup-dir", "b", "--backup", "3"}),
              ElementsAre("verify", "--backup-dir", "b", "--backup", "3"));
  EXPECT_THAT(arguments({"backup", "restore", "--backup-dir", "b", "--data-dir", "d"}),
              ElementsAre("restore", "--backup-dir", "b", "--backup", "0", "--data-dir", "d"));
  EXPECT_THAT(arguments({"doctor", "--data-dir", "d", "--config", "f", "--output", "json"}),
              ElementsAre("--output", "json", "doctor", "--data-dir", "d", "--config", "f"));
}

TEST_F(CtlUpkeepTest, WhatIsMissingIsWrongUsage) {
  EXPECT_EQ(Ask({"backup"}).code, 2);
  EXPECT_EQ(Ask({"backup", "verify"}).code, 2);
  EXPECT_EQ(Ask({"backup", "restore", "--backup-dir", "b"}).code, 2);
  EXPECT_EQ(Ask({"backup", "create", "--keep", "1001"}).code, 2);
  EXPECT_EQ(Ask({"doctor"}).code, 2);
  EXPECT_EQ(Ask({"nodes", "disconnect", "shop"}).code, 2);
  EXPECT_EQ(hub_.calls(), 0);
}

TEST_F(CtlUpkeepTest, DisconnectAsksAndNamesTheNode) {
  EXPECT_EQ(Ask({"nodes", "disconnect", "shop", "web-1"}).code, 2) << "nobody can be asked";
  EXPECT_EQ(hub_.calls(), 0);
  const Ran no = Ask({"nodes", "disconnect", "shop", "web-1"}, &no_);
  EXPECT_EQ(no.code, 1);
  EXPECT_THAT(no.err, AllOf(HasSubstr("Cut the stream of node web-1 of app shop"),
                            HasSubstr("nothing was cut")));
  EXPECT_EQ(hub_.calls(), 0);
  const Ran done = Ask({"nodes", "disconnect", "shop", "web-1"}, &yes_);
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(hub_.asked_disconnect.app(), "shop");
  EXPECT_EQ(hub_.asked_disconnect.name(), "web-1");
  EXPECT_EQ(Ask({"nodes", "disconnect", "shop", "web-1", "--yes"}).code, 0);
}

TEST_F(CtlUpkeepTest, NodesAloneStillLists) {
  hub_.nodes.add_nodes()->set_name("web-1");
  EXPECT_THAT(Ask({"nodes"}).out, HasSubstr("web-1"));
}

TEST_F(CtlUpkeepTest, DrainAsksAndSaysWhatItStops) {
  hub_.status.set_data_dir("/data");
  hub_.status.set_nodes(3);
  EXPECT_EQ(Ask({"drain"}).code, 2) << "nobody can be asked";
  const Ran no = Ask({"drain"}, &no_);
  EXPECT_EQ(no.code, 1);
  EXPECT_THAT(no.err, AllOf(HasSubstr("with 3 nodes"), HasSubstr("/data")));
  EXPECT_EQ(hub_.drains(), 0);
  const Ran done = Ask({"drain", "--yes"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("10000 ms"));
  EXPECT_EQ(hub_.drains(), 1);
}

TEST_F(CtlUpkeepTest, HelpListsTheKeysAndWhichCommandsAskNoHub) {
  const Ran help = Ask({"--help"});
  const json made = json::parse(Ask({"backup", "create", "--output", "json"}).out);
  for (const auto& [key, value] : made.items()) EXPECT_THAT(help.out, HasSubstr(key));
  EXPECT_THAT(Ask({"backup", "--help"}).out, HasSubstr("(asks no hub)"));
}

}  // namespace
}  // namespace sessionhub::ctl
