#include "tests/support/names_bench.h"

#include <utility>

#include "absl/time/time.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::testing {
namespace {

constexpr size_t kMailboxBytes = 64 << 20;

}  // namespace

NamesBench::NamesBench(uint32_t shards) {
  Restart(shards);
}

void NamesBench::Restart(uint32_t shards, uint64_t outage_us) {
  const uint64_t start_us = now_us + outage_us + 1;  // as HubClock has it
  served_ = hub::ServedTime(now_us, served_.At(now_us), start_us, 0);
  now_us = start_us;
  machines_.clear();
  mailboxes_.clear();
  std::vector<hub::Mailbox*> mailboxes;
  for (uint32_t shard = 0; shard < shards; ++shard) {
    hub::ShardMachineOptions options;
    options.shard = shard;
    options.shards = shards;
    options.served = served_;
    machines_.push_back(std::make_unique<hub::ShardMachine>(options));
    mailboxes_.push_back(std::make_unique<hub::Mailbox>(kMailboxBytes));
    mailboxes.push_back(mailboxes_.back().get());
  }
  router_ = std::make_unique<hub::Router>(std::move(mailboxes));
  hub::AttachInput attach;
  attach.origin = kNode;
  attach.app = 1;
  router_->PostToAll(attach);
  Run();
  seen_ = {};
}

bool NamesBench::RunOne(uint32_t shard) {
  std::vector<hub::Input> inputs;
  mailboxes_[shard]->Drain(1, absl::ZeroDuration(), &inputs);
  if (inputs.empty()) return false;
  hub::ShardMachine& machine = *machines_[shard];
  hub::Loaded loaded;
  for (hub::ReadSet reads = machine.Plan(inputs, loaded, now_us); !reads.empty();
       reads = machine.Plan(inputs, loaded, now_us)) {
    EXPECT_OK(store->Load(reads, &loaded));
  }
  hub::ShardMachine::Turn turn = machine.Step(inputs, loaded, now_us);
  EXPECT_OK(store->Apply(turn.record, true));
  Release(std::move(turn.effects));
  return true;
}

void NamesBench::Release(std::vector<hub::Effect> effects) {
  for (hub::Effect& effect : effects) {
    if (auto* post = std::get_if<hub::PostEffect>(&effect)) {
      router_->Post(std::move(post->input));
    } else if (auto* opened = std::get_if<hub::OpenedEffect>(&effect)) {
      seen_.opened.push_back(*opened);
    } else if (auto* answer = std::get_if<hub::AnswerEffect>(&effect)) {
      seen_.answers.push_back(*answer);
    } else if (auto* renamed = std::get_if<hub::RenamedEffect>(&effect)) {
      seen_.renamed.push_back(*renamed);
    } else if (auto* deleted = std::get_if<hub::DeletedEffect>(&effect)) {
      seen_.deleted.push_back(*deleted);
    } else if (auto* ended = std::get_if<hub::EndedEffect>(&effect)) {
      seen_.ended.push_back(*ended);
    }
  }
}

int NamesBench::Run(int turns_max) {
  int turns = 0;
  for (bool ran = true; ran;) {
    ran = false;
    for (uint32_t shard = 0; shard < shards(); ++shard) {
      if (turns == turns_max) return turns;
      if (!RunOne(shard)) continue;
      ran = true;
      ++turns;
    }
  }
  return turns;
}

hub::NameKey NamesBench::Key(const std::string& id) const {
  return {SlotOf("shop", id), 1, id};
}

hub::OpenInput NamesBench::OpenOf(const std::string& id, v1::CreateMode create, hub::Origin node) {
  hub::OpenInput input;
  input.origin = node;
  input.request = ++last_request_;  // an exclusive one sent again would be the same creation
  input.name = Key(id);
  input.create = create;
  return input;
}

hub::OpenedEffect NamesBench::Open(const std::string& id, v1::CreateMode create, hub::Origin node) {
  Post(OpenOf(id, create, node));
  Run();
  const std::vector<hub::OpenedEffect>& opened = seen_.opened;
  EXPECT_FALSE(opened.empty()) << "an Open of " << id << " has no answer";
  return opened.empty() ? hub::OpenedEffect{} : opened.back();
}

hub::RenameInput NamesBench::RenameOf(SessionNumber number, const std::string& id,
                                      uint64_t alias_us) {
  const std::optional<hub::stored::Identity> identity = IdentityOf(number);
  hub::RenameInput input;
  input.origin = kNode;
  input.request = 1;
  input.number = number;
  input.name = Key(id);
  input.old_id = identity ? identity->id() : "";
  input.alias_us = alias_us;
  return input;
}

v1::RefusalReason NamesBench::Rename(SessionNumber number, const std::string& id,
                                     uint64_t alias_us) {
  seen_.answers.clear();
  Post(RenameOf(number, id, alias_us));
  Run();
  EXPECT_EQ(seen_.answers.size(), 1u);
  return seen_.answers.empty() ? v1::INVALID_ARGUMENT : seen_.answers.back().refusal.reason;
}

bool NamesBench::Delete(const std::string& id) {
  seen_.deleted.clear();
  Post(hub::DeleteInput{1, Key(id), 0, {}});
  Run();
  EXPECT_EQ(seen_.deleted.size(), 1u);
  return !seen_.deleted.empty() && seen_.deleted.back().status.ok();
}

void NamesBench::Tick() {
  router_->PostToAll(hub::TickInput{});
  Run();
}

std::optional<hub::stored::Name> NamesBench::NameOf(const std::string& id) const {
  hub::ReadSet reads;
  reads.names.push_back(Key(id));
  hub::Loaded loaded;
  EXPECT_OK(store->Load(reads, &loaded));
  return loaded.names[Key(id)];
}

std::optional<hub::stored::Identity> NamesBench::IdentityOf(SessionNumber number) const {
  hub::ReadSet reads;
  reads.identities.push_back(number);
  hub::Loaded loaded;
  EXPECT_OK(store->Load(reads, &loaded));
  return loaded.identities[number];
}

std::string IdInSlot(const std::string& stem, Slot slot) {
  for (int n = 0;; ++n) {
    std::string id = stem + std::to_string(n);
    if (SlotOf("shop", id) == slot) return id;
  }
}

}  // namespace sessionhub::testing
