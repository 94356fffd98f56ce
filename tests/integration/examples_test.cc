// The examples, as programs against a real hub.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

#include "tests/support/hub_process.h"
#include "tests/support/status_matchers.h"

namespace sessionhub {
namespace {

using testing::HubProcess;

// What the program prints, and its exit status as the last line.
std::string OutputOf(const std::string& command) {
  FILE* pipe = popen((EXAMPLES_PATH "/" + command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "it could not be started";
  std::string output;
  std::array<char, 256> line{};
  while (fgets(line.data(), line.size(), pipe) != nullptr) output += line.data();
  return output + "exit " + std::to_string(pclose(pipe));
}

// A program that takes lines and gives lines; its input ends with this.
class Conversation {
 public:
  Conversation(const std::string& program, const std::string& endpoint, const std::string& node) {
    const std::string path = EXAMPLES_PATH "/" + program;
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    if (pipe2(to.data(), O_CLOEXEC) != 0 || pipe2(from.data(), O_CLOEXEC) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      dup2(to[0], STDIN_FILENO);
      dup2(from[1], STDOUT_FILENO);
      execl(path.c_str(), path.c_str(), endpoint.c_str(), node.c_str(), nullptr);
      _exit(127);
    }
    close(to[0]);
    close(from[1]);
    to_ = fdopen(to[1], "w");
    from_ = fdopen(from[0], "r");
  }
  ~Conversation() {
    if (pid_ <= 0) return;
    fclose(to_);
    fclose(from_);
    waitpid(pid_, nullptr, 0);
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // Its next line. Waits for it: the test's time is bounded by whoever runs it.
  std::string Line() {
    std::array<char, 256> line{};
    if (from_ == nullptr || fgets(line.data(), line.size(), from_) == nullptr) return "has ended";
    std::string text = line.data();
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  std::string Ask(const std::string& request) {
    if (to_ == nullptr) return "was not started";
    fputs((request + "\n").c_str(), to_);
    fflush(to_);
    return Line();
  }

 private:
  pid_t pid_ = 0;
  FILE* to_ = nullptr;
  FILE* from_ = nullptr;
};

TEST(Examples, HelloSessionAddsAnItemToTheCartAtEachRun) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  for (int run = 1; run <= 2; ++run) {
    EXPECT_EQ(OutputOf("hello_session " + hub.endpoint() + " ada"),
              "version " + std::to_string(run + 1) +
                  "\n"
                  "  cart/items/85123A/qty = " +
                  std::to_string(run) +
                  "\n"
                  "  cart/last = \"85123A\"\n"
                  "exit 0");
  }
}

TEST(Examples, TheGuideDoesWhatItSays) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  EXPECT_EQ(OutputOf("guide " + hub.endpoint() + " ada"),
            "quantity: 1\n"
            "  cart/items/85123A/name = \"hanging heart\"\n"
            "  cart/items/85123A/qty = 1\n"
            "  cart/last = \"85123A\"\n"
            "address: {\"city\":\"London\",\"street\":\"12 St James's Square\"}\n"
            "opened: 1 of 2\n"
            "fields: 10\n"
            "at version 2 on 1 nodes\n"
            "ended: 1\n"
            "answer: 200\n"
            "has ended\n"
            "exit 0");
}

TEST(Examples, TheCartFollowsItsUserThroughALogin) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  Conversation web1("shopping_cart", hub.endpoint(), "web-1");
  Conversation web2("shopping_cart", hub.endpoint(), "web-2");
  EXPECT_EQ(web2.Ask("show g7"), "NOT_FOUND");
  EXPECT_EQ(web1.Ask("visit g7"), "g7@1 guest:");
  EXPECT_EQ(web1.Ask("add g7@1 tea"), "g7@2 guest: tea=1");
  EXPECT_EQ(web2.Ask("add g7@2 cup"), "g7@3 guest: cup=1 tea=1");
  EXPECT_EQ(web1.Ask("add g7@3 tea"), "g7@4 guest: cup=1 tea=2");

  EXPECT_EQ(web2.Ask("login g7@4 m9 ada"), "m9@5 ada: cup=1 tea=2");
  EXPECT_EQ(web1.Line(), "told: g7 has another id");
  EXPECT_EQ(web1.Ask("add m9@5 pot"), "m9@6 ada: cup=1 pot=1 tea=2");
  EXPECT_EQ(web2.Ask("show m9@6"), "m9@6 ada: cup=1 pot=1 tea=2");
  // Whoever planted or stole the guest's cookie has nothing.
  EXPECT_EQ(web1.Ask("show g7"), "NOT_FOUND");
  EXPECT_EQ(web2.Ask("add g7@4 tea"), "NOT_FOUND");
}

TEST(Examples, TrackedObjectSendsWhatChanged) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  const std::string command = "tracked_object " + hub.endpoint() + " ada";
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(OutputOf(command),
              "created: version 2 {\"name\":\"Ada\",\"theme\":\"light\",\"visits\":0}\n"
              "changed: version 3 {\"name\":\"Ada\",\"theme\":\"light\",\"visits\":1}\n"
              "the same: version 3 {\"name\":\"Ada\",\"theme\":\"light\",\"visits\":1}\n"
              "exit 0");
  }
}

}  // namespace
}  // namespace sessionhub
