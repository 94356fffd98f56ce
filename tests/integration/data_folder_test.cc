// A real hub and data folders that it must not serve: each stops the start, with an exit code and
// words that name the thing and the remedy. A torn tail, which is no damage; and a disk that fills.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::RawNode;
using testing::TemporaryFolder;

constexpr char kApp[] = "shop";
constexpr int kCommits = 100;

// Adds kCommits changes to a session.
void Fill(const HubProcess& hub) {
  RawNode node(hub.endpoint(), kApp, "web-1", 'a');
  ASSERT_TRUE(node.Attach().has_attached());
  const uint64_t number = node.Open("ada").opened().number();
  for (int i = 0; i < kCommits; ++i) {
    v1::Delta delta = testing::DeltaOn(number, testing::PutString("text", std::string(1000, 'x')));
    *delta.add_ops() = testing::IncrementInt("n", 1);
    ASSERT_FALSE(node.Commit(delta).has_refused());
  }
}

// The log of the last life.
std::filesystem::path NewestLog(const HubProcess& hub) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(hub.data_dir() + "/db")) {
    if (entry.path().extension() == ".log") newest = std::max(newest, entry.path());
  }
  return newest;
}

void FlipByte(const std::filesystem::path& path, uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x40));
}

MATCHER_P(DoesNotStart, words, "") {
  const absl::StatusOr<int> code = arg->RunToItsEnd();
  *result_listener << "which says: " << arg->log();
  return code.ok() && *code != 0 && *code < 128 && ::testing::Matches(words)(arg->log());
}

TEST(DataFolderTest, OneInUseByAnotherHubIsLeftToIt) {
  HubProcess first;
  ASSERT_OK(first.Start());
  HubProcess second;
  second.set_data_dir(first.data_dir());
  EXPECT_THAT(&second, DoesNotStart(AllOf(HasSubstr(first.data_dir()), HasSubstr("in use"))));
  Fill(first);
  EXPECT_EQ(HubProbe(first.endpoint()).Integer(kApp, "ada", "n"), kCommits);
}

TEST(DataFolderTest, AFileInItsPlaceIsRefused) {
  TemporaryFolder folder;
  HubProcess hub;
  hub.set_data_dir(folder.path() + "/data");
  std::ofstream(hub.data_dir()) << "not a folder\n";
  EXPECT_THAT(&hub, DoesNotStart(HasSubstr(hub.data_dir())));
}

// No user, not even root, can make a folder there.
TEST(DataFolderTest, OneThatCannotBeMadeIsRefused) {
  HubProcess hub;
  hub.set_data_dir("/proc/sessionhub-test");
  EXPECT_THAT(&hub, DoesNotStart(HasSubstr("/proc/sessionhub-test")));
}

// Of the folder and of those below it.
void SetFolderModes(const std::string& path, mode_t mode) {
  ASSERT_EQ(chmod(path.c_str(), mode), 0) << path;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (!entry.is_directory()) continue;
    ASSERT_EQ(chmod(entry.path().c_str(), mode), 0) << entry.path();
  }
}

TEST(DataFolderTest, OneThatCannotBeWrittenIsRefusedAndNotChanged) {
  // Permissions hold for root too once the programs it starts may not pass over them.
  if (geteuid() == 0) {
    if (prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) != 0) GTEST_SKIP() << "may not drop it";
  }
  HubProcess hub;
  ASSERT_OK(hub.Start());
  Fill(hub);
  hub.Kill();
  SetFolderModes(hub.data_dir(), 0500);
  EXPECT_THAT(&hub, DoesNotStart(AllOf(HasSubstr(hub.data_dir()), HasSubstr("give this user"))));
  SetFolderModes(hub.data_dir(), 0700);
  ASSERT_OK(hub.Start());
  EXPECT_EQ(HubProbe(hub.endpoint()).Integer(kApp, "ada", "n"), kCommits);
}

TEST(DataFolderTest, OneOfANewerFormatIsRefusedAndNotChanged) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  Fill(hub);
  hub.Kill();
  const std::string format = hub.data_dir() + "/FORMAT";
  std::ifstream file(format);
  const std::string written{std::istreambuf_iterator<char>(file), {}};
  std::string newer = written;
  newer.replace(newer.find('1'), 1, "2");
  std::ofstream(format) << newer;
  EXPECT_THAT(&hub, DoesNotStart(AllOf(HasSubstr(hub.data_dir()), HasSubstr("format 2"),
                                       HasSubstr("newer sessionhubd"))));
  std::ofstream(format) << written;
  ASSERT_OK(hub.Start());
  EXPECT_EQ(HubProbe(hub.endpoint()).Integer(kApp, "ada", "n"), kCommits);
}

TEST(DataFolderTest, OneByteFlippedInTheMiddleOfTheLogStopsTheStartAndNamesTheFile) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  Fill(hub);
  hub.Kill();
  const std::filesystem::path log = NewestLog(hub);
  const uint64_t bytes = std::filesystem::file_size(log);
  ASSERT_GT(bytes, uint64_t{kCommits} * 1000);
  for (const uint64_t at : {bytes / 4, bytes / 2, bytes - bytes / 4}) {
    SCOPED_TRACE("byte " + std::to_string(at) + " of " + std::to_string(bytes));
    FlipByte(log, at);
    EXPECT_THAT(&hub, DoesNotStart(HasSubstr(log.filename().string())));
    FlipByte(log, at);
  }
  ASSERT_OK(hub.Start()) << "mended, it serves again";
  EXPECT_EQ(HubProbe(hub.endpoint()).Integer(kApp, "ada", "n"), kCommits);
}

TEST(DataFolderTest, ATornTailIsNoDamage) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  Fill(hub);
  hub.Kill();
  // As if the last write had been under way: a part of it is there.
  const std::filesystem::path log = NewestLog(hub);
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 100);
  ASSERT_OK(hub.Start());
  HubProbe probe(hub.endpoint());
  EXPECT_EQ(probe.Integer(kApp, "ada", "n"), kCommits - 1);
  EXPECT_EQ(probe.Version(kApp, "ada"), uint64_t{kCommits});
}

// The outcome of a turn that could not be stored is unknown: the hub answers nobody and stops, and
// what it has answered is there.
TEST(DataFolderTest, AHubThatCannotStoreStopsAndLosesNothingThatItAnswered) {
  ASSERT_NE(std::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  HubProcess hub;
  ASSERT_OK(hub.Start());
  hub.Limit(RLIMIT_FSIZE, 512 << 10);
  Client client = testing::ConnectTo(hub.endpoint(), "web-1");
  const absl::StatusOr<Session> session = testing::OpenOrCreate(client, "ada");
  ASSERT_OK(session);
  testing::Outcomes outcomes;
  for (int i = 0; i < 64 && hub.running(); ++i) {
    Edit edit = session->Begin();
    edit.Set("text", std::string(32 << 10, 'x'));
    std::move(edit).Commit(Ack::kDurable, [](const Committed&) {});
    outcomes.Increment(*session, "n");
    EXPECT_TRUE(testing::WaitFor([&] { return outcomes.open() == 0 || !hub.running(); }));
  }
  const absl::StatusOr<int> code = hub.Wait();
  ASSERT_OK(code);
  EXPECT_EQ(*code, EXIT_FAILURE);
  EXPECT_THAT(hub.log(), AllOf(HasSubstr("event=store_failed"), HasSubstr("remedy=")));
  const uint64_t answered = outcomes.applied();
  EXPECT_GT(answered, 0u);
  EXPECT_GT(outcomes.open(), 0u) << "what could not be stored was answered";
  ASSERT_OK(hub.Start());
  EXPECT_GE(HubProbe(hub.endpoint()).Integer(testing::kApp, "ada", "n"),
            static_cast<int64_t>(answered));
  EXPECT_TRUE(testing::WaitFor([&] { return client.stats().pending == 0; }));
  EXPECT_EQ(HubProbe(hub.endpoint()).Integer(testing::kApp, "ada", "n"),
            static_cast<int64_t>(outcomes.submitted()));
}

}  // namespace
}  // namespace sessionhub
