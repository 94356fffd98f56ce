// How a real sessionhubd is told its options: by flags, environment and file, which of them counts,
// what it says of those that are wrong, and what SIGHUP changes of a hub that serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using ::testing::AllOf;
using testing::DeltaOn;
using ::testing::HasSubstr;
using testing::HubProcess;
using testing::IncrementInt;
using testing::kApp;
using ::testing::Not;
using testing::RawNode;
using testing::TemporaryFolder;
using testing::WaitFor;

constexpr int kWrongOptions = 2;

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class OptionsTest : public ::testing::Test {
 protected:
  void WriteFile(const std::string& text) const { std::ofstream(file_) << text; }
  // What a hub with these options prints, which does not start.
  std::string RunToTheEnd(HubProcess* hub, int exit_code) {
    const auto code = hub->RunToItsEnd();
    EXPECT_OK(code);
    EXPECT_EQ(code.value_or(-1), exit_code) << hub->log();
    EXPECT_FALSE(std::filesystem::exists(hub->data_dir())) << "nothing is made before all is right";
    return hub->log();
  }

  const TemporaryFolder folder_;
  const std::string file_ = folder_.path() + "/hub.conf";
};

// ---- where they are from ----

TEST_F(OptionsTest, AFlagGoesBeforeTheEnvironmentAndThatBeforeTheFile) {
  WriteFile("delta-ops-max = 101\npath-segments-max = 11\npath-definitions-max = 1001\n");
  HubProcess hub({"--config", file_, "--delta-ops-max=103"});
  hub.set_environment({"SESSIONHUB_DELTA_OPS_MAX=102", "SESSIONHUB_PATH_SEGMENTS_MAX=12"});
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), kApp, "web-1", 'a');
  const v1::Limits told = node.Attach().attached().limits();
  EXPECT_EQ(told.delta_ops_max(), 103u);
  EXPECT_EQ(told.path_segments_max(), 12u);
  EXPECT_EQ(told.path_definitions_max(), 1'001u);
}

TEST_F(OptionsTest, TheEnvironmentMayNameTheFile) {
  WriteFile("path-segments-max = 11\n");
  HubProcess hub;
  hub.set_environment({"SESSIONHUB_CONFIG=" + file_});
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), kApp, "web-1", 'a');
  EXPECT_EQ(node.Attach().attached().limits().path_segments_max(), 11u);
}

// ---- what is wrong ----

TEST_F(OptionsTest, AWrongFileStopsTheStartAndNamesEachLine) {
  WriteFile("# comment\nlease-ms = 50\n\nleese-ms = 5\nshards = 2\nshards = 3\nnodes-max = all\n");
  HubProcess hub({"--config", file_});
  const std::string log = "\n" + RunToTheEnd(&hub, kWrongOptions);
  EXPECT_THAT(
      log,
      AllOf(HasSubstr("\n" + file_ + ":2: lease-ms = 50 is out of its range: 100 to 3600000 ms\n"),
            HasSubstr("\n" + file_ + ":4: leese-ms is no option: do you mean lease-ms?\n"),
            HasSubstr("\n" + file_ + ":6: shards is given twice, first in line 5: leave one out\n"),
            HasSubstr("\n" + file_ + ":7: nodes-max = all is no whole number: give 1 to 1048576\n"),
            HasSubstr("event=start_failed")));
}

TEST_F(OptionsTest, AFileThatIsNotThereStopsTheStart) {
  HubProcess hub({"--config", file_});
  EXPECT_THAT(RunToTheEnd(&hub, kWrongOptions),
              AllOf(HasSubstr("cannot read --config " + file_), HasSubstr("No such file")));
}

TEST_F(OptionsTest, AWrongVariableOrFlagStopsTheStart) {
  HubProcess hub({"--heartbeat-ms=soon", "--shard=2"});
  hub.set_environment({"SESSIONHUB_LEASE_MS=50", "SESSIONHUB_LEESE_MS=1000"});
  EXPECT_THAT(RunToTheEnd(&hub, kWrongOptions),
              AllOf(HasSubstr("SESSIONHUB_LEASE_MS = 50 is out of its range: 100 to 3600000 ms\n"),
                    HasSubstr("SESSIONHUB_LEESE_MS is no option: do you mean SESSIONHUB_LEASE_MS?"),
                    HasSubstr("--heartbeat-ms = soon is no whole number: give 100 to 600000 ms\n"),
                    HasSubstr("--shard is no option: do you mean --shards?\n")));
}

// ---- what is printed ----

TEST_F(OptionsTest, WhatIsPrintedStartsTheSameHub) {
  HubProcess printing({"--print-config", "--delta-ops-max=103", "--log-level=warning"});
  printing.set_environment({"SESSIONHUB_PATH_SEGMENTS_MAX=12"});
  const std::string page = RunToTheEnd(&printing, 0);
  EXPECT_THAT(page, AllOf(HasSubstr("\n# set by SESSIONHUB_PATH_SEGMENTS_MAX\n"
                                    "path-segments-max = 12\n"),
                          HasSubstr("\n#lease-ms = 30000\n")));
  WriteFile(page);
  HubProcess hub({"--config", file_});
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), kApp, "web-1", 'a');
  const v1::Attached attached = node.Attach().attached();
  EXPECT_EQ(attached.limits().delta_ops_max(), 103u);
  EXPECT_EQ(attached.limits().path_segments_max(), 12u);
  EXPECT_EQ(attached.lease_ms(), 30'000u);
  hub.Terminate();
  ASSERT_EQ(hub.Wait().value_or(-1), 0);
  EXPECT_THAT(hub.log(), Not(HasSubstr("event=ready"))) << "it logs warnings only";
}

TEST_F(OptionsTest, ACheckSaysWhetherAHubCanStart) {
  HubProcess right({"--check-config"});
  EXPECT_THAT(RunToTheEnd(&right, 0), HasSubstr("the options are right"));
  HubProcess out_of_range({"--check-config", "--lease-ms=1"});
  EXPECT_THAT(
      RunToTheEnd(&out_of_range, kWrongOptions),
      AllOf(HasSubstr("--lease-ms = 1 is out of its range"), Not(HasSubstr("event=start_failed"))));
  HubProcess not_fitting({"--check-config", "--listen", "0.0.0.0:0"});
  EXPECT_THAT(RunToTheEnd(&not_fitting, kWrongOptions), HasSubstr("--insecure-listen"));
}

// ---- SIGHUP ----

class ReloadTest : public OptionsTest {
 protected:
  void Start(const std::string& text) {
    WriteFile(text);
    ASSERT_OK(hub_.Start());
    ASSERT_TRUE(first_.emplace(hub_.endpoint(), kApp, "web-1", 'a').Attach().has_attached());
    number_ = first_->Open("ada").opened().number();
  }
  // Until the hub has read the file again, and said so in these words.
  void Reload(const std::string& text, const std::string& words) {
    const int before = CountOf(hub_.log(), words);
    WriteFile(text);
    hub_.Signal(SIGHUP);
    ASSERT_TRUE(WaitFor([&] { return CountOf(hub_.log(), words) > before; })) << hub_.log();
  }
  // On the stream that the node has had from the beginning.
  void ExpectNobodyWasCut() {
    EXPECT_GT(first_->Commit(DeltaOn(number_, IncrementInt("n", 1))).from(), 0u);
  }
  v1::HubFrame AttachAnother(const std::string& name, char incarnation) {
    return others_.emplace_back(hub_.endpoint(), kApp, name, incarnation).Attach();
  }

  HubProcess hub_{{"--config", file_}};
  std::optional<RawNode> first_;
  std::deque<RawNode> others_;
  uint64_t number_ = 0;
};

TEST_F(ReloadTest, TheBoundOfNodesChangesUnderANodeThatIsNotCut) {
  ASSERT_NO_FATAL_FAILURE(Start("nodes-max = 1\n"));
  const v1::HubFrame refused = AttachAnother("web-2", 'b');
  EXPECT_EQ(refused.goodbye().why(), v1::Goodbye::BUSY);
  EXPECT_THAT(refused.goodbye().message(), HasSubstr("nodes_max = 1"));
  ASSERT_NO_FATAL_FAILURE(
      Reload("nodes-max = 2\n", "event=reloaded changed=\"nodes-max\" needs_restart=\"\""));
  EXPECT_TRUE(AttachAnother("web-2", 'b').has_attached());
  ExpectNobodyWasCut();
  // Below what there is: those stay, and nobody else comes.
  ASSERT_NO_FATAL_FAILURE(Reload("nodes-max = 1\n", "changed=\"nodes-max\""));
  EXPECT_EQ(AttachAnother("web-3", 'c').goodbye().why(), v1::Goodbye::BUSY);
  ExpectNobodyWasCut();
  EXPECT_GT(others_[1].Open("bob").opened().number(), 0u);
}

TEST_F(ReloadTest, TheLogLevelChanges) {
  ASSERT_NO_FATAL_FAILURE(Start("log-level = error\n"));
  EXPECT_THAT(hub_.log(), Not(HasSubstr("event=ready")));
  ASSERT_NO_FATAL_FAILURE(Reload("log-level = info\n", "event=reloaded changed=\"log-level\""));
  ASSERT_NO_FATAL_FAILURE(Reload("log-level = info\n", "event=reloaded changed=\"\""));
  ASSERT_NO_FATAL_FAILURE(Reload("log-level = error\n", "event=reloaded changed=\"log-level\""));
  ExpectNobodyWasCut();
  hub_.Terminate();
  ASSERT_EQ(hub_.Wait().value_or(-1), 0);
  EXPECT_THAT(hub_.log(), Not(HasSubstr("event=stopped")));
}

TEST_F(ReloadTest, WhatTakesARestartIsNamedEachTime) {
  ASSERT_NO_FATAL_FAILURE(Start(""));
  const std::string words =
      "event=reloaded changed=\"\" needs_restart=\"lease-ms value-bytes-max\"";
  const std::string text = "lease-ms = 1000\nvalue-bytes-max = 1000\n";
  ASSERT_NO_FATAL_FAILURE(Reload(text, words));
  ASSERT_NO_FATAL_FAILURE(Reload(text, words));
  const v1::Attached attached = AttachAnother("web-2", 'b').attached();
  EXPECT_EQ(attached.lease_ms(), 30'000u);
  EXPECT_EQ(attached.limits().value_bytes_max(), 1u << 20);
  ExpectNobodyWasCut();
}

TEST_F(ReloadTest, AFileThatIsWrongChangesNothing) {
  ASSERT_NO_FATAL_FAILURE(Start("nodes-max = 1\n"));
  ASSERT_NO_FATAL_FAILURE(
      Reload("nodes-max = 5\nlog-level = error\nlease-ms = 1\nx = 1\n", "event=reload_failed"));
  EXPECT_THAT(hub_.log(), AllOf(HasSubstr(file_ + ":3: lease-ms = 1 is out of its range"),
                                HasSubstr(file_ + ":4: x is no option")));
  EXPECT_EQ(AttachAnother("web-2", 'b').goodbye().why(), v1::Goodbye::BUSY);
  // Values that are right one by one, and do not fit each other.
  ASSERT_NO_FATAL_FAILURE(Reload("nodes-max = 5\ndelta-bytes-max = 64\n",
                                 "event=reload_failed effect=\"everything is as before\" "
                                 "reason=\"--delta-bytes-max = 64 is below"));
  std::filesystem::remove(file_);
  hub_.Signal(SIGHUP);
  ASSERT_TRUE(WaitFor([&] { return CountOf(hub_.log(), "event=reload_failed") == 3; }));
  EXPECT_THAT(hub_.log(), HasSubstr("cannot read --config"));
  EXPECT_EQ(AttachAnother("web-2", 'b').goodbye().why(), v1::Goodbye::BUSY);
  ExpectNobodyWasCut();
  hub_.Terminate();
  ASSERT_EQ(hub_.Wait().value_or(-1), 0);
  EXPECT_THAT(hub_.log(), HasSubstr("event=stopped")) << "the level of the log is as it was";
}

TEST_F(ReloadTest, FlagsAndEnvironmentStayThoseOfTheStart) {
  HubProcess hub({"--config", file_, "--nodes-max=1"});
  hub.set_environment({"SESSIONHUB_DRAIN_MS=5"});
  WriteFile("");
  ASSERT_OK(hub.Start());
  WriteFile("nodes-max = 5\ndrain-ms = 7\nlog-level = warning\n");
  hub.Signal(SIGHUP);
  EXPECT_TRUE(WaitFor([&] {
    return CountOf(hub.log(), "event=reloaded changed=\"log-level\" needs_restart=\"\"") == 1;
  })) << hub.log();
}

TEST_F(ReloadTest, ManySignalsAndNoFileDoNoHarm) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  RawNode node(hub.endpoint(), kApp, "web-1", 'a');
  ASSERT_TRUE(node.Attach().has_attached());
  for (int i = 0; i < 100; ++i) hub.Signal(SIGHUP);
  ASSERT_TRUE(WaitFor([&] { return CountOf(hub.log(), "event=reloaded changed=\"\"") > 0; }));
  EXPECT_GT(node.Open("ada").opened().number(), 0u);
  hub.Signal(SIGHUP);
  hub.Terminate();
  EXPECT_EQ(hub.Wait().value_or(-1), 0);
  EXPECT_THAT(hub.log(), HasSubstr("event=stopped"));
}

}  // namespace
}  // namespace sessionhub
