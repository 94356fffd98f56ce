// Two releases and one data folder, with real processes: a hub that stands for the next release
// serves a folder of this one and leaves its format; this one opens it again with every write;
// finalizing ends that, whatever dies meanwhile, and is told in so many words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/ctl/commands.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::kApp;
using ::testing::Not;
using testing::RawNode;
using testing::WaitFor;

constexpr uint32_t kNext = 2;
constexpr int kKilled = 128 + 9;
constexpr int kDoesNotStart = 1;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

Ran Ctl(const HubProcess& hub, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--endpoint", hub.endpoint()});
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  ctl::Terminal terminal{in, out, err, false};
  const ctl::ExitCode code = ctl::RunProgram(arguments, terminal);
  return {static_cast<int>(code), out.str(), err.str()};
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Every file below a folder, with its bytes.
std::map<std::string, std::string> Contents(const std::string& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    contents[entry.path()] = entry.is_regular_file() ? ReadFile(entry.path()) : "";
  }
  return contents;
}

std::string FormatFile(const HubProcess& hub) {
  return ReadFile(hub.data_dir() + "/FORMAT");
}

constexpr char kFormat1[] = "sessionhub data folder, format 1\n";
constexpr char kFormat2[] = "sessionhub data folder, format 2\n";

class UpgradeTest : public ::testing::Test {
 protected:
  void StartThisRelease() {
    hub_.set_newest_format(0);
    ASSERT_OK(hub_.Start());
  }
  void StartNextRelease() {
    hub_.set_newest_format(kNext);
    ASSERT_OK(hub_.Start());
  }
  void Stop() {
    hub_.Terminate();
    EXPECT_EQ(hub_.Wait().value_or(-1), 0) << hub_.log();
  }
  // The line `ready` is written just after the port file.
  void ExpectLogged(const std::string& words) {
    EXPECT_TRUE(WaitFor([&] { return hub_.log().find(words) != std::string::npos; })) << hub_.log();
  }
  // Commits; each is acked.
  void Write(int commits) {
    RawNode node(hub_.endpoint(), kApp, "web-1", incarnation_++);
    ASSERT_TRUE(node.Attach().has_attached());
    const uint64_t number = node.Open("ada").opened().number();
    for (int i = 0; i < commits; ++i) {
      const v1::Item answer = node.Commit(testing::DeltaOn(number, testing::IncrementInt("n", 1)));
      ASSERT_GT(answer.from(), 0u) << "it is not applied";
      ++acked_;
    }
  }
  void CheckEveryAckedWriteIsThere() {
    EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, "ada", "n"), acked_);
  }
  // With its words and its exit code, and without a trace in the folder.
  void CheckThisReleaseRefuses() {
    const auto before = Contents(hub_.data_dir());
    const size_t said = hub_.log().size();
    hub_.set_newest_format(0);
    EXPECT_EQ(hub_.RunToItsEnd().value_or(-1), kDoesNotStart);
    EXPECT_THAT(hub_.log().substr(said),
                AllOf(HasSubstr("event=start_failed"), HasSubstr("data folder " + hub_.data_dir()),
                      HasSubstr("has format 2"), HasSubstr("this sessionhubd reads format 1"),
                      HasSubstr("use a newer sessionhubd")));
    EXPECT_EQ(Contents(hub_.data_dir()), before) << "it is not touched";
  }

  HubProcess hub_;
  char incarnation_ = 'a';
  int64_t acked_ = 0;
};

TEST_F(UpgradeTest, UntilItIsFinalizedThePreviousReleaseOpensTheFolderAgain) {
  StartThisRelease();
  Write(20);
  Stop();
  for (int round = 0; round < 2; ++round) {
    StartNextRelease();
    ExpectLogged(" format=1 newest_format=2 ");
    Write(20);
    EXPECT_EQ(FormatFile(hub_), kFormat1);
    // The one comes to its end, the other is killed.
    round == 0 ? Stop() : hub_.Kill();
    EXPECT_EQ(FormatFile(hub_), kFormat1);
    StartThisRelease();
    CheckEveryAckedWriteIsThere();
    Write(1);
    Stop();
  }
}

TEST_F(UpgradeTest, OnceItIsFinalizedThePreviousReleaseRefusesAndTheNextHasEverything) {
  StartThisRelease();
  Write(20);
  Stop();
  StartNextRelease();
  const json status = json::parse(Ctl(hub_, {"upgrade", "status", "--output", "json"}).out);
  EXPECT_EQ(status, json::parse(R"({"format":1,"newest_format":2,"to_finalize":true})"));
  const Ran done = Ctl(hub_, {"upgrade", "finalize", "--yes"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("has format 2, before it 1"));
  EXPECT_EQ(FormatFile(hub_), kFormat2);
  EXPECT_THAT(hub_.log(), HasSubstr("event=upgrade_finalized format=2 format_before=1"));
  EXPECT_EQ(HubProbe(hub_.endpoint()).Status().format(), kNext);
  Write(20);
  // Once more, and nothing happens.
  const Ran again = Ctl(hub_, {"upgrade", "finalize", "--yes", "--output", "json"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(json::parse(again.out), json::parse(R"({"format":2,"format_before":2})"));
  Stop();
  CheckThisReleaseRefuses();
  StartNextRelease();
  ExpectLogged(" format=2 newest_format=2 ");
  CheckEveryAckedWriteIsThere();
  EXPECT_THAT(Ctl(hub_, {"upgrade", "status"}).out, Not(HasSubstr("yes")));
}

TEST_F(UpgradeTest, ANewFolderOfTheNextReleaseIsOfItsFormat) {
  StartNextRelease();
  Write(1);
  EXPECT_EQ(FormatFile(hub_), kFormat2);
  Stop();
  CheckThisReleaseRefuses();
}

TEST_F(UpgradeTest, WhereThereIsNothingToFinalizeNothingHappens) {
  StartThisRelease();
  const Ran done = Ctl(hub_, {"upgrade", "finalize", "--yes"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("Nothing to finalize: the data folder has format 1"));
  EXPECT_THAT(hub_.log(), Not(HasSubstr("upgrade_finalized")));
  EXPECT_EQ(FormatFile(hub_), kFormat1);
}

TEST_F(UpgradeTest, AFormatThatTheHubDoesNotKnowIsRefused) {
  StartNextRelease();
  const auto admin = v1::Admin::NewStub(testing::NewChannel(hub_.endpoint()));
  for (const uint32_t format : {0u, 1u, 3u}) {
    grpc::ClientContext context;
    v1::FinalizeUpgradeRequest request;
    request.set_format(format);
    v1::FinalizeUpgradeResponse response;
    const grpc::Status status = admin->FinalizeUpgrade(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION) << format;
    EXPECT_THAT(status.error_message(), HasSubstr("newest of this hub, 2"));
  }
}

struct Death {
  std::string fail_point;
  const char* format;  // what FORMAT says afterwards
};

void PrintTo(const Death& death, std::ostream* out) {
  *out << death.fail_point;
}

class FinalizeDeathTest : public UpgradeTest, public ::testing::WithParamInterface<Death> {};

TEST_P(FinalizeDeathTest, LeavesAFolderThatOpensWithEverything) {
  StartThisRelease();
  Write(10);
  Stop();
  hub_.set_fail_point(GetParam().fail_point + ":1");
  StartNextRelease();
  hub_.set_fail_point("");
  Write(10);
  hub_.Arm();
  ASSERT_TRUE(WaitFor([&] { return hub_.log().find("fail_point_armed") != std::string::npos; }));
  const Ran cut = Ctl(hub_, {"upgrade", "finalize", "--yes"});
  EXPECT_EQ(cut.code, 4) << "the hub has not answered: " << cut.out << cut.err;
  EXPECT_EQ(hub_.Wait().value_or(-1), kKilled) << hub_.log();
  EXPECT_EQ(FormatFile(hub_), GetParam().format);
  if (FormatFile(hub_) == kFormat1) {
    StartThisRelease();
    CheckEveryAckedWriteIsThere();
    Stop();
  } else {
    CheckThisReleaseRefuses();
  }
  StartNextRelease();
  CheckEveryAckedWriteIsThere();
  const Ran done = Ctl(hub_, {"upgrade", "finalize", "--yes"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(FormatFile(hub_), kFormat2);
  EXPECT_FALSE(fs::exists(hub_.data_dir() + "/FORMAT.new"));
  Write(1);
  Stop();
  StartNextRelease();
  CheckEveryAckedWriteIsThere();
}

INSTANTIATE_TEST_SUITE_P(Each, FinalizeDeathTest,
                         ::testing::Values(Death{"finalize.draft", kFormat1},
                                           Death{"finalize.format", kFormat2},
                                           Death{"finalize.record", kFormat2}),
                         [](const auto& death) {
                           std::string name = death.param.fail_point;
                           name[name.find('.')] = '_';
                           return name;
                         });

// SIGKILL at any moment, besides: the folder opens with what FORMAT says.
TEST_F(UpgradeTest, AKillAtAnyMomentLeavesAFolderThatOpensWithEverything) {
  constexpr int kKills = 8;
  int finalized_before_the_kill = 0;
  StartThisRelease();
  Write(5);
  Stop();
  for (int kill = 0; kill < kKills; ++kill) {
    SCOPED_TRACE(kill);
    const fs::path copy = hub_.data_dir() + "-before";
    fs::copy(hub_.data_dir(), copy, fs::copy_options::recursive);
    StartNextRelease();
    Write(5);
    // The call is on its way while the hub dies; a later kill comes later.
    std::thread finalizer([&] { Ctl(hub_, {"upgrade", "finalize", "--yes"}); });
    for (int i = 0; i < 4 * kill; ++i) HubProbe(hub_.endpoint()).Status();
    hub_.Kill();
    finalizer.join();
    const bool finalized = FormatFile(hub_) == kFormat2;
    if (finalized) {
      ++finalized_before_the_kill;
      CheckThisReleaseRefuses();
      StartNextRelease();
    } else {
      StartThisRelease();
    }
    CheckEveryAckedWriteIsThere();
    Stop();
    if (!finalized) {
      fs::remove_all(copy);
      continue;
    }
    // There is no way back but a copy.
    fs::remove_all(hub_.data_dir());
    fs::rename(copy, hub_.data_dir());
    acked_ -= 5;
  }
  RecordProperty("finalized_before_the_kill", finalized_before_the_kill);
}

}  // namespace
}  // namespace sessionhub
