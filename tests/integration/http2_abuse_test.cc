// Legal HTTP/2 that no node would speak: the hub bounds what it costs and serves the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/hub_process.h"
#include "tests/support/loopback.h"
#include "tests/support/raw_node.h"
#include "tests/support/sanitizers.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::RawNode;
using testing::WaitFor;

constexpr char kApp[] = "shop";

// RFC 9113, section 6.
enum FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kResetStream = 3,
  kSettings = 4,
  kPing = 6,
  kContinuation = 9
};
constexpr uint8_t kEndHeaders = 4;

std::string BigEndian(uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift & 0xff);
  }
  return text;
}

std::string Frame(FrameType type, uint8_t flags, uint32_t stream, const std::string& payload) {
  return BigEndian(static_cast<uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + BigEndian(stream, 4) + payload;
}

// HPACK, literal and not indexed: RFC 7541, section 6.2.2.
std::string Field(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name +
         static_cast<char>(value.size()) + value;
}

// A call to Attach that says nothing.
std::string AttachHeaders(uint32_t stream) {
  return Frame(kHeaders, kEndHeaders, stream,
               Field(":method", "POST") + Field(":scheme", "http") +
                   Field(":path", "/sessionhub.v1.Hub/Attach") + Field(":authority", "hub") +
                   Field("te", "trailers") + Field("content-type", "application/grpc"));
}

class Http2AbuseTest : public ::testing::Test {
 protected:
  void Start(const std::vector<std::string>& options = {}) {
    hub_ = std::make_unique<HubProcess>(options);
    ASSERT_OK(hub_->Start());
    bystander_ = std::make_unique<RawNode>(hub_->endpoint(), kApp, "web-1", 'a');
    ASSERT_TRUE(bystander_->Attach().has_attached());
    number_ = bystander_->Open("ada").opened().number();
    resident_bytes_ = hub_->resident_bytes();
  }
  void TearDown() override {
    for (const int connection : open_) close(connection);
    EXPECT_TRUE(hub_->running()) << hub_->log();
  }

  // A connection that has begun as HTTP/2 does. With a window of 0 the hub may write no data to it.
  int Connect(uint32_t window_bytes = 65'535) {
    open_.push_back(testing::ConnectToLoopback(hub_->port()));
    EXPECT_GE(open_.back(), 0);
    const uint16_t kInitialWindowSize = 4;
    Say(open_.back(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
            Frame(kSettings, 0, 0, BigEndian(kInitialWindowSize, 2) + BigEndian(window_bytes, 4)));
    return open_.back();
  }

  // Sends as much as the hub takes within a moment; false once it takes no more.
  static bool Say(int connection, const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      pollfd watched = {connection, POLLOUT, 0};
      constexpr int kMomentMs = 500;
      if (poll(&watched, 1, kMomentMs) <= 0) return false;
      const ssize_t count =
          send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count <= 0) return false;
      sent += static_cast<size_t>(count);
    }
    return true;
  }

  // On the old stream and on a new connection.
  void ExpectServed() {
    EXPECT_FALSE(
        bystander_->Commit(testing::DeltaOn(number_, testing::IncrementInt("n", 1))).has_refused());
    EXPECT_EQ(HubProbe(hub_->endpoint()).Integer(kApp, "ada", "n"), ++commits_);
  }

  // A sanitizer keeps what is freed.
  void ExpectNoMoreMemoryThan(uint64_t bytes) {
    if (testing::kSanitized) return;
    EXPECT_LT(hub_->resident_bytes(), resident_bytes_ + bytes);
  }

  std::unique_ptr<HubProcess> hub_;
  std::unique_ptr<RawNode> bystander_;
  uint64_t number_ = 0;
  uint64_t resident_bytes_ = 0;
  int64_t commits_ = 0;
  std::vector<int> open_;
};

// Who does not acknowledge the hub's settings is not bound by them: the hub's own bound holds.
TEST_F(Http2AbuseTest, ThousandsOfStreamsAreRefusedPastTheBound) {
  Start({"--nodes-max", "50"});
  const int connection = Connect();
  std::string calls;
  for (uint32_t i = 0; i < 5'000; ++i) calls += AttachHeaders(2 * i + 1);
  Say(connection, calls);
  EXPECT_TRUE(
      WaitFor([&] { return hub_->log().find("event=stream_refused") != std::string::npos; }));
  EXPECT_THAT(hub_->log(), HasSubstr("streams_max=1050"));
  // A new node finds no place as long as they are there; theirs are free when they are gone.
  ExpectNoMoreMemoryThan(64 << 20);
  close(connection);
  open_.clear();
  EXPECT_TRUE(WaitFor(
      [&] { return RawNode(hub_->endpoint(), kApp, "web-2", 'b').Attach().has_attached(); }));
  ExpectServed();
}

TEST_F(Http2AbuseTest, StreamsThatAreResetAtOnceCostNoMoreThanTheBound) {
  Start({"--nodes-max", "50"});
  const std::string reset = BigEndian(8, 4);  // CANCEL
  for (int round = 0; round < 5; ++round) {
    const int connection = Connect();
    std::string calls;
    for (uint32_t i = 0; i < 2'000; ++i) {
      calls += AttachHeaders(2 * i + 1) + Frame(kResetStream, 0, 2 * i + 1, reset);
    }
    Say(connection, calls);
    ExpectServed();
  }
  ExpectNoMoreMemoryThan(192 << 20);
}

TEST_F(Http2AbuseTest, HeadersThatDoNotEndAreCutOff) {
  Start();
  const int connection = Connect();
  const std::string more = Field("x-more", std::string(100, 'x'));
  Say(connection, Frame(kHeaders, 0, 1, Field(":method", "POST")));
  std::string headers;
  for (int i = 0; i < 100; ++i) headers += more;
  for (int i = 0; i < 1'000; ++i) {
    if (!Say(connection, Frame(kContinuation, 0, 1, headers))) break;
  }
  ExpectNoMoreMemoryThan(32 << 20);
  ExpectServed();
}

// Whoever asks and does not read the answers is not read any more.
TEST_F(Http2AbuseTest, PingsWithoutEndAreNotAnsweredFromMemory) {
  Start();
  const int connection = Connect();
  std::string pings;
  for (int i = 0; i < 10'000; ++i) pings += Frame(kPing, 0, 0, "12345678");
  for (int i = 0; i < 50; ++i) {
    if (!Say(connection, pings)) break;
  }
  ExpectNoMoreMemoryThan(64 << 20);
  ExpectServed();
}

TEST_F(Http2AbuseTest, SettingsWithoutEndCostNothingThatStays) {
  Start();
  const int connection = Connect();
  std::string settings;
  for (uint32_t i = 0; i < 10'000; ++i) {
    settings += Frame(kSettings, 0, 0, BigEndian(4, 2) + BigEndian(i, 4));
  }
  for (int i = 0; i < 20; ++i) {
    if (!Say(connection, settings)) break;
  }
  ExpectNoMoreMemoryThan(64 << 20);
  ExpectServed();
}

// Nodes that say hello and then give the hub no room to write: their ends of it are bounded.
TEST_F(Http2AbuseTest, ManyWhoNeverReadHoldNobodyUp) {
  Start({"--heartbeat-ms", "1000"});
  for (int i = 0; i < 100; ++i) {
    v1::NodeFrame hello;
    hello.mutable_hello()->set_protocol_version(1);
    hello.mutable_hello()->set_app(kApp);
    hello.mutable_hello()->set_node_name("slow-" + std::to_string(i));
    hello.mutable_hello()->set_incarnation(std::string(15, 's') + static_cast<char>(i));
    const std::string bytes = hello.SerializeAsString();
    const std::string message = BigEndian(0, 1) + BigEndian(static_cast<uint32_t>(bytes.size()), 4);
    Say(Connect(0), AttachHeaders(1) + Frame(kData, 0, 1, message + bytes));
  }
  HubProbe probe(hub_->endpoint());
  ASSERT_TRUE(WaitFor([&] { return hub_->log().find("name=slow-99 ") != std::string::npos; }));
  for (int i = 0; i < 20; ++i) ExpectServed();
  // They say nothing either, so their streams end, whether they take the farewell or not.
  EXPECT_TRUE(WaitFor([&] { return probe.Status().nodes() <= 1; }));
  ExpectNoMoreMemoryThan(64 << 20);
}

}  // namespace
}  // namespace sessionhub
