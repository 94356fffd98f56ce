// A disk that is nearly full: what lets sessions grow waits at the hub and is applied once there is
// space again; reads, deletes and expiry go on meanwhile; nobody is told anything untrue. With a
// hub whose disk is what the test says, and with a real one on a real disk.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/gateway/node_stream.h"
#include "hub/hub.h"
#include "hub/space_watch.h"
#include "hub/store/memory_store.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/relay.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using std::chrono_literals::operator""ms;
using Kind = Committed::Kind;
using testing::ConnectTo;
using testing::DeltaOn;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::HubProbe;
using testing::HubProcess;
using testing::kApp;
using testing::kPatience;
using ::testing::Not;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::PutString;
using testing::RawNode;
using testing::Relay;
using testing::StatusIs;
using testing::WaitFor;

constexpr uint64_t kMinuteUs = 60'000'000;
constexpr uint64_t kMiB = 1 << 20;
constexpr std::chrono::milliseconds kDrain = 4 * kPatience;

class DiskSpaceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    config_.data_dir = "memory";
    config_.listen = "127.0.0.1:0";
    config_.disk_free_bytes_min = kMiB;
    config_.drain_ms = kDrain.count();
    auto hub = hub::Hub::Start(config_, hub::MemoryStore::Create(HistoryId{1}),
                               [this] { return free_bytes_.load(); });
    ASSERT_OK(hub);
    hub_ = *std::move(hub);
    probe_.emplace(endpoint());
    web_.emplace(ConnectTo(endpoint(), "web-1"));
    auto session = OpenOrCreate(*web_, "ada");
    ASSERT_OK(session);
    ada_ = *std::move(session);
  }

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(hub_->port()); }
  void SetFree(uint64_t bytes) {
    free_bytes_ = bytes;
    hub_->LookAtTheDisk();
  }
  static Committed Put(const Session& session, std::chrono::milliseconds timeout) {
    Edit edit = session.Begin();
    edit.Set("page", "x");
    return std::move(edit).Commit(Ack::kDurable, timeout);
  }
  static Committed Erase(const Session& session, const std::string& path) {
    Edit edit = session.Begin();
    edit.Erase(path);
    return std::move(edit).Commit(Ack::kDurable, kPatience);
  }

  std::atomic<uint64_t> free_bytes_ = 2 * kMiB;
  hub::Config config_;
  std::unique_ptr<hub::Hub> hub_;
  std::optional<HubProbe> probe_;
  std::optional<Client> web_;
  std::optional<Session> ada_;
};

TEST_F(DiskSpaceTest, GrowthWaitsAndIsAppliedOnceThereIsSpace) {
  auto other = OpenOrCreate(*web_, "bob");
  ASSERT_OK(other);
  ASSERT_TRUE(Put(*other, kPatience).applied());
  SetFree(kMiB - 1);
  EXPECT_TRUE(probe_->Status().growth_waits());
  Outcomes outcomes;
  for (int i = 0; i < 100; ++i) outcomes.Increment(*ada_, "n");
  // Sent after them, on the same stream, and answered before them.
  EXPECT_TRUE(Erase(*other, "page").applied());
  EXPECT_EQ(outcomes.open(), 100u);
  EXPECT_EQ(probe_->Integer(kApp, "ada", "n"), std::nullopt);
  SetFree(2 * kMiB);
  ASSERT_TRUE(WaitFor([&] { return outcomes.open() == 0; }));
  EXPECT_EQ(outcomes.applied(), 100u);
  EXPECT_EQ(probe_->Integer(kApp, "ada", "n"), 100);
  EXPECT_FALSE(probe_->Status().growth_waits());
}

TEST_F(DiskSpaceTest, ALimitThatIsReloadedHoldsAtOnce) {
  SetFree(kMiB - 1);
  Outcomes outcomes;
  outcomes.Increment(*ada_, "n");
  config_.disk_free_bytes_min = 0;
  EXPECT_OK(hub_->Reload(config_));
  ASSERT_TRUE(WaitFor([&] { return outcomes.open() == 0; })) << "growth goes on";
  EXPECT_EQ(outcomes.applied(), 1u);
  EXPECT_FALSE(probe_->Status().growth_waits());
  config_.disk_free_bytes_min = 3 * kMiB;
  EXPECT_OK(hub_->Reload(config_));
  EXPECT_TRUE(probe_->Status().growth_waits());
  EXPECT_TRUE(WaitFor([&] {
    const std::string message(Put(*ada_, 20ms).status.message());
    return message.find("disk_free_bytes_min of 3145728 bytes: free space") != message.npos;
  }));
}

TEST_F(DiskSpaceTest, ReadsDeletesAndExpiryGoOn) {
  OpenOptions idle;
  idle.create = Create::kExclusive;
  idle.idle_timeout = std::chrono::minutes(1);
  ASSERT_OK(web_->Open("idle", idle));
  auto gone = OpenOrCreate(*web_, "gone");
  ASSERT_OK(gone);
  ASSERT_OK(OpenOrCreate(*web_, "gone too"));
  ASSERT_TRUE(Put(*ada_, kPatience).applied());
  SetFree(0);

  Client reader = ConnectTo(endpoint(), "web-2");
  auto read = reader.Open("ada");
  ASSERT_OK(read);
  EXPECT_NE((*read->Read()).Get("page"), nullptr);
  EXPECT_TRUE(gone->Delete(kPatience).applied());
  EXPECT_TRUE(probe_->Delete(kApp, "gone too").ok());
  EXPECT_EQ(probe_->Version(kApp, "gone"), 0u);
  web_.reset();
  hub_->AdvanceTime(3 * kMinuteUs);
  EXPECT_TRUE(WaitFor([&] { return probe_->Version(kApp, "idle") == 0; }));
}

// Their user is there, though nothing of what he does is applied yet.
TEST_F(DiskSpaceTest, ASessionWhoseChangesWaitDoesNotEnd) {
  OpenOptions idle;
  idle.create = Create::kExclusive;
  idle.idle_timeout = std::chrono::minutes(1);
  auto session = web_->Open("idle", idle);
  ASSERT_OK(session);
  SetFree(0);
  Outcomes outcomes;
  for (int i = 0; i < 5; ++i) {
    outcomes.Increment(*session, "n");
    EXPECT_TRUE(Erase(*ada_, "page").applied());  // sent after it, on the same stream
    hub_->AdvanceTime(kMinuteUs * 5 / 6);
  }
  SetFree(2 * kMiB);
  ASSERT_TRUE(WaitFor([&] { return outcomes.open() == 0; }));
  EXPECT_EQ(outcomes.applied(), 5u);
}

TEST_F(DiskSpaceTest, NoSessionIsCreatedAndTheErrorSaysWhy) {
  SetFree(0);
  EXPECT_THAT(OpenOrCreate(*web_, "new"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("disk_free_bytes_min")));
  EXPECT_OK(OpenOrCreate(*web_, "ada"));
  SetFree(2 * kMiB);
  EXPECT_OK(OpenOrCreate(*web_, "new"));
}

// Nobody was told anything, so whoever waited too long knows nothing; and it is applied once.
TEST_F(DiskSpaceTest, WhoWaitsTooLongIsToldUnknownAndNothingIsDoubled) {
  SetFree(0);
  Edit edit = ada_->Begin();
  edit.Increment("n");
  const Committed late = std::move(edit).Commit(Ack::kDurable, 20ms);
  EXPECT_EQ(late.kind, Kind::kUnknown);
  SetFree(2 * kMiB);
  EXPECT_TRUE(WaitFor([&] { return probe_->Integer(kApp, "ada", "n") == 1; }));
}

TEST_F(DiskSpaceTest, WhoWaitsTooLongIsToldWhyWhileItIsSo) {
  const auto says_why = [&](const Session& session) {
    const std::string message(Put(session, 20ms).status.message());
    return message.find("disk_free_bytes_min of 1048576 bytes: free space") != message.npos;
  };
  SetFree(0);
  EXPECT_TRUE(WaitFor([&] { return says_why(*ada_); }));
  auto other = OpenOrCreate(*web_, "ada");  // the reason is the stream's, not the session's
  ASSERT_OK(other);
  EXPECT_TRUE(says_why(*other));
  SetFree(2 * kMiB);
  ASSERT_TRUE(Put(*ada_, kPatience).applied());
  hub_->Drain();  // it answers nothing any more, and not for want of space
  const Committed late = Put(*ada_, 20ms);
  EXPECT_EQ(late.kind, Kind::kUnknown);
  EXPECT_THAT(late.status.message(), Not(HasSubstr("disk_free_bytes_min")));
}

// What waits for space ends with its stream; the node sends it again.
TEST_F(DiskSpaceTest, ACutLosesAndDoublesNothing) {
  Relay relay(hub_->port());
  Client node = ConnectTo(relay.endpoint(), "web-2");
  auto session = node.Open("ada");
  ASSERT_OK(session);
  SetFree(0);
  Outcomes outcomes;
  for (int i = 0; i < 10; ++i) outcomes.Increment(*session, "n");
  // Its answer says that what was sent before it has arrived.
  auto last = node.Open("bob");
  EXPECT_EQ(last.status().code(), absl::StatusCode::kNotFound);
  relay.Refuse(true);
  relay.Cut(Relay::How::kReset);
  ASSERT_TRUE(WaitFor([&] { return !node.attached(); }));
  relay.Refuse(false);
  ASSERT_TRUE(WaitFor([&] { return node.attached(); }));
  EXPECT_EQ(outcomes.open(), 10u);
  SetFree(2 * kMiB);
  ASSERT_TRUE(WaitFor([&] { return outcomes.open() == 0; }));
  EXPECT_EQ(outcomes.applied(), 10u);
  EXPECT_EQ(probe_->Integer(kApp, "ada", "n"), 10);
}

// Past kHeldBytesMax the stream is not read, so that even an Open waits behind it.
TEST_F(DiskSpaceTest, WhatWaitsIsBounded) {
  RawNode node(endpoint(), kApp, "web-2", 'b');
  ASSERT_TRUE(node.Attach().has_attached());
  const uint64_t number = node.Open("ada").opened().number();
  SetFree(0);
  for (uint64_t seq = 1; seq <= 2; ++seq) {
    v1::NodeFrame frame;
    frame.set_first_seq(seq);
    *frame.add_deltas() =
        DeltaOn(number, PutString("page", std::string(hub::kHeldBytesMax / 2, 'x')));
    ASSERT_TRUE(node.Send(frame));
  }
  v1::NodeFrame open;
  open.add_opens()->set_request(77);
  open.mutable_opens(0)->set_id("ada");
  ASSERT_TRUE(node.Send(open));
  // Time for a hub that reads on to do so.
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(probe_->Status().growth_waits());
  SetFree(2 * kMiB);
  std::vector<bool> opened;
  for (int i = 0; i < 3; ++i) {
    const auto item = node.ReceiveItem();
    ASSERT_TRUE(item);
    opened.push_back(item->has_opened());
  }
  EXPECT_THAT(opened, ElementsAre(false, false, true));
}

// The hub stops without waiting for space, and what waited is sent again to the next.
TEST_F(DiskSpaceTest, WhatWaitsDoesNotHoldUpTheStop) {
  SetFree(0);
  Outcomes outcomes;
  outcomes.Increment(*ada_, "n");
  EXPECT_EQ(web_->Open("bob").status().code(), absl::StatusCode::kNotFound);
  std::future<void> drained = std::async(std::launch::async, [this] { hub_->Drain(); });
  EXPECT_EQ(drained.wait_for(kDrain / 2), std::future_status::ready);
  EXPECT_EQ(outcomes.open(), 1u);
}

// A file that takes space on a disk until it is destroyed.
class LargeFile {
 public:
  explicit LargeFile(std::string path) : path_(std::move(path)) {}
  ~LargeFile() { unlink(path_.c_str()); }

  // False if the file system cannot.
  bool Grow(uint64_t bytes) const {
    const int file = open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    const bool grown = file >= 0 && fallocate(file, 0, 0, static_cast<off_t>(bytes)) == 0;
    if (file >= 0) close(file);
    return grown;
  }

 private:
  const std::string path_;
};

// A real hub, a real disk, and a file that takes its space.
TEST(RealDiskTest, GrowthWaitsWhileAFileTakesTheSpaceAndGoesOnByItself) {
  testing::TemporaryFolder folder;
  const absl::StatusOr<uint64_t> free_bytes = hub::FreeSpaceOf(folder.path())();
  ASSERT_OK(free_bytes);
  constexpr uint64_t kOthers = 512 * kMiB;  // what others may write to this disk meanwhile
  constexpr uint64_t kFile = 4 * kOthers;
  if (*free_bytes < 2 * kFile) GTEST_SKIP() << "the disk of " << folder.path() << " is too full";
  HubProcess hub({"--disk-free-bytes-min", std::to_string(*free_bytes - 2 * kOthers)});
  ASSERT_OK(hub.Start());
  HubProbe probe(hub.endpoint());
  Client web = ConnectTo(hub.endpoint(), "web-1");
  auto session = OpenOrCreate(web, "ada");
  ASSERT_OK(session);
  Outcomes outcomes;
  {
    const LargeFile file(folder.path() + "/large");
    if (!file.Grow(kFile)) GTEST_SKIP() << "the file system makes no large files at once";
    ASSERT_TRUE(WaitFor([&] { return probe.Status().growth_waits(); })) << hub.log();
    outcomes.Increment(*session, "n");
    EXPECT_OK(web.Open("ada", {}));
    EXPECT_EQ(web.Open("bob").status().code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(outcomes.open(), 1u);
    EXPECT_THAT(hub.log(), HasSubstr("event=growth_waits"));
  }
  EXPECT_TRUE(WaitFor([&] { return outcomes.applied() == 1; })) << hub.log();
  EXPECT_FALSE(probe.Status().growth_waits());
}

}  // namespace
}  // namespace sessionhub
