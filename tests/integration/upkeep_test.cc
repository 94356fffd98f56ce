// Operators at work on a real hub, with the real programs: backups, restore, doctor, disconnect,
// drain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/shell.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::kApp;
using testing::RunShell;
using testing::ShellRun;
using testing::WaitFor;

class UpkeepTest : public ::testing::Test {
 protected:
  void Start() {
    ASSERT_OK(hub_.Start());
    client_.emplace(testing::ConnectTo(hub_.endpoint(), "web-1"));
    auto session = testing::OpenOrCreate(*client_, "ada");
    ASSERT_OK(session);
    session_.emplace(*session);
  }
  void Set(int64_t n) {
    Edit edit = session_->Begin();
    edit.Set("n", n);
    ASSERT_OK(testing::Apply(std::move(edit)).status);
  }
  ShellRun Ctl(const std::string& arguments) const {
    return RunShell(std::string(SESSIONHUBCTL_PATH) + " --endpoint " + hub_.endpoint() + " " +
                    arguments);
  }
  std::string backups() const { return folder_.path() + "/backups"; }
  std::string restored() const { return folder_.path() + "/restored"; }

  const testing::TemporaryFolder folder_;
  HubProcess hub_{{"--backup-dir", folder_.path() + "/backups"}};
  std::optional<Client> client_;
  std::optional<Session> session_;
};

TEST_F(UpkeepTest, ABackupIsMadeListedVerifiedAndRestored) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Set(1));
  const ShellRun made = Ctl("backup create --output json");
  ASSERT_EQ(made.code, 0) << made.output;
  EXPECT_EQ(json::parse(made.output)["id"], 1);
  EXPECT_THAT(hub_.log(), HasSubstr("event=backup_made backup=1"));
  ASSERT_NO_FATAL_FAILURE(Set(2));
  const json of_hub = json::parse(Ctl("backup list --output json").output);
  const json of_folder =
      json::parse(Ctl("backup list --output json --backup-dir " + backups()).output);
  EXPECT_EQ(of_hub["backups"], of_folder["backups"]) << "the hub and the folder say the same";
  EXPECT_EQ(of_hub["backups"].size(), 1u);
  const ShellRun verified = Ctl("backup verify --output json --backup-dir " + backups());
  EXPECT_EQ(verified.code, 0) << verified.output;
  EXPECT_EQ(json::parse(verified.output)["sessions"], 1);
  const std::string history = HubProbe(hub_.endpoint()).Status().history_id();
  hub_.Terminate();
  EXPECT_EQ(hub_.Wait().value_or(-1), 0);

  const std::string restore = "backup restore --backup-dir " + backups() + " --data-dir ";
  const ShellRun done = Ctl(restore + restored());
  EXPECT_EQ(done.code, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("restored backup 1"));
  const ShellRun again = Ctl(restore + restored());
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.output, HasSubstr("never over data"));
  EXPECT_EQ(Ctl("doctor --data-dir " + restored()).code, 0);
  hub_.set_data_dir(restored());
  ASSERT_OK(hub_.Start());
  HubProbe probe(hub_.endpoint());
  EXPECT_EQ(probe.Integer(kApp, "ada", "n"), 1);
  EXPECT_NE(probe.Status().history_id(), history);
}

TEST_F(UpkeepTest, SoManyAreKept) {
  ASSERT_NO_FATAL_FAILURE(Start());
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Ctl("backup create").code, 0);
  const json made = json::parse(Ctl("backup create --keep 2 --output json").output);
  EXPECT_EQ(made["removed"], json::array({1, 2}));
}

TEST_F(UpkeepTest, AHubThatStopsGivesUpTheBackupThatItMakes) {
  HubProcess hub({"--backup-dir", backups(), "--backup-bytes-per-s-max", "1048576"});
  ASSERT_OK(hub.Start());
  Client client = testing::ConnectTo(hub.endpoint(), "web-1");
  auto session = testing::OpenOrCreate(client, "ada");
  ASSERT_OK(session);
  // Seconds of copying.
  for (int i = 0; i < 10; ++i) {
    Edit edit = session->Begin();
    edit.Set("blob" + std::to_string(i), std::string(1 << 20, 'x'));
    ASSERT_OK(testing::Apply(std::move(edit)).status);
  }
  const std::string ctl = std::string(SESSIONHUBCTL_PATH) + " --endpoint " + hub.endpoint();
  std::future<ShellRun> made =
      std::async(std::launch::async, [&ctl] { return RunShell(ctl + " backup create"); });
  ASSERT_TRUE(WaitFor([&ctl] {
    return json::parse(RunShell(ctl + " backup list --output json").output)["running"] == true;
  }));
  hub.Terminate();
  EXPECT_EQ(hub.Wait().value_or(-1), 0) << hub.log();
  EXPECT_NE(made.get().code, 0);
  EXPECT_THAT(hub.log(), AllOf(HasSubstr("event=backup_failed"), HasSubstr("is stopping")));
  EXPECT_EQ(RunShell(ctl + " backup verify --backup-dir " + backups()).code, 3) << "no trace of it";
}

TEST_F(UpkeepTest, AHubWithoutAFolderForBackupsSaysSo) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  const ShellRun ran =
      RunShell(std::string(SESSIONHUBCTL_PATH) + " backup create --endpoint " + hub.endpoint());
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.output, HasSubstr("start it with --backup-dir"));
}

TEST_F(UpkeepTest, AFolderForBackupsWithinTheDataIsRefused) {
  HubProcess hub({"--backup-dir", folder_.path() + "/data/backups"});
  hub.set_data_dir(folder_.path() + "/data");
  EXPECT_EQ(hub.RunToItsEnd().value_or(-1), 2);
  EXPECT_THAT(hub.log(), HasSubstr("is within --data-dir"));
}

TEST_F(UpkeepTest, TheDoctorSeesAHubThatRunsAndAFolderThatIsWell) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Set(1));
  const ShellRun busy = Ctl("doctor --data-dir " + hub_.data_dir());
  EXPECT_EQ(busy.code, 1);
  EXPECT_THAT(busy.output, HasSubstr("in use by another process"));
  hub_.Kill();
  const ShellRun well = Ctl("doctor --data-dir " + hub_.data_dir());
  EXPECT_EQ(well.code, 0) << well.output;
  EXPECT_THAT(well.output, HasSubstr("1 sessions"));
  EXPECT_EQ(Ctl("doctor --data-dir " + folder_.path() + "/nowhere").code, 1);
  EXPECT_EQ(Ctl("backup verify --backup-dir " + folder_.path() + "/nowhere").code, 3);
}

TEST_F(UpkeepTest, ANodeThatIsDisconnectedComesBackWithItsLease) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_NO_FATAL_FAILURE(Set(1));
  const uint64_t attaches = client_->stats().attaches;
  const ShellRun cut = Ctl("nodes disconnect shop web-1 --yes");
  EXPECT_EQ(cut.code, 0) << cut.output;
  EXPECT_TRUE(WaitFor([&] { return client_->stats().attaches > attaches; }));
  ASSERT_NO_FATAL_FAILURE(Set(2));
  EXPECT_EQ(testing::IntegerAt(*session_, "n"), 2);
  EXPECT_EQ(HubProbe(hub_.endpoint()).Node("web-1").interests(), 1u) << "its lease was held";
  EXPECT_THAT(hub_.log(), AllOf(HasSubstr("event=node_disconnected app=shop name=web-1"),
                                HasSubstr("an operator has cut this stream")));
  const ShellRun nobody = Ctl("nodes disconnect shop web-9 --yes");
  EXPECT_EQ(nobody.code, 3);
  EXPECT_THAT(nobody.output, HasSubstr("no node web-9 of app shop"));
}

TEST_F(UpkeepTest, ADrainedHubEndsAsOnSigterm) {
  ASSERT_NO_FATAL_FAILURE(Start());
  testing::RawNode node(hub_.endpoint(), kApp, "web-2", 'b');
  ASSERT_TRUE(node.Attach().has_attached());
  const ShellRun drained = Ctl("drain --yes");
  EXPECT_EQ(drained.code, 0) << drained.output;
  EXPECT_EQ(node.Farewell().why(), v1::Goodbye::DRAINING);
  EXPECT_EQ(hub_.Wait().value_or(-1), 0) << hub_.log();
  EXPECT_THAT(hub_.log(), AllOf(HasSubstr("event=drain_asked"), HasSubstr("event=stopped")));
  EXPECT_EQ(Ctl("drain --yes --timeout 2").code, 4);
}

}  // namespace
}  // namespace sessionhub
