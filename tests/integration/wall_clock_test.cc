// A hub on a machine whose wall clock is set by hours, on and back: no session ends early or late,
// and the hub's own status tells of it.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "hub/hub.h"
#include "hub/store/memory_store.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using std::chrono_literals::operator""min;
using testing::ConnectTo;
using testing::HubProbe;
using testing::kApp;
using testing::kPatience;
using testing::WaitFor;

constexpr uint64_t kHourUs = 3'600'000'000;
constexpr uint64_t kMinuteUs = 60'000'000;

class WallClockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hub::Config config;
    config.data_dir = "memory";
    config.listen = "127.0.0.1:0";
    auto hub =
        hub::Hub::Start(config, hub::MemoryStore::Create(HistoryId{1}), nullptr,
                        {[this] { return hub::WallTimeUs() + set_on_us_; }, hub::BootTimeUs});
    ASSERT_OK(hub);
    hub_ = *std::move(hub);
    probe_.emplace(endpoint());
    web_.emplace(ConnectTo(endpoint(), "web-1"));
  }

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(hub_->port()); }
  absl::Status Make(const std::string& id, std::chrono::minutes idle,
                    std::chrono::minutes absolute) {
    OpenOptions options;
    options.create = Create::kExclusive;
    options.timeout = kPatience;
    options.idle_timeout = idle;
    options.absolute_timeout = absolute;
    return web_->Open(id, options).status();
  }
  bool Lives(const std::string& id) { return probe_->Version(kApp, id) != 0; }
  // Once a session has been made after it, the hub has seen to what was due.
  void Advance(uint64_t us) {
    hub_->AdvanceTime(us);
    ASSERT_OK(Make("later-" + std::to_string(++made_), 0min, 0min));
  }
  // Sets the wall clock, and waits until the hub has seen it.
  void SetWallClock(int64_t on_us) {
    const uint64_t steps = probe_->Status().counters().wall_clock_steps();
    set_on_us_ += static_cast<uint64_t>(on_us);
    const auto seen = [&] { return probe_->Status().counters().wall_clock_steps() == steps + 1; };
    ASSERT_TRUE(WaitFor(seen));
    Advance(0);
  }
  // By the hub's own time, which is an hour off if it follows any of the steps.
  bool RunsForMinutes() { return probe_->Status().uptime_ms() < kHourUs / 1000; }

  std::atomic<uint64_t> set_on_us_ = 0;
  int made_ = 0;
  std::unique_ptr<hub::Hub> hub_;
  std::optional<HubProbe> probe_;
  std::optional<Client> web_;
};

TEST_F(WallClockTest, SetOnAndBackByHoursItMovesNoDeadline) {
  ASSERT_OK(Make("idle", 60min, 0min));
  ASSERT_OK(Make("absolute", 0min, 60min));
  SetWallClock(3 * kHourUs);
  EXPECT_TRUE(RunsForMinutes());
  EXPECT_TRUE(Lives("idle") && Lives("absolute")) << "nothing ends early";
  SetWallClock(-9 * static_cast<int64_t>(kHourUs));
  EXPECT_TRUE(RunsForMinutes());
  EXPECT_TRUE(Lives("idle") && Lives("absolute"));

  Advance(45 * kMinuteUs);
  EXPECT_TRUE(Lives("idle") && Lives("absolute"));
  Advance(30 * kMinuteUs);
  EXPECT_TRUE(WaitFor([&] { return !Lives("idle") && !Lives("absolute"); })) << "nor late";
  EXPECT_EQ(probe_->Status().counters().wall_clock_steps(), 2u);
}

}  // namespace
}  // namespace sessionhub
