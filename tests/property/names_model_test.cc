// Random id changes, opens, deletes and crashes over several shards: whatever was lost on its way,
// each session that lives is found by its own id, and by no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/names_bench.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::testing {
namespace {

constexpr int kIds = 12;
constexpr int kSteps = 60;

class NamesCase {
 public:
  explicit NamesCase(Random* random) : random_(*random) {}

  void Run() {
    for (int round = 0; round < 5 && !::testing::Test::HasFailure(); ++round) {
      for (int step = 0; step < kSteps; ++step) {
        Act();
        RunSome();
      }
      if (OneIn(random_, 2)) Crash();
      Check();
    }
  }

 private:
  void Act() {
    const std::string id = "id" + std::to_string(Below(random_, kIds));
    switch (Below(random_, 8)) {
      case 0:
      case 1:
        return hub_.Post(hub_.OpenOf(id, v1::CREATE_IF_MISSING));
      case 2:
        return hub_.Post(hub::DeleteInput{1, hub_.Key(id), 0, {}});
      case 3:
        if (OneIn(random_, 4)) return Crash();
        hub_.now_us += Below(random_, 2'000'000);
        return;
      default:
        if (numbers_.empty()) return;
        const uint64_t alias_us = OneIn(random_, 3) ? Below(random_, 1'000'000) : 0;
        hub::RenameInput rename =
            hub_.RenameOf(numbers_[Below(random_, numbers_.size())], id, alias_us);
        if (OneIn(random_, 3) && !sent_.empty()) rename = sent_[Below(random_, sent_.size())];
        sent_.push_back(rename);
        return hub_.Post(rename);
    }
  }

  void Crash() { hub_.Restart(1 + static_cast<uint32_t>(Below(random_, 4))); }

  void RunSome() {
    for (uint64_t turns = Below(random_, 8); turns > 0; --turns) {
      hub_.RunOne(static_cast<uint32_t>(Below(random_, hub_.shards())));
      NoteIds();
    }
    for (const hub::OpenedEffect& opened : hub_.TakeSeen().opened) {
      if (!opened.created) continue;
      numbers_.push_back(opened.number);
      living_.push_back(opened.number);
    }
  }

  bool Lives(SessionNumber number) const {
    hub::ReadSet reads;
    reads.metas.push_back(number);
    hub::Loaded loaded;
    EXPECT_OK(hub_.store->Load(reads, &loaded));
    return loaded.metas[number] && !loaded.metas[number]->dead();
  }

  // After each turn: no session gets an id that a living one has given up.
  void NoteIds() {
    hub::ReadSet reads;
    reads.metas = living_;
    reads.identities = living_;
    hub::Loaded loaded;
    ASSERT_OK(hub_.store->Load(reads, &loaded));
    living_.erase(std::remove_if(living_.begin(), living_.end(),
                                 [&](SessionNumber number) {
                                   const auto& meta = loaded.metas[number];
                                   return !meta || meta->dead();
                                 }),
                  living_.end());
    for (SessionNumber number : living_) {
      const std::optional<hub::stored::Identity>& identity = loaded.identities[number];
      ASSERT_TRUE(identity);
      std::string& id = ids_[number];
      if (id == identity->id()) continue;
      if (!id.empty()) given_up_[id] = number;
      id = identity->id();
      const auto giver = given_up_.find(id);
      if (giver == given_up_.end()) continue;
      // The session itself may get it back, on its way to a slot that has not heard of the change.
      const bool its_own = giver->second == number;
      EXPECT_FALSE(Lives(giver->second) && !its_own) << id << " is back";
      given_up_.erase(giver);  // what is left of a dead session's old id may be lost in a crash
    }
  }

  // Nothing is on its way, and no window is open.
  void Check() {
    while (hub_.Run(1) > 0) NoteIds();
    RunSome();
    hub_.now_us += 2'000'000;
    std::vector<SessionNumber> found;
    for (int n = 0; n < kIds; ++n) {
      const std::string id = "id" + std::to_string(n);
      const hub::OpenedEffect opened = hub_.Open(id);
      const auto giver = given_up_.find(id);
      if (giver != given_up_.end() && Lives(giver->second)) {
        EXPECT_EQ(opened.refusal.reason, v1::RENAMED) << id;
      }
      if (opened.handle == 0) continue;
      found.push_back(opened.number);
      ASSERT_TRUE(hub_.IdentityOf(opened.number));
      EXPECT_EQ(hub_.IdentityOf(opened.number)->id(), id);
    }
    for (SessionNumber number : numbers_) {
      EXPECT_EQ(std::count(found.begin(), found.end(), number), Lives(number) ? 1 : 0)
          << "session " << number;
    }
  }

  Random& random_;
  NamesBench hub_{3};
  std::vector<SessionNumber> numbers_;
  std::vector<SessionNumber> living_;
  std::vector<hub::RenameInput> sent_;  // a node sends again what has no answer, however late
  std::map<SessionNumber, std::string> ids_;
  std::map<std::string, SessionNumber> given_up_;  // by whom
};

TEST(NamesModelTest, EachSessionIsFoundByItsOwnIdAndByNoOther) {
  const char* text = std::getenv("SESSIONHUB_SIMULATIONS");
  int cases = 0;
  ForEachCase(text ? std::atoi(text) : 100, [&cases](Random& random) {
    NamesCase(&random).Run();
    if (!HasFailure()) ++cases;
  });
  std::cout << cases << " runs\n";
}

}  // namespace
}  // namespace sessionhub::testing
