#include "hub/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

// What systemd is for a hub: a socket that is read, and its name in the environment.
class Manager {
 public:
  explicit Manager(const std::string& name) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path);
    if (name[0] == '@') address.sun_path[0] = '\0';
    const size_t bytes = offsetof(sockaddr_un, sun_path) + name.size();
    bound_ = bind(fd_, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(bytes)) == 0;
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Manager() {
    unsetenv("NOTIFY_SOCKET");
    close(fd_);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  bool bound() const { return bound_; }
  // Empty if nothing has been sent.
  std::string Read() const {
    char text[256];
    const ssize_t bytes = recv(fd_, text, sizeof(text), MSG_DONTWAIT);
    return bytes < 0 ? "" : std::string(text, static_cast<size_t>(bytes));
  }

 private:
  int fd_;
  bool bound_ = false;
};

TEST(ServiceManagerTest, NobodyIsToldWithoutTheVariable) {
  unsetenv("NOTIFY_SOCKET");
  EXPECT_OK(TellServiceManager("READY=1"));
  setenv("NOTIFY_SOCKET", "", 1);
  EXPECT_OK(TellServiceManager("READY=1"));
  unsetenv("NOTIFY_SOCKET");
}

TEST(ServiceManagerTest, EachStateIsOneDatagram) {
  testing::TemporaryFolder folder;
  const Manager manager(folder.path() + "/notify");
  ASSERT_TRUE(manager.bound());
  ASSERT_OK(TellServiceManager("READY=1"));
  ASSERT_OK(TellServiceManager("STOPPING=1"));
  EXPECT_EQ(manager.Read(), "READY=1");
  EXPECT_EQ(manager.Read(), "STOPPING=1");
  EXPECT_EQ(manager.Read(), "");
}

TEST(ServiceManagerTest, AnAbstractNameBeginsWithAnAt) {
  const Manager manager("@sessionhub-test-" + std::to_string(getpid()));
  ASSERT_TRUE(manager.bound());
  ASSERT_OK(TellServiceManager("READY=1"));
  EXPECT_EQ(manager.Read(), "READY=1");
}

TEST(ServiceManagerTest, ASocketThatNobodyReadsIsNamed) {
  testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/nobody";
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  EXPECT_THAT(TellServiceManager("READY=1"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(path)));
  unsetenv("NOTIFY_SOCKET");
}

TEST(ServiceManagerTest, WhatIsNoAddressIsRefused) {
  const size_t bytes_max = sizeof(sockaddr_un::sun_path) - 1;
  const std::string longest = "/" + std::string(bytes_max - 1, 'a');
  for (const std::string& name : {std::string("notify"), longest + "a"}) {
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    EXPECT_THAT(TellServiceManager("READY=1"),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name)));
  }
  setenv("NOTIFY_SOCKET", longest.c_str(), 1);
  EXPECT_THAT(TellServiceManager("READY=1"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(longest)));
  unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace sessionhub::hub
