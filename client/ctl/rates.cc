#include "client/ctl/rates.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "client/ctl/savings.h"

namespace sessionhub::ctl {
namespace {

// Hub time at which a hub has started moves by less than this, however its answers are rounded.
constexpr int64_t kSameStartMs = 1'000;

// Hub time goes on when a hub is started anew.
int64_t StartOf(const v1::GetStatusResponse& status) {
  return static_cast<int64_t>(status.hub_time_ms()) - static_cast<int64_t>(status.uptime_ms());
}

// What a counter has grown by. The counters of one answer are not of one moment.
uint64_t Grown(uint64_t before, uint64_t after) {
  return after - std::min(before, after);
}

// The bytes that the hub has sent, and would have sent, between two answers.
v1::Counters SentBetween(const v1::Counters& before, const v1::Counters& after) {
  v1::Counters sent;
  sent.set_forward_bytes(Grown(before.forward_bytes(), after.forward_bytes()));
  sent.set_catch_up_bytes(Grown(before.catch_up_bytes(), after.catch_up_bytes()));
  sent.set_broadcast_bytes(Grown(before.broadcast_bytes(), after.broadcast_bytes()));
  return sent;
}

std::vector<NodeRate> NodesBetween(const HubSample& before, const HubSample& after,
                                   double seconds) {
  // A client that was started anew is another node, whose count begins at 0.
  std::map<std::string, uint64_t> forwards;
  for (const v1::Node& node : before.nodes.nodes()) {
    forwards[node.incarnation()] = node.forwards();
  }
  std::vector<NodeRate> nodes;
  for (const v1::Node& node : after.nodes.nodes()) {
    const uint64_t grown = Grown(forwards[node.incarnation()], node.forwards());
    nodes.push_back({node, static_cast<double>(grown) / seconds});
  }
  std::sort(nodes.begin(), nodes.end(), [](const NodeRate& a, const NodeRate& b) {
    if (a.forwards_per_s != b.forwards_per_s) return a.forwards_per_s > b.forwards_per_s;
    return std::tie(a.node.app(), a.node.name()) < std::tie(b.node.app(), b.node.name());
  });
  return nodes;
}

}  // namespace

std::optional<Rates> RatesBetween(const HubSample& before, const HubSample& after) {
  if (before.status.history_id() != after.status.history_id() ||
      StartOf(after.status) > StartOf(before.status) + kSameStartMs ||
      after.status.uptime_ms() <= before.status.uptime_ms()) {
    return std::nullopt;
  }
  const double seconds =
      static_cast<double>(after.status.uptime_ms() - before.status.uptime_ms()) / 1000;
  const v1::Counters& from = before.status.counters();
  const v1::Counters& to = after.status.counters();
  const auto rate = [seconds](uint64_t before_count, uint64_t after_count) {
    return static_cast<double>(Grown(before_count, after_count)) / seconds;
  };
  Rates rates;
  rates.deltas_received_per_s = rate(from.deltas_received(), to.deltas_received());
  rates.forwards_per_s = rate(from.forwards(), to.forwards());
  rates.bytes_in_per_s = rate(from.frame_bytes_in(), to.frame_bytes_in());
  rates.bytes_out_per_s = rate(from.frame_bytes_out(), to.frame_bytes_out());
  rates.broadcast_bytes_per_s = rate(from.broadcast_bytes(), to.broadcast_bytes());
  rates.saved_percent = SavedPercent(SentBetween(from, to));
  rates.nodes = NodesBetween(before, after, seconds);
  return rates;
}

}  // namespace sessionhub::ctl
