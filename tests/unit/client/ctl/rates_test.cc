#include "client/ctl/rates.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sessionhub::ctl {
namespace {

HubSample SampleAt(uint64_t uptime_ms) {
  HubSample sample;
  sample.status.set_history_id("history");
  sample.status.set_uptime_ms(uptime_ms);
  sample.status.set_hub_time_ms(1'000'000 + uptime_ms);
  return sample;
}

v1::Node* AddNode(const std::string& name, uint64_t forwards, HubSample* sample) {
  v1::Node* node = sample->nodes.add_nodes();
  node->set_app("shop");
  node->set_name(name);
  node->set_incarnation(name + "'s");
  node->set_forwards(forwards);
  return node;
}

TEST(RatesTest, AreWhatWasDoneInASecondOfTheHubsTime) {
  HubSample before = SampleAt(10'000);
  HubSample after = SampleAt(12'000);
  before.status.mutable_counters()->set_deltas_received(100);
  after.status.mutable_counters()->set_deltas_received(150);
  after.status.mutable_counters()->set_forwards(7);
  after.status.mutable_counters()->set_frame_bytes_in(2'000);
  after.status.mutable_counters()->set_frame_bytes_out(4'000);
  before.status.mutable_counters()->set_forward_bytes(50'000);
  after.status.mutable_counters()->set_forward_bytes(50'100);
  after.status.mutable_counters()->set_broadcast_bytes(1'000);
  const auto rates = RatesBetween(before, after);
  ASSERT_TRUE(rates);
  EXPECT_EQ(rates->deltas_received_per_s, 25);
  EXPECT_EQ(rates->forwards_per_s, 3.5);
  EXPECT_EQ(rates->bytes_in_per_s, 1'000);
  EXPECT_EQ(rates->bytes_out_per_s, 2'000);
  EXPECT_EQ(rates->broadcast_bytes_per_s, 500);
  EXPECT_EQ(rates->saved_percent, 90) << "of these two seconds, not since the start";
}

TEST(RatesTest, NothingWasSavedWhereNothingWouldHaveBeenSent) {
  const auto rates = RatesBetween(SampleAt(1), SampleAt(2));
  ASSERT_TRUE(rates);
  EXPECT_EQ(rates->saved_percent, std::nullopt);
}

TEST(RatesTest, AHubThatWasStartedAnewIsNotCompared) {
  HubSample before = SampleAt(50'000);
  HubSample after = SampleAt(60'000);
  after.status.set_hub_time_ms(before.status.hub_time_ms() + 70'000);  // up for longer, but later
  EXPECT_FALSE(RatesBetween(before, after));
  EXPECT_FALSE(RatesBetween(SampleAt(60'000), SampleAt(3'000)));
  EXPECT_FALSE(RatesBetween(before, before)) << "no time has passed";
  after = SampleAt(60'000);
  EXPECT_TRUE(RatesBetween(before, after));
  after.status.set_history_id("another");
  EXPECT_FALSE(RatesBetween(before, after));
}

TEST(RatesTest, TheBusiestNodeIsTheFirst) {
  HubSample before = SampleAt(1'000);
  HubSample after = SampleAt(2'000);
  AddNode("web-1", 100, &before);
  AddNode("web-2", 0, &before);
  AddNode("web-3", 9'000, &before)->set_incarnation("an earlier one");
  AddNode("web-2", 90, &after);
  AddNode("web-1", 110, &after);
  AddNode("web-4", 10, &after);
  AddNode("web-3", 40, &after);  // began anew
  const auto rates = RatesBetween(before, after);
  ASSERT_TRUE(rates);
  std::vector<std::string> told;
  for (const NodeRate& node : rates->nodes) {
    told.push_back(node.node.name() + " " + std::to_string(static_cast<int>(node.forwards_per_s)));
  }
  EXPECT_EQ(told, (std::vector<std::string>{"web-2 90", "web-3 40", "web-1 10", "web-4 10"}));
}

}  // namespace
}  // namespace sessionhub::ctl
