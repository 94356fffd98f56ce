#include "hub/gateway/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "hub/gateway/listening_sockets.h"
#include "hub/process_limits.h"
#include "tests/support/loopback.h"
#include "tests/support/notification.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {
namespace {

using absl::StatusCode;
using ::testing::AllOf;
using testing::ConnectToLoopback;
using ::testing::HasSubstr;
using testing::StatusIs;

bool FileExists(const std::string& path) {
  struct stat found = {};
  return stat(path.c_str(), &found) == 0;
}

int ConnectToUnix(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    return descriptor;
  }
  close(descriptor);
  return -1;
}

TEST(ListeningSocketsTest, AFreePortIsTakenAndNobodyElseGetsIt) {
  const auto sockets = ListeningSockets::Open("127.0.0.1:0");
  ASSERT_OK(sockets);
  ASSERT_GT(sockets->port(), 0);
  const std::string address = "127.0.0.1:" + std::to_string(sockets->port());
  EXPECT_THAT(ListeningSockets::Open(address),
              StatusIs(StatusCode::kUnavailable, AllOf(HasSubstr(address), HasSubstr("in use"))));
}

TEST(ListeningSocketsTest, ANameStandsForAllItsAddressesOnOnePort) {
  const auto sockets = ListeningSockets::Open("localhost:0");
  ASSERT_OK(sockets);
  const int connection = ConnectToLoopback(sockets->port());
  EXPECT_GE(connection, 0);
  close(connection);
}

TEST(ListeningSocketsTest, AHostThatIsNotFoundAndAnAddressOfAnotherMachineAreTold) {
  EXPECT_THAT(
      ListeningSockets::Open("no host at all:0"),
      StatusIs(StatusCode::kInvalidArgument, AllOf(HasSubstr("no host"), HasSubstr("--listen"))));
  EXPECT_THAT(ListeningSockets::Open("192.0.2.1:0"),
              StatusIs(StatusCode::kUnavailable, HasSubstr("192.0.2.1")));
}

TEST(ListeningSocketsTest, AUnixSocketGoesWithItsHubAndReplacesOneThatIsLeft) {
  testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/hub";
  {
    const auto sockets = ListeningSockets::Open("unix:" + path);
    ASSERT_OK(sockets);
    EXPECT_THAT(ListeningSockets::Open("unix:" + path),
                StatusIs(StatusCode::kUnavailable, HasSubstr(path)))
        << "somebody listens";
    const int connection = ConnectToUnix(path);
    EXPECT_GE(connection, 0);
    close(connection);
  }
  EXPECT_FALSE(FileExists(path));
  // As a hub that was killed leaves it.
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int left = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(left, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  close(left);
  ASSERT_TRUE(FileExists(path));
  EXPECT_OK(ListeningSockets::Open("unix:" + path));
}

TEST(ListeningSocketsTest, APathThatIsTooLongIsTold) {
  EXPECT_THAT(ListeningSockets::Open("unix:/" + std::string(200, 'x')),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("1 to 107 bytes")));
}

class ListenerTest : public ::testing::Test {
 protected:
  void Start(uint64_t kept) {
    auto sockets = ListeningSockets::Open("127.0.0.1:0");
    ASSERT_OK(sockets);
    port_ = sockets->port();
    listener_ = std::make_unique<Listener>(
        *std::move(sockets), kept,
        [this](int, int connection) {
          close(connection);
          handed_over_.Notify();
        },
        &refused_);
  }

  int port_ = 0;
  std::atomic<uint64_t> refused_ = 0;
  testing::Notification handed_over_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, HandsOverWhoComes) {
  Start(kOwnDescriptors);
  const int connection = ConnectToLoopback(port_);
  handed_over_.WaitForNotification();
  EXPECT_EQ(refused_, 0u);
  close(connection);
}

TEST_F(ListenerTest, ClosesAtOnceWhoeverWouldTakeWhatIsKept) {
  Start(DescriptorsMax());
  const int connection = ConnectToLoopback(port_);
  char byte = 0;
  EXPECT_EQ(recv(connection, &byte, 1, 0), 0);
  listener_.reset();
  EXPECT_EQ(refused_, 1u);
  EXPECT_FALSE(handed_over_.HasBeenNotified());
  close(connection);
}

}  // namespace
}  // namespace sessionhub::hub
