// NamesBench: all shards of a hub on one store, driven input by input, so that a test can lose what
// is on its way between two of them.
#ifndef TESTS_SUPPORT_NAMES_BENCH_H_
#define TESTS_SUPPORT_NAMES_BENCH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/shard/mailbox.h"
#include "hub/shard/router.h"
#include "hub/shard/shard_machine.h"
#include "hub/store/memory_store.h"

namespace sessionhub::testing {

inline constexpr hub::Origin kNode{1, 1};

// What a turn let out: answers to who asked, by kind.
struct NamesSeen {
  std::vector<hub::OpenedEffect> opened;
  std::vector<hub::AnswerEffect> answers;
  std::vector<hub::RenamedEffect> renamed;
  std::vector<hub::DeletedEffect> deleted;
  std::vector<hub::EndedEffect> ended;
};

class NamesBench {
 public:
  explicit NamesBench(uint32_t shards);

  // The hub dies: what waits in mailboxes is lost, and all interest. It is started again, and node
  // 1 of app 1 attaches. It was away for `outage_us`.
  void Restart(uint32_t shards, uint64_t outage_us = 0);

  void Post(hub::Input input) { router_->Post(std::move(input)); }
  // One turn of a shard over one input. False if nothing waits there.
  bool RunOne(uint32_t shard);
  // Turns of one input each, of the shards in turn, at most `turns_max`. How many there were.
  int Run(int turns_max = 1'000'000);
  NamesSeen TakeSeen() { return std::exchange(seen_, {}); }

  uint32_t shards() const { return static_cast<uint32_t>(machines_.size()); }
  hub::NameKey Key(const std::string& id) const;

  // ---- short ways, each run to the end; `node` is attached ----
  hub::OpenedEffect Open(const std::string& id, v1::CreateMode create = v1::CREATE_NEVER,
                         hub::Origin node = kNode);
  hub::OpenInput OpenOf(const std::string& id, v1::CreateMode create, hub::Origin node = kNode);
  // REFUSAL_UNSPECIFIED: done.
  v1::RefusalReason Rename(SessionNumber number, const std::string& id, uint64_t alias_us = 0);
  // From the id that the session has now.
  hub::RenameInput RenameOf(SessionNumber number, const std::string& id, uint64_t alias_us = 0);
  bool Delete(const std::string& id);
  void Tick();

  std::optional<hub::stored::Name> NameOf(const std::string& id) const;
  std::optional<hub::stored::Identity> IdentityOf(SessionNumber number) const;

  uint64_t now_us = 1'000'000;
  const std::unique_ptr<hub::MemoryStore> store = hub::MemoryStore::Create(HistoryId{});

 private:
  void Release(std::vector<hub::Effect> effects);

  std::vector<std::unique_ptr<hub::ShardMachine>> machines_;
  std::vector<std::unique_ptr<hub::Mailbox>> mailboxes_;
  std::unique_ptr<hub::Router> router_;
  NamesSeen seen_;
  hub::ServedTime served_;
  uint32_t last_request_ = 0;
};

// An id that starts with `stem` and hashes to this slot.
std::string IdInSlot(const std::string& stem, Slot slot);

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_NAMES_BENCH_H_
