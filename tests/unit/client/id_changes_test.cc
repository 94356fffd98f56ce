// How a node's copies follow when ids change.
#include "client/cpp/src/id_changes.h"

#include "tests/support/status_matchers.h"
#include "tests/unit/client/machine_driver.h"

namespace sessionhub::client {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::_;
using testing::StatusIs;

class IdChangesTest : public ::testing::Test {
 protected:
  static v1::Item Answer(uint32_t request, v1::RefusalReason reason = v1::REFUSAL_UNSPECIFIED) {
    v1::Item item;
    item.mutable_answer()->set_request(request);
    if (reason != v1::REFUSAL_UNSPECIFIED) {
      item.mutable_answer()->mutable_refused()->set_reason(reason);
    }
    return item;
  }
  static v1::Item Renamed(uint32_t handle, const std::string& id) {
    v1::Item item;
    item.set_handle(handle);
    item.mutable_renamed()->set_id(id);
    return item;
  }
  static MachineDriver::Attach WithFeature(bool lease_held = false) {
    MachineDriver::Attach how;
    how.lease_held = lease_held;
    how.features = v1::FEATURE_LIFE;
    return how;
  }
  std::string IdOf(const CopyRef& ref) { return node_.machine.IdOf(ref).value_or("none"); }

  MachineDriver node_;
};

TEST_F(IdChangesTest, TheCopyAnswersToTheNewIdOnly) {
  node_.AttachAs(WithFeature());
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  ASSERT_OK(node_.machine.ChangeId(a, "b", 0ms));
  const v1::NodeFrame frame = node_.Frame();
  ASSERT_EQ(frame.renames_size(), 1);
  EXPECT_EQ(frame.renames(0).number(), 257u);
  EXPECT_EQ(frame.renames(0).old_id(), "a");
  EXPECT_EQ(frame.renames(0).new_id(), "b");
  node_.Give({Renamed(1, "b"), Answer(frame.renames(0).request())});
  ASSERT_EQ(node_.id_changes.size(), 1u);
  EXPECT_OK(node_.id_changes.at(0));
  EXPECT_EQ(IdOf(a), "b");
  const Token by_new = node_.machine.Open("b", Create::kNever, 0, node_.now);
  const Token by_old = node_.machine.Open("a", Create::kNever, 0, node_.now);
  node_.Collect();
  EXPECT_TRUE(node_.opens.contains(by_new));
  EXPECT_FALSE(node_.opens.contains(by_old)) << "answered from the near cache";
  EXPECT_EQ(node_.Frame().opens(0).id(), "a");
}

TEST_F(IdChangesTest, AChangeByAnotherNodeIsFollowed) {
  node_.AttachAs(WithFeature());
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  ASSERT_OK(node_.machine.Watch(a));
  node_.Give({Renamed(1, "b")});
  EXPECT_EQ(IdOf(a), "b");
  EXPECT_EQ(node_.N(a), 5);
  ASSERT_EQ(node_.events.size(), 1u);
  EXPECT_EQ(node_.events[0].event.kind, Event::Kind::kRenamed);
  EXPECT_EQ(node_.events[0].event.new_id, "b");
  node_.Give({Renamed(1, "b")});
  EXPECT_EQ(node_.events.size(), 1u) << "what is told once more after a cut is no news";
}

TEST_F(IdChangesTest, ARefusedChangeChangesNothing) {
  node_.AttachAs(WithFeature());
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  ASSERT_OK(node_.machine.ChangeId(a, "b", 0ms));
  node_.Give({Answer(node_.Frame().renames(0).request(), v1::ALREADY_EXISTS)});
  EXPECT_THAT(node_.id_changes.at(0), StatusIs(absl::StatusCode::kAlreadyExists, _));
  EXPECT_EQ(IdOf(a), "a");
}

TEST_F(IdChangesTest, AfterACutTheChangeIsAskedForAgain) {
  node_.AttachAs(WithFeature());
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  ASSERT_OK(node_.machine.ChangeId(a, "b", 0ms));
  EXPECT_EQ(node_.Frame().renames_size(), 1);
  node_.Down();
  node_.AttachAs(WithFeature(true));
  const v1::NodeFrame frame = node_.Frame();
  ASSERT_EQ(frame.renames_size(), 1);
  EXPECT_EQ(frame.resumes_size(), 1);
  node_.Give({Answer(frame.renames(0).request())});
  EXPECT_EQ(IdOf(a), "b");
}

// It would give a session an id long after somebody gave it up.
TEST_F(IdChangesTest, PastTheResendHorizonTheChangeIsForgotten) {
  node_.AttachAs(WithFeature());
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  ASSERT_OK(node_.machine.ChangeId(a, "b", 0ms));
  EXPECT_EQ(node_.Frame().renames_size(), 1);
  node_.Down();
  node_.AttachAs({.incarnation_ended = true});
  EXPECT_THAT(node_.id_changes.at(0), StatusIs(absl::StatusCode::kUnavailable, _));
  node_.Down();
  node_.AttachAs(WithFeature());
  EXPECT_EQ(node_.Frame().renames_size(), 0);
}

TEST_F(IdChangesTest, AChangeThatComesTooLateSaysSo) {
  node_.AttachAs(WithFeature());
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  ASSERT_OK(node_.machine.ChangeId(a, "b", 0ms));
  const uint32_t request = node_.Frame().renames(0).request();
  node_.Give({Renamed(1, "c"), Answer(request, v1::RENAMED)});
  EXPECT_THAT(node_.id_changes.at(0), StatusIs(absl::StatusCode::kNotFound, _));
  EXPECT_EQ(IdOf(a), "c");
}

// Without the lease the copy is opened by an id, and which one it has is not known.
TEST_F(IdChangesTest, WithoutALeaseTheCopyWaitsForTheAnswer) {
  node_.AttachAs(WithFeature());
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  ASSERT_OK(node_.machine.ChangeId(a, "b", 0ms));
  node_.Frame();
  node_.Down();
  node_.AttachAs(WithFeature());
  const v1::NodeFrame frame = node_.Frame();
  EXPECT_EQ(frame.opens_size(), 0);
  ASSERT_EQ(frame.renames_size(), 1);
  node_.Give({Answer(frame.renames(0).request())});
  const v1::NodeFrame reopen = node_.Frame();
  ASSERT_EQ(reopen.opens_size(), 1);
  EXPECT_EQ(reopen.opens(0).id(), "b");
  EXPECT_EQ(reopen.opens(0).number(), 257u);
  EXPECT_EQ(reopen.opens(0).version(), 1u);
}

TEST_F(IdChangesTest, ACopyWhoseIdWasTakenAwayEnds) {
  node_.AttachAs(WithFeature());
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  ASSERT_OK(node_.machine.Watch(a));
  node_.Down();
  node_.AttachAs(WithFeature());
  node_.Give({MachineDriver::OpenRefused(node_.Frame().opens(0).request(), v1::RENAMED)});
  EXPECT_EQ(node_.N(a), std::nullopt);
  ASSERT_EQ(node_.events.size(), 1u);
  EXPECT_EQ(node_.events[0].event.kind, Event::Kind::kLost) << "the session lives";
}

TEST_F(IdChangesTest, AnIdThatAnOpenTeachesIsToldOnceAndAnAliasIsNot) {
  node_.AttachAs(WithFeature());
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  ASSERT_OK(node_.machine.Watch(a));
  node_.machine.Open("b", Create::kNever, 0, node_.now);
  node_.Give({MachineDriver::Opened(node_.Frame().opens(0).request(), 257, 1),
              MachineDriver::CatchUp(1, 0, 1, 0, {{"n", 5}})});
  EXPECT_EQ(IdOf(a), "b");
  node_.machine.Open("a", Create::kNever, 0, node_.now);
  node_.Give({MachineDriver::Opened(node_.Frame().opens(0).request(), 257, 1), Renamed(1, "b"),
              MachineDriver::CatchUp(1, 0, 1, 0, {{"n", 5}})});
  EXPECT_EQ(IdOf(a), "b");
  int renamed = 0;
  for (const auto& event : node_.events) renamed += event.event.kind == Event::Kind::kRenamed;
  EXPECT_EQ(renamed, 1);
}

TEST_F(IdChangesTest, ThroughAnAliasTheCopyGetsItsOwnId) {
  node_.AttachAs(WithFeature());
  const Token token = node_.machine.Open("old", Create::kNever, 0, node_.now);
  const uint32_t request = node_.Frame().opens(0).request();
  node_.Give({MachineDriver::Opened(request, 257, 1), Renamed(1, "new"),
              MachineDriver::CatchUp(1, 0, 1, 0, {{"n", 5}})});
  const CopyRef ref = *node_.opens.at(token).copy;
  EXPECT_EQ(IdOf(ref), "new");
  node_.machine.Open("old", Create::kNever, 0, node_.now);
  EXPECT_EQ(node_.Frame().opens_size(), 1) << "the near cache would keep the old id alive";
}

TEST_F(IdChangesTest, AHubWithoutTheFeatureIsNotAsked) {
  MachineDriver::Attach how;
  how.features = 0;
  node_.AttachAs(how);
  const CopyRef a = node_.OpenAt("a", 257, 1, 1, 5);
  EXPECT_THAT(node_.machine.ChangeId(a, "b", 0ms), StatusIs(absl::StatusCode::kUnimplemented, _));
}

TEST_F(IdChangesTest, OneChangeOfASessionAtATimeAndABoundedNumber) {
  IdChanges changes;
  EXPECT_OK(changes.Add(1, 257, "a", "b", 0));
  EXPECT_OK(changes.Add(2, 257, "a", "b", 0));
  EXPECT_EQ(changes.size(), 1u);
  EXPECT_THAT(changes.Add(3, 257, "a", "c", 0), StatusIs(absl::StatusCode::kFailedPrecondition, _));
  for (SessionNumber n = 1; n < IdChanges::kPendingMax; ++n) {
    ASSERT_OK(changes.Add(3 + n, 1000 + n, "a", "x" + std::to_string(n), 0));
  }
  EXPECT_THAT(changes.Add(9999, 1, "a", "y", 0), StatusIs(absl::StatusCode::kResourceExhausted, _));
  EXPECT_TRUE(changes.Concerns(257));
  EXPECT_EQ(changes.Take(1)->waiters.size(), 2u);
  EXPECT_OK(changes.Add(9999, 1, "a", "y", 0));
}

}  // namespace
}  // namespace sessionhub::client
