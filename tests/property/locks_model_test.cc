// Random requests for locks of a few sessions by a few nodes, with cuts, ends of leases, deletes
// and crashes of the hub, against a model that knows what a lock is and nothing of how it is kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/shard/shard_machine.h"
#include "hub/store/memory_store.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::testing {
namespace {

using hub::Origin;

constexpr int kNodes = 3;
constexpr int kSessions = 2;
constexpr int kSteps = 120;
constexpr uint64_t kMsUs = 1'000;

// What the lock of one session is. Times in served time, which goes on while a hub serves.
struct ModelLock {
  struct Waiter {
    uint32_t node = 0;
    uint32_t request = 0;
    uint64_t lease_us = 0;
    uint64_t until_us = 0;
  };
  bool alive = true;
  uint32_t node = 0;  // 0: nobody's
  uint32_t request = 0;
  uint64_t token = 0;  // the last one given
  uint64_t end_us = 0;
  std::deque<Waiter> waiters;
};

class LocksCase {
 public:
  explicit LocksCase(Random* random) : random_(*random) {
    StartHub(0);
    for (int n = 0; n < kSessions; ++n) {
      const std::string id = "s" + std::to_string(n);
      hub::OpenInput open;
      open.origin = {1, attach_of_[1]};
      open.name = {SlotOf("shop", id), 1, id};
      open.create = v1::CREATE_IF_MISSING;
      for (const hub::Effect& effect : Turn({open})) {
        if (const auto* opened = std::get_if<hub::OpenedEffect>(&effect)) {
          numbers_.push_back(opened->number);
        }
      }
    }
    model_.resize(kSessions);
  }

  void Run() {
    ASSERT_EQ(numbers_.size(), static_cast<size_t>(kSessions));
    for (int step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) Act();
  }

 private:
  // ---- the hub ----

  void StartHub(uint64_t down_us) {
    now_us_ += down_us;
    hub::ShardMachineOptions options;
    options.served = hub::ServedTime(store_->LastHubTime().value(),
                                     store_->LastServedTime().value(), now_us_, 0);
    machine_ = std::make_unique<hub::ShardMachine>(options);
    for (uint32_t node = 1; node <= kNodes; ++node) Attach(node);
  }
  void Attach(uint32_t node) {
    hub::AttachInput attach;
    attach.origin = {node, ++attach_of_[node]};
    attach.incarnation[0] = static_cast<uint8_t>(node);
    attach.app = 1;
    EXPECT_TRUE(Turn({attach}).empty());
  }
  std::vector<hub::Effect> Turn(const std::vector<hub::Input>& inputs) {
    hub::Loaded loaded;
    for (hub::ReadSet reads = machine_->Plan(inputs, loaded, now_us_); !reads.empty();
         reads = machine_->Plan(inputs, loaded, now_us_)) {
      EXPECT_OK(store_->Load(reads, &loaded));
    }
    hub::ShardMachine::Turn turn = machine_->Step(inputs, loaded, now_us_);
    EXPECT_OK(store_->Apply(turn.record, turn.must_sync));
    return std::move(turn.effects);
  }

  // ---- what happens, and what the model says of it ----

  // One line for each answer that must come, in order.
  using Lines = std::vector<std::string>;

  static std::string Line(uint32_t node, uint32_t request, const std::string& what) {
    return std::to_string(node) + ":" + std::to_string(request) + " " + what;
  }
  static Lines LinesOf(const std::vector<hub::Effect>& effects) {
    Lines lines;
    for (const hub::Effect& effect : effects) {
      if (const auto* answer = std::get_if<hub::AnswerEffect>(&effect)) {
        lines.push_back(Line(answer->to_node.node, answer->request,
                             answer->lock_token != 0
                                 ? std::to_string(answer->lock_token)
                                 : v1::RefusalReason_Name(answer->refusal.reason)));
      } else if (const auto* refused = std::get_if<hub::RefusedEffect>(&effect)) {
        lines.push_back(v1::RefusalReason_Name(refused->refusal.reason));
      } else if (std::holds_alternative<hub::AppliedEffect>(effect)) {
        lines.push_back("applied");
      }
    }
    return lines;
  }

  bool Held(const ModelLock& lock) const { return lock.node != 0 && lock.end_us > now_us_; }
  std::string Give(ModelLock* lock, const ModelLock::Waiter& to) const {
    lock->node = to.node;
    lock->request = to.request;
    lock->end_us = now_us_ + to.lease_us;
    return Line(to.node, to.request, std::to_string(++lock->token));
  }

  void Act() {
    const auto session = static_cast<size_t>(Below(random_, kSessions));
    const auto node = static_cast<uint32_t>(1 + Below(random_, kNodes));
    switch (Below(random_, 12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return Ask(session, node);
      case 4:
        return Prolong(session, node);
      case 5:
      case 6:
        return GiveBack(session, node);
      case 7:
        return Write(session, node);
      case 8:
        return Cut(node);
      case 9:
        return OneIn(random_, 10) ? Delete(session) : Crash();
      default:
        return Tick(Below(random_, 400) * kMsUs);
    }
  }

  void Ask(size_t session, uint32_t node) {
    ModelLock& lock = model_[session];
    // Now and then a request that is sent again.
    const bool again = lock.node == node && OneIn(random_, 3);
    const uint32_t request = again ? lock.request : ++last_request_;
    const uint64_t wait_us = OneIn(random_, 3) ? 0 : (1 + Below(random_, 900)) * kMsUs;
    const ModelLock::Waiter waiter{node, request, (1 + Below(random_, 600)) * kMsUs,
                                   now_us_ + wait_us};
    Lines expected;
    if (!lock.alive) {
      expected.push_back(Line(node, request, "GONE"));
    } else if (Held(lock) && lock.node == node && lock.request == request) {
      lock.end_us = now_us_ + waiter.lease_us;  // not told yet: all of the lease is before it
      expected.push_back(Line(node, request, std::to_string(lock.token)));
    } else if (!Held(lock) && lock.waiters.empty()) {
      expected.push_back(Give(&lock, waiter));
    } else if (wait_us == 0) {
      expected.push_back(Line(node, request, "LOCKED"));
    } else {
      lock.waiters.push_back(waiter);
    }
    EXPECT_EQ(LinesOf(Turn({hub::LockInput{{node, attach_of_[node]},
                                           request,
                                           0,
                                           numbers_[session],
                                           waiter.lease_us,
                                           wait_us,
                                           0}})),
              expected);
  }

  uint64_t SomeToken(const ModelLock& lock) {
    return OneIn(random_, 4) ? 1 + Below(random_, lock.token + 2)
                             : std::max<uint64_t>(1, lock.token);
  }

  void Prolong(size_t session, uint32_t node) {
    ModelLock& lock = model_[session];
    const uint64_t token = SomeToken(lock);
    const uint64_t lease_us = (1 + Below(random_, 600)) * kMsUs;
    const uint32_t request = ++last_request_;
    std::string what = lock.alive ? "LOCK_LOST" : "GONE";
    if (lock.alive && Held(lock) && lock.token == token) {
      lock.end_us = now_us_ + lease_us;
      what = std::to_string(token);
    }
    EXPECT_EQ(LinesOf(Turn({hub::LockInput{
                  {node, attach_of_[node]}, request, 0, numbers_[session], lease_us, 0, token}})),
              Lines{Line(node, request, what)});
  }

  void GiveBack(size_t session, uint32_t node) {
    ModelLock& lock = model_[session];
    const uint64_t token = SomeToken(lock);
    Lines expected;
    if (lock.alive && Held(lock) && lock.token == token) {
      lock.node = 0;
      lock.end_us = now_us_;
      GiveToNext(&lock, &expected);
    }
    EXPECT_EQ(
        LinesOf(Turn({hub::UnlockInput{{node, attach_of_[node]}, 0, numbers_[session], token}})),
        expected);
  }

  // To the first whose wait had not ended when the lock did.
  void GiveToNext(ModelLock* lock, Lines* expected) const {
    for (auto it = lock->waiters.begin(); it != lock->waiters.end(); ++it) {
      if (it->until_us < lock->end_us) continue;
      const ModelLock::Waiter next = *it;
      lock->waiters.erase(it);
      expected->push_back(Give(lock, next));
      return;
    }
  }

  void Write(size_t session, uint32_t node) {
    ModelLock& lock = model_[session];
    hub::CommitInput commit;
    commit.origin = {node, attach_of_[node]};
    commit.seq = ++last_seq_;
    commit.number = numbers_[session];
    commit.delta.operations.push_back({Operation::Kind::kPut, *Path::FromText("n"), Value(1)});
    commit.delta.lock_token = SomeToken(lock);
    const bool held = lock.alive && Held(lock) && lock.token == commit.delta.lock_token;
    const std::string what = !lock.alive ? "GONE" : held ? "applied" : "LOCK_LOST";
    EXPECT_EQ(LinesOf(Turn({commit})), Lines{what});
  }

  void Cut(uint32_t node) {
    EXPECT_TRUE(LinesOf(Turn({hub::DetachInput{{node, attach_of_[node]}}})).empty());
    for (ModelLock& lock : model_) ForgetNode(node, &lock);
    Attach(node);
  }
  static void ForgetNode(uint32_t node, ModelLock* lock) {
    std::deque<ModelLock::Waiter> others;
    for (const ModelLock::Waiter& waiter : lock->waiters) {
      if (waiter.node != node) others.push_back(waiter);
    }
    lock->waiters = others;
  }

  void Delete(size_t session) {
    ModelLock& lock = model_[session];
    if (!lock.alive) return;
    Lines expected;
    for (const ModelLock::Waiter& waiter : lock.waiters) {
      expected.push_back(Line(waiter.node, waiter.request, "GONE"));
    }
    lock.waiters.clear();
    lock.alive = false;
    const std::string id = "s" + std::to_string(session);
    EXPECT_EQ(LinesOf(Turn({hub::DeleteInput{1, {SlotOf("shop", id), 1, id}, 0, {}}})), expected);
  }

  // Served time is stored with the last turn that wrote, at most once a second; so that the model
  // need not know when, the hub dies right after it was. An outage ends no lease.
  void Crash() {
    Tick(kSecondUs);
    const uint64_t down_us = Below(random_, 5) * kSecondUs;
    StartHub(down_us);
    for (ModelLock& lock : model_) {
      lock.waiters.clear();
      if (lock.end_us > now_us_ - down_us) lock.end_us += down_us;
    }
  }

  void Tick(uint64_t us) {
    now_us_ += us;
    std::map<size_t, Lines> expected;
    for (size_t session = 0; session < model_.size(); ++session) {
      ModelLock& lock = model_[session];
      if (!Held(lock) && !lock.waiters.empty()) GiveToNext(&lock, &expected[session]);
      std::deque<ModelLock::Waiter> waiting;
      for (const ModelLock::Waiter& waiter : lock.waiters) {
        if (waiter.until_us > now_us_) {
          waiting.push_back(waiter);
        } else {
          expected[session].push_back(Line(waiter.node, waiter.request, "LOCKED"));
        }
      }
      lock.waiters = waiting;
    }
    // Each session's in its order; among sessions any.
    Lines sorted = LinesOf(Turn({hub::TickInput{}}));
    Lines all;
    for (const auto& [session, lines] : expected) all.insert(all.end(), lines.begin(), lines.end());
    std::sort(sorted.begin(), sorted.end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(sorted, all);
  }

  static constexpr uint64_t kSecondUs = 1'000'000;

  Random& random_;
  uint64_t now_us_ = 1'700'000'000 * kSecondUs;
  const std::unique_ptr<hub::MemoryStore> store_ = hub::MemoryStore::Create(HistoryId{});
  std::unique_ptr<hub::ShardMachine> machine_;
  std::map<uint32_t, uint32_t> attach_of_;
  std::vector<SessionNumber> numbers_;
  std::vector<ModelLock> model_;
  uint32_t last_request_ = 0;
  uint64_t last_seq_ = 0;
};

TEST(LocksModelTest, LocksAreGivenAsTheModelSays) {
  ForEachCase(100, [](Random& random) { LocksCase(&random).Run(); });
}

}  // namespace
}  // namespace sessionhub::testing
