#include "hub/forward/dispatcher.h"

#include <string>
#include <variant>

#include "hub/forward/catch_up.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

Dispatcher::Dispatcher(const DispatcherOptions& options, NodeRegistry* registry, const Store* store,
                       std::function<void(const DeletedEffect&)> on_deleted)
    : options_(options), registry_(registry), store_(store), on_deleted_(std::move(on_deleted)) {}

absl::StatusOr<std::vector<LapsedPair>> Dispatcher::Release(std::vector<Effect> effects) {
  Round round;
  for (Effect& effect : effects) {
    if (const auto* catch_up = std::get_if<CatchUpEffect>(&effect)) {
      RETURN_IF_ERROR(CarryCatchUp(*catch_up, &round));
      continue;
    }
    std::visit(
        [&](const auto& one) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(one)>, CatchUpEffect>) {
            Carry(one, &round);
          }
        },
        effect);
  }
  for (const auto& [node, counted] : round.forwards) {
    registry_->CountForwards(counted.first, counted.second);
  }
  for (const auto& [key, outbox] : round.outboxes) {
    if (outbox) outbox->Wake();
  }
  return std::move(round.lapsed);
}

Outbox* Dispatcher::OutboxOf(const Origin& origin, Round* round) {
  const uint64_t key = (uint64_t{origin.node} << 32) | origin.attach;
  auto [it, inserted] = round->outboxes.try_emplace(key);
  if (inserted) it->second = registry_->FindOutbox(origin);
  return it->second.get();
}

void Dispatcher::Push(const Origin& origin, OutboxItem item, Round* round) {
  if (Outbox* outbox = OutboxOf(origin, round)) outbox->Push(std::move(item));
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
  if (round->lapsed_pairs.insert({origin.node, session}).second) {
    round->lapsed.push_back({origin, session, held});
  }
}

void Dispatcher::Carry(const AppliedEffect& effect, Round* round) {
  AnswerItem item;
  item.seq = effect.seq;
  item.from = effect.from;
  item.to = effect.to;
  Push(effect.to_node, std::move(item), round);
}

void Dispatcher::Carry(const AlreadyEffect& effect, Round* round) {
  AnswerItem item;
  item.kind = AnswerItem::Kind::kAlready;
  item.seq = effect.seq;
  item.from = effect.version;
  item.to = effect.version;
  Push(effect.to_node, std::move(item), round);
}

void Dispatcher::Carry(const RefusedEffect& effect, Round* round) {
  AnswerItem item;
  item.kind = AnswerItem::Kind::kRefused;
  item.seq = effect.seq;
  item.refusal = effect.refusal;
  Push(effect.to_node, std::move(item), round);
}

void Dispatcher::Carry(const OpenedEffect& effect, Round* round) {
  Push(effect.to_node,
       OpenedItem{effect.request, effect.handle, effect.number, effect.created, effect.refusal},
       round);
}

void Dispatcher::Carry(const ForwardEffect& effect, Round* round) {
  const std::shared_ptr<const Body> changes = EncodeChanges(effect.operations, TableOf(effect.app));
  for (const Target& target : effect.targets) {
    if (round->lapsed_pairs.contains({target.node.node, effect.session})) continue;
    Outbox* outbox = OutboxOf(target.node, round);
    std::vector<OutboxItem> items;
    items.push_back(ForwardItem{target.handle, effect.from, effect.to, changes});
    if (!outbox || !outbox->TryPush(std::move(items))) {
      Lapse(target.node, effect.session, effect.from, round);
      continue;
    }
    auto [counted, inserted] = round->forwards.try_emplace(target.node.node, target.node, 0);
    ++counted->second.second;
  }
}

void Dispatcher::Carry(const EndedEffect& effect, Round* round) {
  for (const Target& target : effect.targets) {
    Push(target.node, EndedItem{target.handle, effect.why}, round);
  }
}

void Dispatcher::Carry(const IncarnationEndedEffect& effect, Round*) {
  registry_->EndStream(effect.to_node, v1::Goodbye::SILENT,
                       "this incarnation has ended: attach with a new one");
}

void Dispatcher::Carry(const DeletedEffect& effect, Round*) {
  on_deleted_(effect);
}

absl::Status Dispatcher::CarryCatchUp(const CatchUpEffect& effect, Round* round) {
  Outbox* outbox = OutboxOf(effect.target.node, round);
  if (!outbox) return absl::OkStatus();
  ASSIGN_OR_RETURN(CatchUp catch_up, MakeCatchUp(effect, *store_, TableOf(effect.app)));
  if (catch_up.ahead) ++copies_ahead_;
  if (!outbox->TryPush(std::move(catch_up.items))) {
    Lapse(effect.target.node, effect.session, effect.since, round);
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::hub
