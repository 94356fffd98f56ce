// Id change: what holds while a session gets another id, and after a crash at any moment of it.
#include <ostream>
#include <string>
#include <vector>

#include "hub/shard/renames.h"
#include "hub/shard/shard_machine.h"
#include "tests/support/names_bench.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::IdInSlot;
using ::sessionhub::testing::kNode;
using ::sessionhub::testing::NamesBench;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr v1::RefusalReason kDone = v1::REFUSAL_UNSPECIFIED;

// How the slots of the old and of the new id lie, with four shards.
struct Slots {
  const char* name;
  Slot from;
  Slot to;
};

void PrintTo(const Slots& one, std::ostream* out) {
  *out << one.name;
}

class IdChangeTest : public ::testing::TestWithParam<Slots> {
 protected:
  static constexpr uint64_t kHorizonUs = ShardMachineOptions().resend_horizon_us;

  const std::string from_ = IdInSlot("old", GetParam().from);
  const std::string to_ = IdInSlot("new", GetParam().to);
  NamesBench hub_{4};

  SessionNumber Create(const std::string& id) { return hub_.Open(id, v1::CREATE_EXCLUSIVE).number; }
  v1::RefusalReason Refusal(const std::string& id, v1::CreateMode create = v1::CREATE_NEVER) {
    const OpenedEffect opened = hub_.Open(id, create);
    return opened.handle != 0 ? kDone : opened.refusal.reason;
  }
};

INSTANTIATE_TEST_SUITE_P(Slots, IdChangeTest,
                         ::testing::Values(Slots{"OneSlot", 9, 9}, Slots{"OneShard", 9, 13},
                                           Slots{"TwoShards", 9, 14},
                                           Slots{"ToTheFirstShard", 11, 4}),
                         [](const auto& slots) { return slots.param.name; });

TEST_P(IdChangeTest, TheNewIdLeadsToTheSessionAndTheOldOneTellsNothing) {
  const SessionNumber number = Create(from_);
  ASSERT_EQ(hub_.Rename(number, to_), kDone);
  EXPECT_EQ(hub_.Open(to_).number, number);
  for (const v1::CreateMode create :
       {v1::CREATE_NEVER, v1::CREATE_IF_MISSING, v1::CREATE_EXCLUSIVE}) {
    const OpenedEffect opened = hub_.Open(from_, create);
    EXPECT_EQ(opened.refusal.reason, v1::RENAMED);
    EXPECT_EQ(opened.number, 0u);
    EXPECT_EQ(opened.refusal.message.find(to_), std::string::npos);
  }
  EXPECT_EQ(hub_.NameOf(to_)->state(), stored::Name::LIVE);
}

TEST_P(IdChangeTest, WhoHoldsTheSessionIsToldAndGoesOn) {
  const SessionNumber number = Create(from_);
  hub_.TakeSeen();
  ASSERT_EQ(hub_.Rename(number, to_), kDone);
  const auto seen = hub_.TakeSeen();
  ASSERT_EQ(seen.renamed.size(), 1u);
  EXPECT_EQ(seen.renamed[0].id, to_);
  EXPECT_EQ(seen.renamed[0].targets.size(), 1u);
  EXPECT_EQ(hub_.Open(to_).handle, seen.renamed[0].targets[0].handle);
}

TEST_P(IdChangeTest, AskingAgainChangesNothing) {
  const SessionNumber number = Create(from_);
  ASSERT_EQ(hub_.Rename(number, to_), kDone);
  hub_.TakeSeen();
  EXPECT_EQ(hub_.Rename(number, to_), kDone);
  EXPECT_TRUE(hub_.TakeSeen().renamed.empty());
  hub_.Restart(2);
  EXPECT_EQ(hub_.Rename(number, to_), kDone);
  EXPECT_EQ(hub_.Open(to_).number, number);
  EXPECT_EQ(Refusal(from_), v1::RENAMED);
}

TEST_P(IdChangeTest, WithinItsWindowTheOldIdLeadsToTheSession) {
  const SessionNumber number = Create(from_);
  ASSERT_EQ(hub_.Rename(number, to_, 5'000'000), kDone);
  hub_.now_us += 4'999'999;
  hub_.TakeSeen();
  EXPECT_EQ(hub_.Open(from_).number, number);
  const auto seen = hub_.TakeSeen();
  ASSERT_EQ(seen.renamed.size(), 1u) << "the node would keep the old id for ever";
  EXPECT_EQ(seen.renamed[0].id, to_);
  EXPECT_EQ(Refusal(from_, v1::CREATE_EXCLUSIVE), v1::ALREADY_EXISTS);
  hub_.now_us += 1;
  EXPECT_EQ(Refusal(from_), v1::RENAMED);
}

TEST_P(IdChangeTest, TheWindowEndsWithTheSession) {
  const SessionNumber number = Create(from_);
  ASSERT_EQ(hub_.Rename(number, to_, 5'000'000), kDone);
  ASSERT_TRUE(hub_.Delete(to_));
  EXPECT_EQ(Refusal(from_), v1::RENAMED);
  EXPECT_EQ(Refusal(to_), v1::NOT_FOUND);
  EXPECT_NE(Create(to_), 0u);
}

TEST_P(IdChangeTest, AnOperatorDeletesByTheNewIdOnly) {
  const SessionNumber number = Create(from_);
  ASSERT_EQ(hub_.Rename(number, to_, 5'000'000), kDone);
  EXPECT_FALSE(hub_.Delete(from_));
  EXPECT_TRUE(hub_.Delete(to_));
  EXPECT_FALSE(hub_.Delete(to_));
}

TEST_P(IdChangeTest, AnIdThatIsTakenIsRefused) {
  const SessionNumber number = Create(from_);
  const SessionNumber other = Create(to_);
  EXPECT_EQ(hub_.Rename(number, to_), v1::ALREADY_EXISTS);
  EXPECT_EQ(hub_.Open(from_).number, number);
  EXPECT_EQ(hub_.Open(to_).number, other);
  // The same for one that was given by a change, and for one that was given up.
  const std::string third = IdInSlot("third", 200);
  ASSERT_EQ(hub_.Rename(other, third), kDone);
  EXPECT_EQ(hub_.Rename(number, third), v1::ALREADY_EXISTS);
  EXPECT_EQ(hub_.Rename(number, to_), v1::ALREADY_EXISTS);
  EXPECT_EQ(hub_.Open(from_).number, number);
}

TEST_P(IdChangeTest, OfTwoSessionsThatWantOneIdOneGetsIt) {
  const SessionNumber one = Create(from_);
  const SessionNumber two = Create(IdInSlot("second", 130));
  hub_.TakeSeen();
  hub_.Post(hub_.RenameOf(one, to_));
  hub_.Post(hub_.RenameOf(two, to_));
  hub_.Run();
  const auto answers = hub_.TakeSeen().answers;
  ASSERT_EQ(answers.size(), 2u);
  const bool first = answers[0].refusal.reason == kDone;
  const bool second = answers[1].refusal.reason == kDone;
  EXPECT_NE(first, second);
  const SessionNumber has = hub_.Open(to_).number;
  EXPECT_TRUE(has == one || has == two);
}

// Late writers may still use the id, and would be in the session of whoever logged in.
TEST_P(IdChangeTest, ASessionMayGoBackToItsFirstIdAfterTheHorizonOnly) {
  const SessionNumber number = Create(from_);
  ASSERT_EQ(hub_.Rename(number, to_), kDone);
  hub_.now_us += kHorizonUs - 1;
  EXPECT_EQ(hub_.Rename(number, from_), v1::RENAMED);
  EXPECT_EQ(hub_.Open(to_).number, number);
  hub_.now_us += 1;
  ASSERT_EQ(hub_.Rename(number, from_), kDone);
  EXPECT_EQ(hub_.Open(from_).number, number);
  EXPECT_EQ(Refusal(to_), v1::RENAMED);
}

TEST_P(IdChangeTest, OneSentAgainDoesNotUndoALaterOne) {
  const std::string third = IdInSlot("third", 200);
  for (int turns = 0;; ++turns) {
    SCOPED_TRACE("crash after " + std::to_string(turns) + " turns");
    NamesBench hub(4);
    const SessionNumber number = hub.Open(from_, v1::CREATE_EXCLUSIVE).number;
    const RenameInput first = hub.RenameOf(number, to_);
    hub.Post(first);
    hub.Run();
    hub.Post(hub.RenameOf(number, third));
    const bool over = hub.Run(turns) < turns;
    hub.Restart(4);
    const std::string id = hub.IdentityOf(number)->id();
    hub.TakeSeen();
    hub.Post(first);
    hub.Run();
    const auto answers = hub.TakeSeen().answers;
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].refusal.reason, id == to_ ? kDone : v1::RENAMED);
    EXPECT_EQ(hub.IdentityOf(number)->id(), id);
    EXPECT_EQ(hub.Open(id).number, number);
    if (id == third) {
      EXPECT_EQ(hub.Open(to_).refusal.reason, v1::RENAMED);
    }
    if (over) break;
  }
}

TEST_P(IdChangeTest, OneFromAnIdThatTheSessionDoesNotHaveLeavesNothing) {
  const SessionNumber number = Create(from_);
  RenameInput late = hub_.RenameOf(number, to_);
  late.old_id = "before";
  hub_.TakeSeen();
  hub_.Post(late);
  hub_.Run();
  EXPECT_EQ(hub_.TakeSeen().answers.at(0).refusal.reason, v1::RENAMED);
  EXPECT_FALSE(hub_.NameOf(to_));
  EXPECT_EQ(hub_.Open(from_).number, number);
  EXPECT_NE(Create(to_), number);
}

TEST_P(IdChangeTest, AnOutageDoesNotShortenTheHorizonOfAnOldId) {
  const SessionNumber number = Create(from_);
  ASSERT_EQ(hub_.Rename(number, to_), kDone);
  hub_.now_us += kHorizonUs / 2;
  hub_.Restart(4, 2 * kHorizonUs);
  hub_.Tick();
  hub_.now_us += kHorizonUs / 2 - 1;
  hub_.Tick();
  EXPECT_EQ(Refusal(from_, v1::CREATE_IF_MISSING), v1::RENAMED);
  hub_.now_us += 1;
  hub_.Tick();
  EXPECT_FALSE(hub_.NameOf(from_)) << "nobody removes what is left of it";
  EXPECT_NE(Create(from_), number);
}

// Listed as one owner's, it may be another's when its end is asked for.
TEST_P(IdChangeTest, AnOwnersSessionIsDeletedOnlyWhileItIsHis) {
  OpenInput open = hub_.OpenOf(from_, v1::CREATE_EXCLUSIVE);
  open.settings.owner = "ada";
  hub_.Post(open);
  hub_.Run();
  const SessionNumber number = hub_.TakeSeen().opened.at(0).number;
  ASSERT_EQ(hub_.Rename(number, to_), kDone);
  const auto remove = [&](AppNumber app, const std::string& owner) {
    hub_.Post(DeleteInput{1, {0, app, {}}, number, owner});
    hub_.Run();
    return hub_.TakeSeen().deleted.at(0).status.code();
  };
  EXPECT_EQ(remove(1, "bob"), absl::StatusCode::kNotFound);
  EXPECT_EQ(remove(1, ""), absl::StatusCode::kNotFound);
  EXPECT_EQ(remove(2, "ada"), absl::StatusCode::kNotFound);
  EXPECT_EQ(hub_.Open(to_).number, number);
  hub_.TakeSeen();
  EXPECT_EQ(remove(1, "ada"), absl::StatusCode::kOk);
  EXPECT_EQ(Refusal(to_), v1::NOT_FOUND);
}

TEST_P(IdChangeTest, AnOldIdIsFreeAfterTheHorizon) {
  const SessionNumber number = Create(from_);
  ASSERT_EQ(hub_.Rename(number, to_), kDone);
  hub_.now_us += kHorizonUs - 1;
  hub_.Tick();
  EXPECT_EQ(Refusal(from_, v1::CREATE_IF_MISSING), v1::RENAMED);
  hub_.now_us += 1;
  hub_.Tick();
  EXPECT_FALSE(hub_.NameOf(from_)) << "nobody removes what is left of it";
  EXPECT_EQ(Refusal(from_), v1::NOT_FOUND);
  EXPECT_NE(Create(from_), number);
  EXPECT_EQ(hub_.Open(to_).number, number);
}

TEST_P(IdChangeTest, WithoutATickAnOldIdIsFreeAfterTheHorizonToo) {
  const SessionNumber number = Create(from_);
  ASSERT_EQ(hub_.Rename(number, to_), kDone);
  hub_.now_us += kHorizonUs;
  EXPECT_NE(Create(from_), number);
}

TEST_P(IdChangeTest, SessionsOfAnotherAppAndEndedOnesAreGone) {
  const SessionNumber number = Create(from_);
  RenameInput foreign = hub_.RenameOf(number, to_);
  foreign.name.app = 2;
  hub_.TakeSeen();
  hub_.Post(foreign);
  hub_.Run();
  EXPECT_EQ(hub_.TakeSeen().answers.at(0).refusal.reason, v1::GONE);
  EXPECT_EQ(hub_.Open(from_).number, number);
  ASSERT_TRUE(hub_.Delete(from_));
  EXPECT_EQ(hub_.Rename(number, to_), v1::GONE);
  EXPECT_FALSE(hub_.NameOf(to_));
  EXPECT_EQ(hub_.Rename(MakeSessionNumber(GetParam().from, 77), to_), v1::GONE);
  EXPECT_FALSE(hub_.NameOf(to_));
}

TEST_P(IdChangeTest, ANodeThatWasAwayIsToldWhenItResumes) {
  const SessionNumber number = Create(from_);
  const Handle handle = hub_.Open(from_).handle;
  hub_.Post(hub_.RenameOf(number, to_));
  hub_.Run();
  hub_.TakeSeen();
  hub_.Post(ResumeInput{kNode, handle, 1});
  hub_.Run();
  const auto seen = hub_.TakeSeen();
  ASSERT_EQ(seen.renamed.size(), 1u) << "its copy would answer to the old id";
  EXPECT_EQ(seen.renamed[0].id, to_);
}

TEST_P(IdChangeTest, AnExpiredSessionLeavesNeitherItsNewIdNorItsOwner) {
  OpenInput open = hub_.OpenOf(from_, v1::CREATE_EXCLUSIVE);
  open.settings.absolute_timeout_ms = 1'000;
  open.settings.owner = "ada";
  hub_.Post(open);
  hub_.Run();
  const SessionNumber number = hub_.TakeSeen().opened.at(0).number;
  ASSERT_EQ(hub_.Rename(number, to_), kDone);
  EXPECT_THAT(*hub_.store->ListOwned(1, "ada", 0, 9), ElementsAre(number));
  hub_.now_us += 1'000'000;
  hub_.Tick();
  ASSERT_EQ(hub_.TakeSeen().ended.size(), 1u);
  EXPECT_THAT(*hub_.store->ListOwned(1, "ada", 0, 9), IsEmpty());
  EXPECT_FALSE(hub_.NameOf(to_));
  EXPECT_NE(Create(to_), number);
}

// A node asks again after a cut, whatever became of the id meanwhile.
TEST_P(IdChangeTest, AnExclusiveCreationSentAgainIsTheSameThroughAnAlias) {
  const OpenInput open = hub_.OpenOf(from_, v1::CREATE_EXCLUSIVE);
  hub_.Post(open);
  hub_.Run();
  const SessionNumber number = hub_.TakeSeen().opened.at(0).number;
  ASSERT_EQ(hub_.Rename(number, to_, 5'000'000), kDone);
  hub_.TakeSeen();
  hub_.Post(open);
  hub_.Run();
  const OpenedEffect again = hub_.TakeSeen().opened.at(0);
  EXPECT_EQ(again.number, number);
  EXPECT_TRUE(again.created);
}

// ---- a crash at every moment ----

TEST_P(IdChangeTest, ACrashAnywhereLeavesExactlyOneIdThatWorks) {
  bool old_seen = false;
  bool new_seen = false;
  for (int turns = 0;; ++turns) {
    SCOPED_TRACE("crash after " + std::to_string(turns) + " turns");
    NamesBench hub(4);
    const SessionNumber number = hub.Open(from_, v1::CREATE_EXCLUSIVE).number;
    hub.Post(hub.RenameOf(number, to_));
    const bool over = hub.Run(turns) < turns;
    hub.Restart(turns % 2 == 0 ? 4 : 3);
    const bool old_works = hub.Open(from_).number == number;
    const bool new_works = hub.Open(to_).number == number;
    EXPECT_NE(old_works, new_works);
    (old_works ? old_seen : new_seen) = true;
    EXPECT_EQ(hub.Rename(number, to_), kDone);
    EXPECT_EQ(hub.Open(to_).number, number);
    EXPECT_EQ(hub.Open(from_).refusal.reason, v1::RENAMED);
    if (over) break;
  }
  EXPECT_TRUE(old_seen && new_seen);
}

TEST_P(IdChangeTest, WhatACrashLeavesOfAReservationIsNobodys) {
  for (int turns = 0;; ++turns) {
    SCOPED_TRACE("crash after " + std::to_string(turns) + " turns");
    NamesBench hub(4);
    const SessionNumber number = hub.Open(from_, v1::CREATE_EXCLUSIVE).number;
    hub.Post(hub.RenameOf(number, to_));
    const bool over = hub.Run(turns) < turns;
    hub.Restart(4);
    const OpenedEffect created = hub.Open(to_, v1::CREATE_EXCLUSIVE);
    const bool renamed = hub.IdentityOf(number)->id() == to_;
    EXPECT_EQ(created.refusal.reason, renamed ? v1::ALREADY_EXISTS : kDone);
    EXPECT_EQ(hub.Open(to_).number == number, renamed);
    EXPECT_EQ(hub.Open(from_).number == number, !renamed);
    if (over) break;
  }
}

TEST_P(IdChangeTest, ACrashWithinADeleteFreesTheId) {
  for (int turns = 0;; ++turns) {
    SCOPED_TRACE("crash after " + std::to_string(turns) + " turns");
    NamesBench hub(4);
    const SessionNumber number = hub.Open(from_, v1::CREATE_EXCLUSIVE).number;
    ASSERT_EQ(hub.Rename(number, to_), kDone);
    hub.Post(DeleteInput{1, hub.Key(to_), 0, {}});
    const bool over = hub.Run(turns) < turns;
    hub.Restart(4);
    const OpenedEffect opened = hub.Open(to_, v1::CREATE_IF_MISSING);
    EXPECT_NE(opened.handle, 0u);
    EXPECT_EQ(opened.number == number, !opened.created);
    if (over) break;
  }
}

// The word that an id is given up may be lost in the crash, and the session end before that shows.
TEST_P(IdChangeTest, AnIdGivenUpBeforeACrashStaysSoAfterTheEndOfItsSession) {
  bool renamed_seen = false;
  bool over = false;
  for (int turns = 0; !over; ++turns) {
    SCOPED_TRACE("crash after " + std::to_string(turns) + " turns");
    NamesBench hub(4);
    const SessionNumber number = hub.Open(from_, v1::CREATE_EXCLUSIVE).number;
    hub.Post(hub.RenameOf(number, to_));
    over = hub.Run(turns) < turns;
    hub.Restart(4);
    const bool renamed = hub.IdentityOf(number)->id() == to_;
    ASSERT_TRUE(hub.Delete(renamed ? to_ : from_));
    const OpenedEffect created = hub.Open(from_, v1::CREATE_IF_MISSING);
    EXPECT_EQ(created.refusal.reason, renamed ? v1::RENAMED : kDone);
    renamed_seen |= renamed;
  }
  EXPECT_TRUE(renamed_seen);
}

// Two crashes: one may take the word that the session has the id, the other that it has given it
// up. What was reserved meanwhile, and by whom it is wanted again, makes no difference.
TEST_P(IdChangeTest, AnIdGivenUpBetweenTwoCrashesStaysSo) {
  int given_up_seen = 0;
  for (int first = 0; first < 8; ++first) {
    for (int second = 0; second < 8; ++second) {
      SCOPED_TRACE(std::to_string(first) + " turns, and " + std::to_string(second));
      NamesBench hub(4);
      const SessionNumber number = hub.Open(from_, v1::CREATE_EXCLUSIVE).number;
      hub.Post(hub.RenameOf(number, to_));
      hub.Run(first);
      hub.Restart(4);
      const bool had_it = hub.IdentityOf(number)->id() == to_;
      const RenameInput once_more = hub.RenameOf(number, to_);
      hub.Post(hub.RenameOf(number, IdInSlot("third", 6)));
      if (second % 2 == 0) hub.Post(once_more);
      hub.Run(second);
      hub.Restart(4);
      const std::string now_id = hub.IdentityOf(number)->id();
      if (!had_it || now_id == to_) continue;
      if (++given_up_seen % 3 > 0) {
        ASSERT_TRUE(hub.Delete(now_id));
      }
      if (given_up_seen % 3 > 1) {  // by a node that does not know of its end
        EXPECT_NE(hub.Rename(number, to_), kDone);
      }
      EXPECT_EQ(hub.Open(to_, v1::CREATE_IF_MISSING).refusal.reason, v1::RENAMED);
      EXPECT_EQ(hub.Open(to_, v1::CREATE_IF_MISSING).refusal.reason, v1::RENAMED);
    }
  }
  EXPECT_GT(given_up_seen, 0);
}

}  // namespace
}  // namespace sessionhub::hub
