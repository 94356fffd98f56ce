// Bytes on the hub's port that are no frames: the hub drops them and serves the others.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub_process.h"
#include "tests/support/loopback.h"
#include "tests/support/raw_node.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::HubProbe;
using testing::HubProcess;
using testing::RawNode;

constexpr char kApp[] = "shop";
// What every HTTP/2 connection begins with.
const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// An HTTP/2 frame: length(3) type(1) flags(1) stream(4), then the payload.
std::string Http2Frame(char type, char flags, char stream, const std::string& payload) {
  std::string frame;
  for (int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift & 0xff);
  frame += {type, flags, 0, 0, 0, stream};
  return frame + payload;
}

class GarbageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    bystander_ = std::make_unique<RawNode>(hub_.endpoint(), kApp, "web-1", 'a');
    ASSERT_TRUE(bystander_->Attach().has_attached());
    number_ = bystander_->Open("ada").opened().number();
  }
  void TearDown() override {
    for (const int connection : open_) close(connection);
    EXPECT_TRUE(hub_.running()) << hub_.log();
  }

  // Sends and leaves the connection open. What the hub closes early cuts the rest short.
  int Say(const std::string& bytes) {
    const int connection = testing::ConnectToLoopback(hub_.port());
    EXPECT_GE(connection, 0);
    open_.push_back(connection);
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t count =
          send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<size_t>(count);
    }
    return connection;
  }

  // True once the hub has closed the connection.
  static bool Closed(int connection) {
    char ignored[4096];
    pollfd watched = {connection, POLLIN, 0};
    const int patience_ms = static_cast<int>(testing::kPatience.count()) * 1000;
    while (poll(&watched, 1, patience_ms) > 0) {
      if (recv(connection, ignored, sizeof(ignored), 0) <= 0) return true;
    }
    return false;
  }

  // On the old stream and on a new connection.
  void ExpectServed() {
    EXPECT_FALSE(
        bystander_->Commit(testing::DeltaOn(number_, testing::IncrementInt("n", 1))).has_refused());
    EXPECT_EQ(HubProbe(hub_.endpoint()).Integer(kApp, "ada", "n"), ++commits_);
  }

  HubProcess hub_;
  std::unique_ptr<RawNode> bystander_;
  uint64_t number_ = 0;
  int64_t commits_ = 0;
  std::vector<int> open_;
};

TEST_F(GarbageTest, RandomBytesAreDropped) {
  testing::ForEachCase(50, [&](testing::Random& random) {
    std::string bytes(1 + testing::Below(random, 2000), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const int connection = Say(bytes);
    shutdown(connection, SHUT_WR);
    EXPECT_TRUE(Closed(connection));
  });
  ExpectServed();
}

TEST_F(GarbageTest, RandomFramesAfterAGoodPrefaceAreDropped) {
  testing::ForEachCase(50, [&](testing::Random& random) {
    std::string bytes = kPreface + Http2Frame(4, 0, 0, "");
    for (int i = 0; i < 5; ++i) {
      std::string payload(testing::Below(random, 200), '\0');
      for (char& byte : payload) byte = static_cast<char>(random());
      bytes += Http2Frame(static_cast<char>(testing::Below(random, 10)),
                          static_cast<char>(random()), static_cast<char>(random() | 1), payload);
    }
    const int connection = Say(bytes);
    shutdown(connection, SHUT_WR);
    EXPECT_TRUE(Closed(connection));
  });
  ExpectServed();
}

TEST_F(GarbageTest, HalfAPrefaceThatGoesNoFurtherCostsNobodyAnything) {
  for (size_t bytes = 0; bytes < kPreface.size(); ++bytes) Say(kPreface.substr(0, bytes));
  ExpectServed();
}

TEST_F(GarbageTest, AnotherProtocolIsTurnedAway) {
  EXPECT_TRUE(Closed(Say("GET / HTTP/1.1\r\nHost: hub\r\n\r\n")));
  EXPECT_TRUE(Closed(Say("\x16\x03\x01\x02" + std::string(600, '\x01'))));
  ExpectServed();
}

TEST_F(GarbageTest, HugeHeadersAreTurnedAway) {
  v1::GetStatusResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + testing::kPatience);
  context.AddMetadata("x-large", std::string(1 << 20, 'x'));
  const auto stub = v1::Admin::NewStub(testing::NewChannel(hub_.endpoint()));
  EXPECT_FALSE(stub->GetStatus(&context, {}, &response).ok());
  ExpectServed();
}

TEST_F(GarbageTest, AFrameThatDoesNotParseEndsItsStreamAlone) {
  // A call to Attach as gRPC frames it, with a message that is no v1.NodeFrame: its only field says
  // that it is longer than the message.
  const auto literal = [](const std::string& name, const std::string& value) {
    std::string field(1, '\0');
    field += static_cast<char>(name.size());
    field += name;
    field += static_cast<char>(value.size());
    return field + value;
  };
  const std::string headers = literal(":method", "POST") + literal(":scheme", "http") +
                              literal(":path", "/sessionhub.v1.Hub/Attach") +
                              literal(":authority", "hub") + literal("te", "trailers") +
                              literal("content-type", "application/grpc");
  const std::string message = {'\x0a', '\x7f', 'x'};
  const std::string data = std::string({0, 0, 0, 0, static_cast<char>(message.size())}) + message;
  const int connection = Say(kPreface + Http2Frame(4, 0, 0, "") + Http2Frame(1, 4, 1, headers) +
                             Http2Frame(0, 0, 1, data));
  std::string answer;
  const bool told = testing::WaitFor([&] {
    char chunk[4096];
    const ssize_t count = recv(connection, chunk, sizeof(chunk), MSG_DONTWAIT);
    if (count > 0) answer.append(chunk, static_cast<size_t>(count));
    return answer.find("does not parse") != std::string::npos;
  });
  EXPECT_TRUE(told);
  ExpectServed();
}

}  // namespace
}  // namespace sessionhub
