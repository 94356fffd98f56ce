#include "tests/simulation/simulated_hub.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "proto/session/wire.h"

namespace sessionhub::simulation {
namespace {

using hub::Input;

constexpr size_t kMailboxBytes = 64 << 20;

std::string Goodbye(v1::Goodbye::Why why, const std::string& message) {
  v1::HubFrame frame;
  frame.mutable_goodbye()->set_why(why);
  frame.mutable_goodbye()->set_message(message);
  return frame.SerializeAsString();
}

}  // namespace

// ---- HubStream ----

void HubStream::Receive(const std::string& bytes) {
  if (ended_ || farewell_) return;
  v1::NodeFrame frame;
  if (!frame.ParseFromString(bytes)) {
    return End(v1::Goodbye::PROTOCOL_ERROR, "a frame does not parse");
  }
  if (!admission_) return Hello(frame);
  hub_->registry_->Confirm(origin_);
  Admit(frame);
}

void HubStream::Hello(const v1::NodeFrame& frame) {
  const v1::Hello& hello = frame.hello();
  if (absl::Status status = hub::CheckHello(hello); !status.ok()) {
    return End(v1::Goodbye::INVALID_HELLO, std::string(status.message()));
  }
  const Incarnation incarnation = BytesToId128(hello.incarnation());
  const auto registered =
      hub_->roster_->Register({hello.app(), hello.node_name(), incarnation, hello.known_before()});
  if (!registered.ok()) return;  // the hub stops
  v1::HubFrame first;
  v1::Attached* attached = first.mutable_attached();
  attached->set_history_id(Id128ToBytes(hub_->store_->history_id()));
  attached->set_incarnation_ended(registered->incarnation_ended);
  if (registered->incarnation_ended) {
    first_frames_.push_back(first.SerializeAsString());
    return End(v1::Goodbye::SILENT, "this incarnation has ended");
  }
  const auto attachment = hub_->registry_->Attach(
      {hello.app(), registered->app, hello.node_name(), incarnation, "simulated",
       hello.features() & hub::kHubFeatures, hello.new_lease()},
      [this](v1::Goodbye::Why why, const std::string& message) { End(why, message); },
      *hub_->now_us_);
  if (!attachment.ok()) {
    return End(v1::Goodbye::REPLACED, std::string(attachment.status().message()));
  }
  origin_ = attachment->origin;
  outbox_ = attachment->outbox;
  admission_.emplace(hub_->options_.limits, origin_, hello.app(), registered->app,
                     hello.features() & hub::kHubFeatures);
  attached->set_features(hello.features() & hub::kHubFeatures);
  attached->set_lease_held(attachment->lease_held);
  attached->set_heartbeat_ms(1000);
  attached->set_lease_ms(hub_->options_.lease_us / 1000);
  EncodeLimits(hub_->options_.limits, attached->mutable_limits());
  first_frames_.push_back(first.SerializeAsString());
  v1::NodeFrame rest = frame;
  rest.clear_hello();
  Admit(rest);
}

void HubStream::Admit(const v1::NodeFrame& frame) {
  hub::Admitted admitted;
  if (absl::Status status = admission_->Admit(frame, &admitted); !status.ok()) {
    return End(v1::Goodbye::PROTOCOL_ERROR, std::string(status.message()));
  }
  for (Input& input : admitted.inputs) {
    const auto use = hub::GrowthHold::UseOf(input);
    if (!hub_->growth_waits_ || !hold_.Take(&input)) {
      Post(std::move(input));
    } else if (use) {
      Post(*use);
    }
  }
  if (hold_.empty()) received_through_ = std::exchange(received_last_, 0);
  for (hub::OutboxItem& item : admitted.answers) outbox_->Push(std::move(item));
}

void HubStream::Post(Input input) {
  const auto* commit = std::get_if<hub::CommitInput>(&input);
  if (commit && commit->received) received_last_ = std::max(received_last_, commit->seq);
  hub_->router_->Post(std::move(input));
}

void HubStream::Pump() {
  if (hub_->growth_waits_ || ended_) return;
  for (Input& input : hold_.TakeAll()) Post(std::move(input));
  received_through_ = std::exchange(received_last_, 0);
}

std::optional<std::string> HubStream::TakeFrame(size_t bytes_max) {
  if (ended_) return std::nullopt;
  if (!first_frames_.empty()) {
    std::string frame = std::move(first_frames_.front());
    first_frames_.erase(first_frames_.begin());
    return frame;
  }
  if (outbox_) {
    const std::vector<hub::OutboxItem> items = outbox_->Take(bytes_max);
    if (!items.empty() || received_through_ != 0) {
      return encoder_.Encode(items, std::exchange(received_through_, 0));
    }
  }
  if (!farewell_) return std::nullopt;
  ended_ = true;
  PeerLeft();
  return farewell_;
}

void HubStream::PeerLeft() {
  if (origin_.node != 0) hub_->registry_->Detach(origin_, *hub_->now_us_);
  ended_ = true;
}

void HubStream::End(v1::Goodbye::Why why, const std::string& message) {
  if (farewell_) return;
  farewell_ = Goodbye(why, message);
  if (outbox_) outbox_->EndReads();
}

// ---- SimulatedHub ----

SimulatedHub::SimulatedHub(const HubOptions& options, hub::MemoryStore* store,
                           const uint64_t* now_us)
    : options_(options), store_(store), now_us_(now_us) {
  std::vector<hub::Mailbox*> mailboxes;
  for (uint32_t shard = 0; shard < options_.shards; ++shard) {
    mailboxes_.push_back(std::make_unique<hub::Mailbox>(kMailboxBytes));
    mailboxes.push_back(mailboxes_.back().get());
  }
  router_ = std::make_unique<hub::Router>(std::move(mailboxes));
  reader_ = std::make_unique<hub::CatchUpReader>(
      [this](const Input& input) { router_->Post(input); }, options_.read_chunk_bytes_max);
  hub::NodeRegistryOptions registry;
  registry.chunk_bytes_max = options_.chunk_bytes_max;
  registry.lease_us = options_.lease_us;
  registry.outbox_bytes_max = options_.outbox_bytes_max;
  registry_ = std::make_unique<hub::NodeRegistry>(
      registry, [this](const Input& input) { router_->PostToAll(input); });
  served_ = hub::ServedTime(*store_->LastHubTime(), *store_->LastServedTime(), *now_us_,
                            options_.lease_us);
  for (uint32_t shard = 0; shard < options_.shards; ++shard) {
    hub::DispatcherOptions dispatcher;
    dispatcher.shard = shard;
    dispatcher.shards = options_.shards;
    dispatcher.path_definitions_max = options_.limits.path_definitions_max;
    dispatcher.turn_read_bytes_max = options_.turn_read_bytes_max;
    dispatcher.reads_max = options_.reads_max;
    dispatchers_.push_back(std::make_unique<hub::Dispatcher>(
        dispatcher, registry_.get(), store_, [](const hub::DeletedEffect&) {},
        [this](Input input) { router_->Post(std::move(input)); }, reader_.get()));
    hub::ShardMachineOptions machine;
    machine.shard = shard;
    machine.shards = options_.shards;
    machine.limits = options_.limits;
    machine.served = served_;
    machine.resend_horizon_us = options_.resend_horizon_us;
    machine.nodes_known_at_us = *now_us_ + options_.lease_us;
    machine.app_sessions = *store_->ListAppSessions();
    machine.read_changes_bytes_max = options_.read_changes_bytes_max;
    machine.turn_load_bytes_max = options_.turn_load_bytes_max;
    shards_.push_back(
        std::make_unique<hub::Shard>(machine, &journal_, store_, dispatchers_.back().get()));
  }
  hub::RosterOptions roster;
  roster.resend_horizon_us = options_.resend_horizon_us;
  roster.now_us = [this] { return *now_us_; };
  roster.served = served_;
  roster.present = [this](const Incarnation& node) { return registry_->Knows(node); };
  roster.on_failure = [this](const absl::Status&) { failed_ = true; };
  roster_ = std::make_unique<hub::Roster>(roster, &journal_, store_);
}

bool SimulatedHub::RunTurn(uint32_t shard, size_t inputs_max) {
  if (failed_) return false;
  std::vector<Input> inputs;
  mailboxes_[shard]->Drain(inputs_max, absl::ZeroDuration(), &inputs);
  while (!inputs.empty() || shards_[shard]->HasWork()) {
    const auto taken = shards_[shard]->RunOnce(inputs, *now_us_);
    if (!taken.ok()) return false;
    const auto end = inputs.begin() + static_cast<ptrdiff_t>(*taken);
    if (options_.watch) options_.watch(shard, {inputs.begin(), end});
    inputs.erase(inputs.begin(), end);
    if (inputs.empty()) break;
    ++parted_turns_;
  }
  return true;
}

void SimulatedHub::Tick() {
  registry_->Tick(*now_us_);
  router_->PostToAll(hub::TickInput{});
  roster_->Sweep();
}

void SimulatedHub::DeleteOwned(const std::string& owner) {
  const auto owned = store_->ListOwned(1, owner, 0, 1000);
  if (!owned.ok()) return;
  for (SessionNumber number : *owned) {
    router_->Post(hub::DeleteInput{0, {0, 1, ""}, number, owner});
  }
}

void SimulatedHub::Drain() {
  for (const hub::NodeListing& node : registry_->List()) {
    registry_->EndStream(node.origin, v1::Goodbye::DRAINING, "this hub is stopping");
  }
}

Sights SimulatedHub::sights() const {
  Sights sights;
  for (const auto& shard : shards_) {
    const auto& counters = shard->machine().counters();
    sights["lapses"] += counters.lapses;
    sights["large catch-ups"] += counters.large_catch_ups;
    sights["sessions expired"] += counters.sessions_expired;
    sights["touches"] += counters.touches;
  }
  sights["inputs left for another turn"] += parted_turns_;
  return sights;
}

uint64_t SimulatedHub::sessions_expired() const {
  uint64_t expired = 0;
  for (const auto& shard : shards_) expired += shard->machine().counters().sessions_expired;
  return expired;
}

size_t SimulatedHub::outbox_bytes() const {
  size_t most = 0;
  for (const hub::NodeListing& node : registry_->List()) most = std::max(most, node.outbox_bytes);
  return most;
}

uint64_t SimulatedHub::copies_ahead() const {
  uint64_t ahead = 0;
  for (const auto& dispatcher : dispatchers_) ahead += dispatcher->copies_ahead();
  return ahead;
}

}  // namespace sessionhub::simulation
