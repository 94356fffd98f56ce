#include "tests/simulation/lock_watch.h"

#include <algorithm>
#include <optional>
#include <variant>

namespace sessionhub::simulation {
namespace {

std::string TextOf(const Incarnation& incarnation) {
  return ToHex(Id128ToBytes(incarnation));
}

bool MayChangeLocks(const hub::Input& input) {
  return std::holds_alternative<hub::LockInput>(input) ||
         std::holds_alternative<hub::UnlockInput>(input) ||
         std::holds_alternative<hub::TickInput>(input);
}

// Of all sessions that live.
std::map<SessionNumber, testing::LockOrder::Stored> LocksIn(const hub::Store& store) {
  hub::ReadSet reads;
  const auto names = store.ListNames(1, std::nullopt, 1000);
  if (!names.ok()) return {};
  for (const hub::NameEntry& entry : *names) reads.metas.push_back(entry.name.number());
  hub::Loaded loaded;
  std::map<SessionNumber, testing::LockOrder::Stored> locks;
  if (!store.Load(reads, &loaded).ok()) return {};
  for (const auto& [number, meta] : loaded.metas) {
    if (!meta || meta->dead()) continue;
    const hub::stored::Lock& lock = meta->lock();
    const std::string holder = lock.owner().empty() ? "" : ToHex(lock.owner());
    locks[number] = {lock.counter(), {holder, lock.request()}, lock.deadline()};
  }
  return locks;
}

}  // namespace

absl::Status LockWatch::Turn(uint32_t shard, const std::vector<hub::Input>& inputs,
                             const hub::Store& store, uint64_t served_us, uint64_t hub_us) {
  for (const hub::Input& input : inputs) Take(shard, input, hub_us);
  if (!std::any_of(inputs.begin(), inputs.end(), MayChangeLocks)) {
    order_.TurnEnds();
    return absl::OkStatus();
  }
  return order_.TurnEnds(LocksIn(store), served_us, hub_us);
}

void LockWatch::HubStarts(const hub::Store& store) {
  nodes_.clear();
  order_.HubStarts(LocksIn(store));
}

std::string LockWatch::NodeOf(uint32_t shard, const hub::Origin& origin) const {
  const auto node = nodes_.find({shard, origin.node});
  const bool current = node != nodes_.end() && node->second.attach == origin.attach;
  return current ? node->second.incarnation : "";
}

void LockWatch::Take(uint32_t shard, const hub::Input& input, uint64_t hub_us) {
  if (const auto* attach = std::get_if<hub::AttachInput>(&input)) {
    const std::string incarnation = TextOf(attach->incarnation);
    nodes_[{shard, attach->origin.node}] = {attach->origin.attach, incarnation};
    order_.StreamChanges(incarnation);
  } else if (const auto* detach = std::get_if<hub::DetachInput>(&input)) {
    order_.StreamChanges(NodeOf(shard, detach->origin));
  } else if (const auto* lease = std::get_if<hub::LeaseEndInput>(&input)) {
    const auto node = nodes_.extract({shard, lease->node});
    if (!node.empty()) order_.StreamChanges(node.mapped().incarnation);
  } else if (const auto* lock = std::get_if<hub::LockInput>(&input)) {
    const std::string node = NodeOf(shard, lock->origin);
    if (node.empty() || lock->token != 0) return;
    order_.Asks(lock->number, {node, lock->request}, hub_us + lock->wait_us);
  } else if (const auto* unlock = std::get_if<hub::UnlockInput>(&input)) {
    const std::string node = NodeOf(shard, unlock->origin);
    if (!node.empty()) order_.GivesBack(unlock->number, node, unlock->token);
  }
}

}  // namespace sessionhub::simulation
