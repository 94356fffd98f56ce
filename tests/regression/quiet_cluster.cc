#include "tests/regression/quiet_cluster.h"

#include <algorithm>
#include <chrono>

namespace sessionhub::regression {
namespace {

constexpr uint64_t kStepUs = 1'000'000;
constexpr size_t kFrameBytes = 64 << 10;

}  // namespace

QuietCluster::QuietCluster() {
  for (size_t node = 0; node < nodes_.size(); ++node) {
    client::ClientMachine::Options options{"shop", "web-" + std::to_string(node), 1 << 20, 1 << 20,
                                           std::chrono::seconds(15)};
    Incarnation incarnation{};
    incarnation[0] = static_cast<uint8_t>(node + 1);
    nodes_[node].machine.emplace(options);
    nodes_[node].stream = hub_.Accept();
    nodes_[node].machine->StreamUp(incarnation, Now());
  }
  Exchange();
}

void QuietCluster::Exchange() {
  for (bool moved = true; moved;) {
    moved = false;
    for (Node& node : nodes_) {
      v1::NodeFrame frame;
      while (node.machine->TakeFrame(&frame, Now())) {
        touches_ += static_cast<uint64_t>(frame.touches_size());
        node.stream->Receive(frame.SerializeAsString());
        moved = true;
      }
    }
    for (uint32_t shard = 0; shard < hub_.shards(); ++shard) hub_.RunTurn(shard, 1'000);
    for (Node& node : nodes_) {
      while (const auto bytes = node.stream->TakeFrame(kFrameBytes)) {
        v1::HubFrame frame;
        frame.ParseFromString(*bytes);
        node.machine->Receive(frame, Now());
        moved = true;
      }
    }
  }
}

void QuietCluster::AdvanceTo(uint64_t until_us) {
  while (now_us_ < until_us) {
    now_us_ = std::min(now_us_ + kStepUs, until_us);
    hub_.Tick();
    for (Node& node : nodes_) {
      // The hub's heartbeat: a node knows by it that its copies are not old.
      node.machine->Receive(v1::HubFrame(), Now());
      node.machine->Tick(Now());
    }
    Exchange();
  }
}

void QuietCluster::Open(size_t node, const std::string& id, uint64_t idle_us) {
  Settings settings;
  if (idle_us > 0) settings.idle_timeout_ms = idle_us / 1000;
  client::ClientMachine& machine = *nodes_[node].machine;
  machine.Open(id, Create::kIfMissing, 0, Now(), Interest::kPush, settings);
  Exchange();
  for (client::OpenDone& done : machine.TakeOutputs().opens) nodes_[node].copy = done.copy.value();
}

absl::Status QuietCluster::Read(size_t node) {
  return nodes_[node].machine->Read(nodes_[node].copy, Now()).status();
}

bool QuietCluster::Alive(size_t node) {
  return nodes_[node].machine->ReadAnyAge(nodes_[node].copy) != nullptr;
}

}  // namespace sessionhub::regression
