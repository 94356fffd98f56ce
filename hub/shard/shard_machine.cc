#include "hub/shard/shard_machine.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "hub/record/field_value.h"
#include "hub/shard/dedupe.h"
#include "hub/shard/delta_step.h"
#include "hub/shard/life.h"
#include "hub/shard/plan.h"

namespace sessionhub::hub {
namespace {

using interest::Pair;

// Hub time is stored at most this often: it only has to survive a restart roughly.
constexpr uint64_t kHubTimeStoredEveryUs = 1'000'000;

// Nodes that have left of which the machine remembers what they have seen.
constexpr size_t kDepartedMax = 10'000;

std::vector<Slot> SlotsOf(const ShardMachineOptions& options) {
  std::vector<Slot> slots;
  for (uint32_t slot = options.shard; slot < kSlots; slot += options.shards) {
    slots.push_back(static_cast<Slot>(slot));
  }
  return slots;
}

}  // namespace

ShardMachine::ShardMachine(const ShardMachineOptions& options)
    : options_(options),
      slots_(SlotsOf(options)),
      agenda_(slots_),
      index_(options.shard + 1, options.shards),
      deliveries_(options.delivery_waits_max),
      locks_(options.locks),
      reads_(options.read_changes_bytes_max),
      session_counts_(options.app_sessions, options.shard, options.shards) {
  options_.app_sessions.clear();
}

ReadSet ShardMachine::Plan(absl::Span<const Input> inputs, const Loaded& loaded,
                           uint64_t now_us) const {
  return hub::Plan(inputs, loaded,
                   {&index_, &options_.limits, &agenda_, &options_.served, &locks_, now_us,
                    options_.resend_horizon_us});
}

ShardMachine::Turn ShardMachine::Step(absl::Span<const Input> inputs, const Loaded& loaded,
                                      uint64_t now_us) {
  TurnOut out(&loaded, now_us);
  for (const Input& input : inputs) {
    std::visit([this, &out](const auto& one) { On(one, &out); }, input);
  }
  TellDeliveries(&out);
  StartCatchUps(&out);
  const bool must_sync = out.state.has_writes();
  WriteUses(&out);
  for (const DueKey& key : out.state.NewDueKeys()) agenda_.Note(key);
  for (const DueKey& key : out.due_again) agenda_.Note(key);
  const std::map<AppSlot, int64_t> live_changes = out.state.LiveChanges();
  Turn turn{std::move(out.state).TakeRecord(), must_sync, std::move(out.effects)};
  turn.record.app_sessions = session_counts_.Take(live_changes);
  // Also in an idle hub, so that the next start knows how long nobody was served: one shard does.
  const bool writes = !turn.record.empty() || (out.ticked && options_.shard == 0);
  if (writes && now_us >= stored_hub_time_us_ + kHubTimeStoredEveryUs) {
    options_.served.Store(now_us, &turn.record);
    stored_hub_time_us_ = now_us;
  }
  return turn;
}

// ---- nodes ----

NodeState* ShardMachine::Current(const Origin& origin) {
  auto it = nodes_.find(origin.node);
  if (it == nodes_.end() || it->second.attach != origin.attach) return nullptr;
  return &it->second;
}

void ShardMachine::On(const AttachInput& input, TurnOut* out) {
  EndReads(reads_.TakeNode(input.origin.node), out);
  const bool ended = std::find(ended_.begin(), ended_.end(), input.incarnation) != ended_.end();
  if (ended) {  // while it was about to attach
    out->effects.push_back(IncarnationEndedEffect{input.origin});
    return;
  }
  present_.insert(input.incarnation);
  NodeState& node = nodes_[input.origin.node];
  if (!node.attached) ledger_.Attached(input.app);
  node.attach = input.origin.attach;
  node.attached = true;
  node.blocked = false;
  node.unread_us.reset();
  node.app = input.app;
  node.incarnation = input.incarnation;
  node.name = input.name;
  node.features = input.features;
  node.queued.clear();
  node.behind.clear();  // each pair waits for its Resume, which says what the node holds
  catching_up_.erase(input.origin.node);
  deliveries_.Forget(input.origin.node);  // who lost the stream has given them up
  locks_.RemoveNode(input.origin.node);   // who waits still asks again
}

void ShardMachine::On(const DetachInput& input, TurnOut* out) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  EndReads(reads_.TakeNode(input.origin.node), out);
  if (node->attached) ledger_.Detached(node->app);
  node->attached = false;
  catching_up_.erase(input.origin.node);
  deliveries_.Forget(input.origin.node);
  locks_.RemoveNode(input.origin.node);
}

void ShardMachine::On(const LeaseEndInput& input, TurnOut* out) {
  EndReads(reads_.TakeNode(input.node), out);
  index_.RemoveNode(input.node);
  auto it = nodes_.find(input.node);
  if (it == nodes_.end()) return;
  if (it->second.attached) ledger_.Detached(it->second.app);
  deliveries_.LeaseEnded(input.node, it->second.name);
  present_.erase(it->second.incarnation);
  // What it has seen stays known for a while, so that its rows go when their sessions are written
  // next.
  departed_.push_back(it->second.incarnation);
  if (departed_.size() > kDepartedMax) {
    if (!present_.contains(departed_.front())) seen_through_.erase(departed_.front());
    departed_.pop_front();
  }
  catching_up_.erase(input.node);
  nodes_.erase(it);
}

void ShardMachine::On(const SeenInput& input, TurnOut*) {
  if (const NodeState* node = Current(input.origin)) NoteSeen(node->incarnation, input.through);
}

void ShardMachine::NoteSeen(const Incarnation& incarnation, uint64_t through) {
  if (through == 0) return;
  uint64_t& seen_through = seen_through_[incarnation];
  seen_through = std::max(seen_through, through);
}

void ShardMachine::On(const RoomInput& input, TurnOut*) {
  NodeState* node = Current(input.origin);
  if (!node) return;
  node->blocked = false;
  if (!node->behind.empty()) catching_up_.insert(input.origin.node);
}

size_t ShardMachine::behind_count() const {
  size_t count = 0;
  for (const auto& [number, node] : nodes_) count += node.behind.size();
  return count;
}

bool ShardMachine::IsHeard(const Pair& pair) const {
  auto it = nodes_.find(pair.node);
  return it != nodes_.end() && it->second.attached && pair.attach == it->second.attach;
}

}  // namespace sessionhub::hub
