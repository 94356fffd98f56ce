#include "hub/forward/dispatcher.h"

#include <glog/logging.h>

#include <algorithm>
#include <string>
#include <variant>

#include "hub/fail_point.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// After a folder is copied back, every copy of every node may be ahead.
constexpr int kAlarmSeconds = 10;

// A node and one of its attaches.
uint64_t StreamKey(const Origin& origin) {
  return (uint64_t{origin.node} << 32) | origin.attach;
}

}  // namespace

Dispatcher::Dispatcher(const DispatcherOptions& options, NodeRegistry* registry, const Store* store,
                       std::function<void(const DeletedEffect&)> on_deleted,
                       std::function<void(Input)> post, CatchUpReader* reader)
    : options_(options),
      registry_(registry),
      store_(store),
      on_deleted_(std::move(on_deleted)),
      post_(std::move(post)),
      reader_(reader) {}

absl::StatusOr<Released> Dispatcher::Release(std::vector<Effect> effects) {
  Round round;
  for (Effect& effect : effects) {
    RETURN_IF_ERROR(std::visit(
        [&](const auto& one) -> absl::Status {
          using One = std::decay_t<decltype(one)>;
          if constexpr (std::is_same_v<One, CatchUpEffect>) return CarryCatchUp(one, &round);
          if constexpr (std::is_same_v<One, FinishCatchUpEffect>) return CarryFinish(one, &round);
          if constexpr (!std::is_same_v<One, CatchUpEffect> &&
                        !std::is_same_v<One, FinishCatchUpEffect>) {
            Carry(one, &round);
          }
          return absl::OkStatus();
        },
        effect));
    FAIL_POINT("release.effect");
  }
  for (const auto& [node, counted] : round.forwards) {
    registry_->CountForwards(counted.first, counted.second);
  }
  // Each write takes this thread some microseconds, and wakes a process: copies that nobody waits
  // for do not come before an answer that somebody does.
  for (const bool awaited : {true, false}) {
    for (const auto& [key, stream] : round.streams) {
      if (stream.awaited != awaited) continue;
      if (stream.outbox) stream.outbox->Wake();
      FAIL_POINT("release.wake");
    }
  }
  return std::move(round.released);
}

Dispatcher::Stream& Dispatcher::StreamOf(const Origin& origin, Round* round) {
  auto [it, inserted] = round->streams.try_emplace(StreamKey(origin));
  if (inserted) it->second.outbox = registry_->FindOutbox(origin);
  return it->second;
}

const std::shared_ptr<Outbox>& Dispatcher::OutboxOf(const Origin& origin, Round* round) {
  return StreamOf(origin, round).outbox;
}

void Dispatcher::Push(const Origin& origin, OutboxItem item, Round* round) {
  if (const auto& outbox = OutboxOf(origin, round)) outbox->Push(std::move(item));
}

void Dispatcher::Answer(const Origin& origin, OutboxItem item, Round* round) {
  StreamOf(origin, round).awaited = true;
  Push(origin, std::move(item), round);
}

PathTable* Dispatcher::TableOf(AppNumber app) {
  std::unique_ptr<PathTable>& table = tables_[app];
  if (!table) {
    table = std::make_unique<PathTable>(options_.shard + 1, options_.shards,
                                        options_.path_definitions_max / options_.shards);
  }
  return table.get();
}

// Once a pair has missed something, later forwards of the same round would leave a hole.
void Dispatcher::Lapse(const Origin& origin, SessionNumber session, Version held, Round* round) {
  if (round->lapsed_pairs.insert({StreamKey(origin), session}).second) {
    round->released.lapsed.push_back({origin, session, held});
  }
}

void Dispatcher::Carry(const AppliedEffect& effect, Round* round) {
  AnswerItem item;
  item.seq = effect.seq;
  item.from = effect.from;
  item.to = effect.to;
  Answer(effect.to_node, std::move(item), round);
}

void Dispatcher::Carry(const AlreadyEffect& effect, Round* round) {
  AnswerItem item;
  item.kind = AnswerItem::Kind::kAlready;
  item.seq = effect.seq;
  item.from = effect.version;
  item.to = effect.version;
  Answer(effect.to_node, std::move(item), round);
}

void Dispatcher::Carry(const RefusedEffect& effect, Round* round) {
  AnswerItem item;
  item.kind = AnswerItem::Kind::kRefused;
  item.seq = effect.seq;
  item.refusal = effect.refusal;
  Answer(effect.to_node, std::move(item), round);
}

void Dispatcher::Carry(const OpenedEffect& effect, Round* round) {
  Answer(effect.to_node,
         OpenedItem{effect.request, effect.handle, effect.number, effect.created, effect.refusal},
         round);
}

void Dispatcher::Carry(const ForwardEffect& effect, Round* round) {
  const std::shared_ptr<const Body> changes =
      EncodeChanges(effect.operations, TableOf(effect.app), effect.idle_timeout_ms);
  for (const Target& target : effect.targets) {
    if (round->lapsed_pairs.contains({StreamKey(target.node), effect.session})) continue;
    const std::shared_ptr<Outbox>& outbox = OutboxOf(target.node, round);
    std::vector<OutboxItem> items;
    items.push_back(ForwardItem{target.handle, effect.from, effect.to, changes, target.receipt});
    if (!outbox || !outbox->TryPush(std::move(items))) {
      Lapse(target.node, effect.session, effect.from, round);
      continue;
    }
    auto [counted, inserted] = round->forwards.try_emplace(target.node.node, target.node, 0);
    ++counted->second.second;
  }
}

void Dispatcher::Carry(const InvalidatedEffect& effect, Round* round) {
  const Target& target = effect.target;
  if (round->lapsed_pairs.contains({StreamKey(target.node), effect.session})) return;
  const std::shared_ptr<Outbox>& outbox = OutboxOf(target.node, round);
  std::vector<OutboxItem> items;
  items.push_back(InvalidatedItem{target.handle, effect.from, effect.to, target.receipt});
  if (!outbox || !outbox->TryPush(std::move(items))) {
    Lapse(target.node, effect.session, effect.from, round);
  }
}

void Dispatcher::Carry(const EndedEffect& effect, Round* round) {
  for (const Target& target : effect.targets) {
    Push(target.node, EndedItem{target.handle, effect.why, target.receipt}, round);
  }
}

void Dispatcher::Carry(const IncarnationEndedEffect& effect, Round*) {
  registry_->EndStream(effect.to_node, v1::Goodbye::SILENT,
                       "this incarnation has ended: attach with a new one");
}

void Dispatcher::Carry(const DeliveredEffect& effect, Round* round) {
  Answer(effect.to_node, DeliveredItem{effect.seq, effect.missing, effect.unknown}, round);
}

void Dispatcher::Carry(const AnswerEffect& effect, Round* round) {
  Answer(effect.to_node,
         RequestAnswerItem{effect.request, effect.refusal, effect.lock_token, effect.version},
         round);
}

void Dispatcher::Carry(const RenamedEffect& effect, Round* round) {
  for (const Target& target : effect.targets) {
    Push(target.node, RenamedItem{target.handle, effect.id}, round);
  }
}

void Dispatcher::Carry(const PostEffect& effect, Round*) {
  post_(effect.input);
}

void Dispatcher::Carry(const DeletedEffect& effect, Round*) {
  on_deleted_(effect);
}

void Dispatcher::RaiseAlarm(const CatchUpEffect& effect) {
  ++copies_ahead_;
  LOG_EVERY_T(ERROR, kAlarmSeconds)
      << "event=copy_ahead node=" << effect.target.node.node << " session=" << effect.session
      << " held=" << effect.since << " copies_ahead=" << copies_ahead_
      << " remedy=\"the data folder is older than what its nodes know: was it copied back? Start "
         "all nodes anew\"";
}

absl::Status Dispatcher::CarryCatchUp(const CatchUpEffect& effect, Round* round) {
  const std::shared_ptr<Outbox> outbox = OutboxOf(effect.target.node, round);
  if (!outbox) return absl::OkStatus();
  ASSIGN_OR_RETURN(const CatchUpPlan plan, PlanCatchUp(effect, *store_));
  if (plan.ahead) RaiseAlarm(effect);
  if (reader_ && plan.reads() && plan.bytes_bound > options_.turn_read_bytes_max) {
    CarryLarge(effect, plan, outbox, round);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::vector<OutboxItem> items,
                   MakeCatchUp(plan, effect, *store_, TableOf(effect.app)));
  if (plan.reads()) FAIL_POINT("catch_up.turn");
  if (!outbox->TryPush(std::move(items))) {
    Lapse(effect.target.node, effect.session, effect.since, round);
  }
  return absl::OkStatus();
}

bool Dispatcher::HasReadFor(NodeNumber node) const {
  const auto of_node = std::count_if(reads_.begin(), reads_.end(),
                                     [node](const auto& read) { return read.second.node == node; });
  return reads_.size() < options_.reads_max &&
         static_cast<size_t>(of_node) < options_.reads_per_node_max;
}

void Dispatcher::CarryLarge(const CatchUpEffect& effect, const CatchUpPlan& plan,
                            std::shared_ptr<Outbox> outbox, Round* round) {
  LargePair large;
  large.started = HasReadFor(effect.target.node.node);
  large.read.number = effect.read;
  large.read.node = effect.target.node;
  large.read.session = effect.session;
  large.read.since = effect.since;
  large.read.replace = plan.replace;
  large.read.version = plan.version;
  large.read.included_seq = plan.included_seq;
  if (large.started) {
    reads_[effect.read] = {effect.target.node.node, outbox};
    reader_->Start(
        {large.read, effect.target.handle, std::move(outbox), store_->PinSession(effect.session)});
  }
  round->released.large.push_back(std::move(large));
}

absl::Status Dispatcher::CarryFinish(const FinishCatchUpEffect& effect, Round* round) {
  const std::shared_ptr<Outbox>& outbox = OutboxOf(effect.target.node, round);
  if (outbox) {
    ASSIGN_OR_RETURN(std::vector<OutboxItem> items,
                     FinishCatchUp(effect, *store_, TableOf(effect.app)));
    FAIL_POINT("catch_up.last");
    if (!outbox->TryPush(std::move(items))) {
      Lapse(effect.target.node, effect.read.session, effect.read.since, round);
      return absl::OkStatus();
    }
  }
  EndRead(effect.read.number);
  return absl::OkStatus();
}

void Dispatcher::Carry(const EndReadEffect& effect, Round*) {
  EndRead(effect.read);
}

void Dispatcher::EndRead(uint64_t read) {
  const auto ended = reads_.extract(read);
  if (ended.empty()) return;
  reader_->End(read);
  ended.mapped().outbox->EndRead(read);
}

}  // namespace sessionhub::hub
