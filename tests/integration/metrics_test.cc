// What a hub tells who watches it: each counter moves by what happens, whatever a shard does; it is
// ready while it takes what nodes send, and says why when it does not. With a real sessionhubd, and
// with a hub in this process whose disk does what the test says.
#include <gmock/gmock.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "hub/hub.h"
#include "proto/session/state.h"
#include "tests/support/held_store.h"
#include "tests/support/hub_process.h"
#include "tests/support/metrics_page.h"
#include "tests/support/paths.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::DeltaOn;
using ::testing::HasSubstr;
using testing::HeldStore;
using testing::HttpGet;
using testing::HubProbe;
using testing::HubProcess;
using testing::kApp;
using testing::kPatience;
using testing::MetricsPage;
using testing::P;
using testing::PutString;
using testing::RawNode;
using testing::WaitFor;

constexpr char kPath[] = "cart/last";
constexpr size_t kValueBytes = 1000;

std::string Of(const std::string& name, const std::string& labels) {
  return name + "{" + labels + "}";
}
std::string OfShop(const std::string& name, const std::string& more = "") {
  return Of(name, "app=\"shop\"" + (more.empty() ? "" : "," + more));
}

// Puts a value of kValueBytes, another one each time.
v1::Delta PutOn(uint64_t session, int n) {
  std::string value(kValueBytes, 'x');
  value.replace(0, std::to_string(n).size(), std::to_string(n));
  return DeltaOn(session, PutString(kPath, value));
}
// What a session holds after it.
uint64_t SessionBytes() {
  return FieldSizeBytes(P(kPath), Value(std::string(kValueBytes, 'x')));
}

// ---- a real hub ----

// What its log says of it, which comes after the port file.
std::string MetricsPortIn(const HubProcess& hub) {
  const std::string key = " metrics_port=";
  EXPECT_TRUE(WaitFor([&] { return hub.log().find("event=ready") != std::string::npos; }));
  const std::string log = hub.log();
  const size_t at = log.find(key) + key.size();
  return log.substr(at, log.find(' ', at) - at);
}

class MetricsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    std::ifstream(port_file()) >> port_;
    ASSERT_GT(port_, 0);
    page_.emplace(port_);
  }
  std::string port_file() const { return folder_.path() + "/metrics-port"; }
  RawNode MakeNode(const std::string& name, char incarnation, const std::string& app = kApp) const {
    return RawNode(hub_.endpoint(), app, name, incarnation);
  }
  // Shards tell a tenth of a second late, what is broadcast is looked at each second.
  void ExpectSoon(const std::string& sample, double value) {
    EXPECT_TRUE(WaitFor([&] { return page_->Of(sample) == value; }))
        << sample << " is " << page_->Of(sample) << ", not " << value;
  }

  testing::TemporaryFolder folder_;
  HubProcess hub_{{"--metrics-listen", "127.0.0.1:0", "--metrics-port-file", port_file(),
                   "--outbox-bytes-max", "1048576", "--shards", "2"}};
  int port_ = 0;
  std::optional<MetricsPage> page_;
};

TEST_F(MetricsTest, DeltasForwardsAndTheBroadcastThatWasNotSent) {
  constexpr int kCommits = 10;
  RawNode writer = MakeNode("web-1", 'a');
  RawNode reader = MakeNode("web-2", 'b');
  RawNode bystander = MakeNode("web-3", 'c');
  for (RawNode* node : {&writer, &reader, &bystander}) {
    ASSERT_TRUE(node->Attach().has_attached());
  }
  const uint64_t session = writer.Open("ada").opened().number();
  reader.Open("ada");
  uint64_t forward_bytes = 0;
  for (int n = 0; n < kCommits; ++n) {
    ASSERT_GT(writer.Commit(PutOn(session, n)).from(), 0u);
    const auto forward = reader.ReceiveItem();
    ASSERT_TRUE(forward && forward->has_changes());
    forward_bytes += forward->changes().ByteSizeLong();
  }
  EXPECT_TRUE(writer.Commit(PutOn(session + (1 << 20), 0)).has_refused());

  ExpectSoon("sessionhub_nodes", 3);
  ExpectSoon(OfShop("sessionhub_app_nodes"), 3);
  ExpectSoon(Of("sessionhub_deltas_total", "outcome=\"applied\""), kCommits);
  ExpectSoon(Of("sessionhub_deltas_total", "outcome=\"refused\""), 1);
  ExpectSoon(OfShop("sessionhub_app_deltas_total", "outcome=\"applied\""), kCommits);
  ExpectSoon(OfShop("sessionhub_app_deltas_total", "outcome=\"refused\""), 1);
  ExpectSoon(OfShop("sessionhub_app_deltas_received_total"), kCommits + 1);
  ExpectSoon("sessionhub_forwards_total", kCommits);
  ExpectSoon(OfShop("sessionhub_app_forwards_total"), kCommits);
  ExpectSoon(OfShop("sessionhub_app_forward_bytes_total"), static_cast<double>(forward_bytes));
  ExpectSoon("sessionhub_sessions_created_total", 1);
  ExpectSoon("sessionhub_catch_ups_total", 2);
  // To the reader and to the bystander, the whole session each time.
  ExpectSoon(OfShop("sessionhub_app_broadcast_copies_total"), 2 * kCommits);
  const double broadcast = 2.0 * kCommits * static_cast<double>(SessionBytes());
  ExpectSoon(OfShop("sessionhub_app_broadcast_bytes_total"), broadcast);
  const v1::Counters counters = HubProbe(hub_.endpoint()).Status().counters();
  EXPECT_EQ(counters.forward_bytes(), forward_bytes);
  EXPECT_EQ(static_cast<double>(counters.broadcast_bytes()), broadcast);
}

TEST_F(MetricsTest, ADeltaThatIsSentAgainIsADuplicate) {
  RawNode first = MakeNode("web-1", 'a');
  ASSERT_TRUE(first.Attach().has_attached());
  const uint64_t session = first.Open("ada").opened().number();
  first.Commit(PutOn(session, 1));
  RawNode again = MakeNode("web-1", 'a');
  ASSERT_TRUE(again.Attach().has_attached());
  EXPECT_TRUE(again.Commit(PutOn(session, 1)).already());
  ExpectSoon(OfShop("sessionhub_app_deltas_total", "outcome=\"duplicate\""), 1);
  ExpectSoon(OfShop("sessionhub_app_deltas_total", "outcome=\"applied\""), 1);
  ExpectSoon(OfShop("sessionhub_app_nodes"), 1);
}

TEST_F(MetricsTest, FramesOfAnAppAreCountedWithTheirBytes) {
  RawNode shop = MakeNode("web-1", 'a');
  ASSERT_TRUE(shop.Attach().has_attached());
  RawNode node = MakeNode("web-1", 'b', "bank");
  v1::NodeFrame hello;
  *hello.mutable_hello() = node.MakeHello();
  ASSERT_TRUE(node.Send(hello));
  const auto attached = node.Receive();
  ASSERT_TRUE(attached && attached->has_attached());
  v1::NodeFrame open;
  open.add_opens()->set_request(1);
  open.mutable_opens(0)->set_id("vault");
  ASSERT_TRUE(node.Send(open));
  const auto opened = node.Receive();
  ASSERT_TRUE(opened);
  const auto bytes_in = static_cast<double>(hello.ByteSizeLong() + open.ByteSizeLong());
  ExpectSoon(Of("sessionhub_app_frame_bytes_total", "app=\"bank\",direction=\"in\""), bytes_in);
  ExpectSoon(Of("sessionhub_app_frames_total", "app=\"bank\",direction=\"in\""), 2);
  // Heartbeats have no bytes.
  const auto bytes_out = static_cast<double>(attached->ByteSizeLong() + opened->ByteSizeLong());
  ExpectSoon(Of("sessionhub_app_frame_bytes_total", "app=\"bank\",direction=\"out\""), bytes_out);
  EXPECT_GT(page_->Of(OfShop("sessionhub_app_frame_bytes_total", "direction=\"in\"")), 0);
}

TEST_F(MetricsTest, EachRowOfTheWalkHasAHistogram) {
  constexpr int kCommits = 5;
  RawNode node = MakeNode("web-1", 'a');
  ASSERT_TRUE(node.Attach().has_attached());
  const uint64_t session = node.Open("ada").opened().number();
  for (int n = 0; n < kCommits; ++n) ASSERT_GT(node.Commit(PutOn(session, n)).from(), 0u);
  const char* const rows[] = {"row=\"3\",step=\"admission\"", "row=\"4\",step=\"mailbox\"",
                              "row=\"5\",step=\"load\"",      "row=\"6\",step=\"step\"",
                              "row=\"7\",step=\"commit\"",    "row=\"8\",step=\"release\"",
                              "row=\"9\",step=\"outbox\"",    "row=\"10\",step=\"stream\""};
  for (const char* row : rows) {
    const auto count = [&] { return page_->Of(Of("sessionhub_walk_seconds_count", row)); };
    EXPECT_TRUE(WaitFor([&] { return count() >= kCommits; })) << row << ": " << count();
    EXPECT_GT(page_->Of(Of("sessionhub_walk_seconds_sum", row)), 0) << row;
  }
  EXPECT_GE(page_->Of("sessionhub_rocksdb_wal_syncs_total"), kCommits);
}

TEST_F(MetricsTest, QueuesTellTheirBoundsAndWhatWasRefused) {
  RawNode deaf = MakeNode("deaf", 'd');
  ASSERT_TRUE(deaf.Attach().has_attached());
  deaf.Open("page");
  RawNode writer = MakeNode("web-1", 'a');
  ASSERT_TRUE(writer.Attach().has_attached());
  const uint64_t session = writer.Open("page").opened().number();
  EXPECT_EQ(page_->Of("sessionhub_outbox_max_bytes"), 1 << 20);
  EXPECT_EQ(page_->Of("sessionhub_mailbox_max_bytes"), 16 << 20);
  EXPECT_EQ(page_->Of("sessionhub_nodes_max"), 10'000);
  // Its outbox has overflowed, and what is left there does not leave.
  const auto is_stuck = [&] {
    const auto samples = page_->Samples();
    return samples.at("sessionhub_lapses_total") > 0 &&
           samples.at("sessionhub_outbox_largest_bytes") > 0;
  };
  while (!is_stuck()) {
    const v1::Delta delta = DeltaOn(session, PutString("text", std::string(32 << 10, 'x')));
    ASSERT_GT(writer.Commit(delta).from(), 0u);
  }
  EXPECT_LE(page_->Of("sessionhub_outbox_largest_bytes"), 1 << 20);
  EXPECT_GT(page_->Of("sessionhub_pairs_behind{shard=\"0\"}") +
                page_->Of("sessionhub_pairs_behind{shard=\"1\"}"),
            0);
}

TEST_F(MetricsTest, TheProcessIsThisHub) {
  const auto samples = page_->Samples();
  EXPECT_GT(samples.at("process_cpu_seconds_total"), 0);
  EXPECT_GT(samples.at("process_resident_memory_bytes"), 1 << 20);
  EXPECT_LT(samples.at("process_resident_memory_bytes"),
            2 * static_cast<double>(hub_.resident_bytes()));
  EXPECT_GT(samples.at("process_open_fds"), 10);
  EXPECT_LT(samples.at("process_open_fds"), samples.at("process_max_fds"));
  EXPECT_EQ(MetricsPortIn(hub_), std::to_string(port_));
}

TEST(NoMetricsTest, WithoutAnAddressThereAreNone) {
  HubProcess hub;
  ASSERT_OK(hub.Start());
  EXPECT_EQ(MetricsPortIn(hub), "0");
}

TEST(NoMetricsTest, AnAddressInUseStopsTheStart) {
  HubProcess first({"--metrics-listen", "127.0.0.1:0"});
  ASSERT_OK(first.Start());
  const std::string address = "127.0.0.1:" + MetricsPortIn(first);
  HubProcess second({"--metrics-listen", address});
  EXPECT_EQ(second.RunToItsEnd().value_or(0), 1);
  EXPECT_THAT(second.log(), HasSubstr("cannot listen on " + address));
}

// ---- a hub in this process ----

// What gRPC's health service says.
std::string HealthOf(const std::string& endpoint) {
  const auto channel = testing::NewChannel(endpoint);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const grpc::Slice nothing("");
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer response;
  const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status =
      grpc::internal::BlockingUnaryCall(channel.get(), method, &context, request, &response);
  if (!status.ok()) return status.error_message();
  grpc::Slice slice;
  if (!response.DumpToSingleSlice(&slice).ok()) return "no slice";
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}
// grpc.health.v1.HealthCheckResponse { status: ... }
constexpr char kServing[] = "\x08\x01";
constexpr char kNotServing[] = "\x08\x02";

class WatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hub::Config config;
    config.data_dir = "memory";
    config.listen = "127.0.0.1:0";
    config.metrics_listen = "127.0.0.1:0";
    config.disk_free_bytes_min = kFreeMin;
    config.drain_ms = std::chrono::milliseconds(4 * kPatience).count();
    config.slow_commit_ms = 1;
    auto hub = hub::Hub::Start(config, store_, [this] { return free_bytes_.load(); });
    ASSERT_OK(hub);
    hub_ = *std::move(hub);
    page_.emplace(hub_->metrics_port());
  }
  void TearDown() override { store_->Hold(false); }

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(hub_->port()); }
  void SetFree(uint64_t bytes) {
    free_bytes_ = bytes;
    hub_->LookAtTheDisk();
  }
  testing::HttpAnswer Get(const std::string& path) const {
    return HttpGet(hub_->metrics_port(), path);
  }
  // Until the hub has taken a commit and waits for its disk.
  void CommitIntoAHeldSync(RawNode* node) {
    ASSERT_TRUE(node->Attach().has_attached());
    const uint64_t session = node->Open("ada").opened().number();
    store_->Hold(true);
    v1::NodeFrame frame;
    frame.set_first_seq(1);
    *frame.add_deltas() = PutOn(session, 1);
    ASSERT_TRUE(node->Send(frame));
    ASSERT_TRUE(WaitFor([&] { return store_->syncs_held() > 0; }));
  }

  static constexpr uint64_t kFreeMin = 1 << 20;
  std::atomic<uint64_t> free_bytes_ = 2 * kFreeMin;
  const std::shared_ptr<HeldStore> store_ = std::make_shared<HeldStore>();
  std::unique_ptr<hub::Hub> hub_;
  std::optional<MetricsPage> page_;
};

TEST_F(WatchTest, IsReadyUnlessGrowthWaits) {
  EXPECT_EQ(Get("/livez").code, 200);
  EXPECT_EQ(Get("/readyz").code, 200);
  EXPECT_EQ(HealthOf(endpoint()), kServing);
  EXPECT_EQ(page_->Of("sessionhub_ready"), 1);
  SetFree(0);
  EXPECT_EQ(Get("/livez").code, 200);
  EXPECT_EQ(Get("/readyz").code, 503);
  EXPECT_THAT(Get("/readyz").body, HasSubstr("disk_free_bytes_min of 1048576 bytes: free space"));
  EXPECT_EQ(HealthOf(endpoint()), kNotServing);
  EXPECT_EQ(page_->Of("sessionhub_ready"), 0);
  EXPECT_EQ(page_->Of("sessionhub_growth_waits"), 1);
  SetFree(2 * kFreeMin);
  EXPECT_EQ(Get("/readyz").code, 200);
  EXPECT_EQ(HealthOf(endpoint()), kServing);
  EXPECT_EQ(page_->Of("sessionhub_disk_free_bytes"), 2 * kFreeMin);
}

TEST_F(WatchTest, IsNotReadyWhileItDrains) {
  RawNode node(endpoint(), kApp, "web-1", 'a');
  ASSERT_NO_FATAL_FAILURE(CommitIntoAHeldSync(&node));
  EXPECT_EQ(Get("/readyz").code, 200) << "a disk that takes its time is no reason";
  std::future<void> drained = std::async(std::launch::async, [this] { hub_->Drain(); });
  EXPECT_TRUE(WaitFor([this] { return Get("/readyz").code == 503; }));
  EXPECT_THAT(Get("/readyz").body, HasSubstr("stopping"));
  EXPECT_EQ(Get("/livez").code, 200);
  EXPECT_EQ(HealthOf(endpoint()), kNotServing);
  SetFree(0);
  SetFree(2 * kFreeMin);
  EXPECT_EQ(HealthOf(endpoint()), kNotServing) << "space on the disk does not end the drain";
  store_->Hold(false);
  drained.get();
}

TEST_F(WatchTest, MetricsAreToldWhileAShardWaitsForItsDisk) {
  RawNode node(endpoint(), kApp, "web-1", 'a');
  ASSERT_NO_FATAL_FAILURE(CommitIntoAHeldSync(&node));
  const auto silence = [&] { return page_->Of("sessionhub_shard_silence_seconds{shard=\"0\"}"); };
  const double before = silence();
  EXPECT_GE(before, 0);
  EXPECT_TRUE(WaitFor([&] { return silence() > before; }));
  EXPECT_EQ(page_->Of("sessionhub_in_flight_deltas"), 1);
  EXPECT_EQ(page_->Of("sessionhub_in_flight_deltas_largest"), 1);
  // Long enough for a turn of a millisecond to be a slow one.
  EXPECT_TRUE(WaitFor([&] { return silence() > before + 0.001; }));
  store_->Hold(false);
  EXPECT_TRUE(WaitFor([&] { return page_->Of("sessionhub_slow_commits_total") >= 1; }));
  EXPECT_TRUE(WaitFor([&] { return page_->Of("sessionhub_in_flight_deltas") == 0; }));
}

TEST_F(WatchTest, TwoMayLookWhileNodesCommit) {
  constexpr int kCommits = 200;
  RawNode ann(endpoint(), kApp, "web-1", 'a');
  RawNode bob(endpoint(), kApp, "web-2", 'b');
  RawNode* const nodes[] = {&ann, &bob};
  uint64_t session = 0;
  for (RawNode* node : nodes) {
    ASSERT_TRUE(node->Attach().has_attached());
    session = node->Open("ada").opened().number();
  }
  std::atomic<bool> over = false;
  std::vector<std::thread> watchers;
  for (int i = 0; i < 2; ++i) {
    watchers.emplace_back([&] {
      while (!over) {
        EXPECT_GE(MetricsPage(hub_->metrics_port()).Of("sessionhub_nodes"), 0);
        EXPECT_EQ(Get("/readyz").code, 200);
      }
    });
  }
  for (int n = 0; n < kCommits; ++n) EXPECT_GT(nodes[n % 2]->Commit(PutOn(session, n)).from(), 0u);
  over = true;
  for (std::thread& watcher : watchers) watcher.join();
  EXPECT_TRUE(WaitFor([&] {
    return page_->Of(OfShop("sessionhub_app_deltas_total", "outcome=\"applied\"")) == kCommits;
  }));
}

}  // namespace
}  // namespace sessionhub
