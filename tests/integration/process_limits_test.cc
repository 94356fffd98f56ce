// A hub that the system allows too little: it says what, and what to do, and loses nothing.
#include "hub/process_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/hub_process.h"
#include "tests/support/loopback.h"
#include "tests/support/raw_node.h"
#include "tests/support/sanitizers.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using ::testing::AllOf;
using testing::Apply;
using testing::ConnectTo;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::kApp;
using testing::kSanitized;
using ::testing::Not;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::WaitFor;

// What a hub needs at least, and room for so many connections.
uint64_t RoomFor(uint64_t connections) {
  return hub::kOwnDescriptors + hub::kStoreDescriptors + connections;
}

// This process opens as many connections as the hub is to refuse.
void RaiseOwnLimit() {
  hub::RaiseDescriptorsMax();
}

// True if the other side has closed it, and false if nothing has come within a moment.
bool Closed(int connection) {
  char byte = 0;
  return recv(connection, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

TEST(ProcessLimitsTest, TooFewFilesStopTheStartBeforeAnythingIsMade) {
  HubProcess hub;
  hub.set_open_files_max(RoomFor(hub::kConnectionsMin) - 1);
  const auto code = hub.RunToItsEnd();
  ASSERT_OK(code);
  EXPECT_EQ(*code, EXIT_FAILURE);
  EXPECT_THAT(hub.log(), AllOf(HasSubstr("event=start_failed"), HasSubstr("may open 703 files"),
                               HasSubstr("needs 704"), HasSubstr("ulimit -n")));
  EXPECT_FALSE(std::filesystem::exists(hub.data_dir()));
  hub.set_open_files_max(RoomFor(hub::kConnectionsMin));
  EXPECT_OK(hub.Start());
}

// Whoever opens connections without end cannot take the files that the store must open, nor the
// port from those who come when the others are gone.
TEST(ProcessLimitsTest, ConnectionsWithoutEndAreRefusedAndTheHubServesOn) {
  RaiseOwnLimit();
  HubProcess hub;
  hub.set_open_files_max(RoomFor(200));
  ASSERT_OK(hub.Start());
  Client client = ConnectTo(hub.endpoint(), "web-1");
  const auto session = OpenOrCreate(client, "ada");
  ASSERT_OK(session);
  std::vector<int> crowd;
  for (int i = 0; i < 400; ++i) {
    crowd.push_back(testing::ConnectToLoopback(hub.port()));
    ASSERT_GE(crowd.back(), 0);
  }
  EXPECT_TRUE(WaitFor([&] { return Closed(crowd.back()); })) << "one too many";
  EXPECT_LE(hub.open_files(), RoomFor(200) - hub::kStoreDescriptors);
  Edit edit = session->Begin();
  edit.Increment("n");
  EXPECT_OK(Apply(std::move(edit)).status);
  for (const int connection : crowd) close(connection);
  EXPECT_TRUE(WaitFor([&] { return hub.open_files() < 100; }));
  HubProbe probe(hub.endpoint());
  EXPECT_EQ(probe.Integer(kApp, "ada", "n"), 1);
  EXPECT_GT(probe.Status().connections_refused(), 0u);
  EXPECT_THAT(hub.log(), AllOf(HasSubstr("event=connection_refused"), HasSubstr("LimitNOFILE")));
}

// What ends it for another reason looks as it always does, to whoever collects cores.
TEST(ProcessLimitsTest, AFaultOfAHubThatHasMemoryIsNotCalledLackOfIt) {
  if (kSanitized) GTEST_SKIP() << "sanitizers have an end of their own";
  for (const int signal : {SIGABRT, SIGSEGV}) {
    HubProcess hub;
    ASSERT_OK(hub.Start());
    hub.Signal(signal);
    EXPECT_EQ(*hub.Wait(), 128 + signal);
    EXPECT_THAT(hub.log(), Not(HasSubstr("out_of_memory")));
  }
}

// One field, written again and again in values that fill logs.
class FillingTest : public ::testing::Test {
 protected:
  // Until the hub has ended. Commits that end with it stay open.
  void FillUntilItEnds(HubProcess* hub, const Session& session) {
    constexpr int kCommitsMax = 400;
    for (int i = 0; i < kCommitsMax && hub->running(); ++i) {
      Edit edit = session.Begin();
      edit.Set("text/" + std::to_string(i % 8), std::string(512 << 10, static_cast<char>('a' + i)));
      std::move(edit).Commit(Ack::kDurable, [](const Committed&) {});
      outcomes_.Increment(session, "n");
      EXPECT_TRUE(WaitFor([&] { return outcomes_.open() == 0 || !hub->running(); }));
    }
    ASSERT_FALSE(hub->running()) << "it goes on with too little";
  }

  // The hub as it was, without limits: whatever was answered is there, and what was not is settled.
  void ExpectNothingLost(HubProcess* hub) {
    EXPECT_GT(outcomes_.applied(), 0u);
    ASSERT_OK(hub->Start());
    EXPECT_TRUE(WaitFor([&] { return outcomes_.open() == 0; }));
    EXPECT_EQ(outcomes_.failed(), 0u);
    EXPECT_EQ(HubProbe(hub->endpoint()).Integer(kApp, "ada", "n"),
              static_cast<int64_t>(outcomes_.submitted()));
  }

  Outcomes outcomes_;
};

TEST_F(FillingTest, AStoreThatMayOpenNoFileStopsTheHubWhichSaysSo) {
  if (kSanitized) GTEST_SKIP() << "sanitizers open files to look at what they check";
  HubProcess hub;
  ASSERT_OK(hub.Start());
  Client client = ConnectTo(hub.endpoint(), "web-1");
  const auto session = OpenOrCreate(client, "ada");
  ASSERT_OK(session);
  hub.Limit(RLIMIT_NOFILE, hub.open_files());
  FillUntilItEnds(&hub, *session);
  EXPECT_EQ(*hub.Wait(), EXIT_FAILURE);
  EXPECT_THAT(hub.log(), AllOf(HasSubstr("event=store_failed"), HasSubstr("no more files"),
                               HasSubstr("ulimit -n")));
  ExpectNothingLost(&hub);
}

TEST_F(FillingTest, AHubWithoutMemoryStopsAndLosesNothing) {
  if (kSanitized) GTEST_SKIP() << "sanitizers take the address space for themselves";
  HubProcess hub;
  ASSERT_OK(hub.Start());
  Client client = ConnectTo(hub.endpoint(), "web-1");
  const auto session = OpenOrCreate(client, "ada");
  ASSERT_OK(session);
  outcomes_.Increment(*session, "n");
  ASSERT_TRUE(WaitFor([&] { return outcomes_.applied() == 1; }));
  hub.Limit(RLIMIT_DATA, hub.data_bytes() + (8 << 20));
  FillUntilItEnds(&hub, *session);
  EXPECT_EQ(*hub.Wait(), EXIT_FAILURE) << "also where gRPC aborts as its own allocation fails";
  EXPECT_THAT(hub.log(), AllOf(HasSubstr("event=out_of_memory"), HasSubstr("MemoryMax")));
  ExpectNothingLost(&hub);
}

}  // namespace
}  // namespace sessionhub
