// Connections that break inside frames, at seeded places: a commit is resent until it is answered,
// applied once, and no copy misses or repeats a version.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/relay.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::Below;
using testing::ConnectTo;
using testing::HubProbe;
using testing::HubProcess;
using testing::IntegerAt;
using testing::kApp;
using testing::OneIn;
using testing::OpenOrCreate;
using testing::Outcomes;
using testing::Random;
using testing::Relay;
using testing::WaitFor;

constexpr int kCutsOfEachKind = 50;
constexpr uint64_t kCommitsMax = 4;  // in flight at a cut
// A frame with a commit is about this long, and so is one with its answer, both with their headers;
// an attach is longer.
constexpr uint64_t kFrameBytes = 60;

// A node behind a relay that commits, one that only listens, and the hub's own word for it.
class CutsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(hub_.Start());
    relay_ = std::make_unique<Relay>(hub_.port());
    writer_node_ = std::make_unique<Client>(ConnectTo(relay_->endpoint(), "web-1"));
    reader_node_ = std::make_unique<Client>(ConnectTo(hub_.endpoint(), "web-2"));
    writer_ = OpenOrCreate(*writer_node_, "ada");
    reader_ = OpenOrCreate(*reader_node_, "ada");
    ASSERT_OK(writer_);
    ASSERT_OK(reader_);
    probe_ = std::make_unique<HubProbe>(hub_.endpoint());
  }

  void Commit(uint64_t count) {
    for (; count > 0; --count) outcomes_.Increment(*writer_, "n");
  }

  static Relay::How AnyWay(Random& random) {
    return OneIn(random, 2) ? Relay::How::kFin : Relay::How::kReset;
  }

  // The hub has synced the commits and their answers have not left it: the cut takes all but a
  // first part of them.
  void CutBetweenSyncAndAck(Random& random) {
    relay_->Hold(Relay::kToNode);
    Commit(1 + Below(random, kCommitsMax));
    const uint64_t synced = 1 + outcomes_.submitted();
    ASSERT_TRUE(WaitFor([&] { return probe_->Version(kApp, "ada") == synced; }));
    ASSERT_GT(outcomes_.open(), 0u);
    // The answer to the first commit alone is longer than this.
    const uint64_t cuts = relay_->cuts();
    relay_->CutAfter(Relay::kToNode, 1 + Below(random, 12), AnyWay(random));
    relay_->Release(Relay::kToNode);
    ASSERT_TRUE(WaitFor([&] { return relay_->cuts() > cuts; }));
  }

  // Anywhere: in a commit, in an answer, in the attach after an earlier cut.
  void CutAnywhere(Random& random) {
    const uint64_t cuts = relay_->cuts();
    const auto direction = OneIn(random, 2) ? Relay::kToHub : Relay::kToNode;
    relay_->CutAfter(direction, 1 + Below(random, kCommitsMax * kFrameBytes), AnyWay(random));
    while (relay_->cuts() == cuts) {
      Commit(1 + Below(random, kCommitsMax));
      const uint64_t submitted = outcomes_.submitted();
      ASSERT_TRUE(
          WaitFor([&] { return relay_->cuts() > cuts || outcomes_.applied() == submitted; }));
    }
    // And once more while the node comes back.
    if (OneIn(random, 2)) {
      relay_->CutAfter(direction, 1 + Below(random, 8 * kFrameBytes), AnyWay(random));
    }
  }

  // Everything is answered, counted once, and the same everywhere.
  void CheckSettled() {
    const auto submitted = static_cast<int64_t>(outcomes_.submitted());
    ASSERT_TRUE(WaitFor([&] { return outcomes_.open() == 0; }));
    ASSERT_EQ(outcomes_.failed(), 0u);
    EXPECT_EQ(probe_->Integer(kApp, "ada", "n"), submitted);
    EXPECT_EQ(probe_->Version(kApp, "ada"), 1 + outcomes_.submitted());
    EXPECT_EQ(IntegerAt(*writer_, "n"), submitted);
    EXPECT_TRUE(WaitFor([&] { return IntegerAt(*reader_, "n") == submitted; }));
    EXPECT_EQ(writer_->Read()->version(), 1 + outcomes_.submitted());
    EXPECT_EQ(reader_->Read()->version(), 1 + outcomes_.submitted());
  }

  // The node that was never cut has heard of each change exactly once, in order.
  void CheckUncutReader() {
    EXPECT_EQ(reader_node_->stats().forwards_received, outcomes_.submitted());
    EXPECT_EQ(reader_node_->stats().resyncs, 0u);
    EXPECT_EQ(reader_node_->stats().attaches, 1u);
  }

  HubProcess hub_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<Client> writer_node_;
  std::unique_ptr<Client> reader_node_;
  absl::StatusOr<Session> writer_;
  absl::StatusOr<Session> reader_;
  std::unique_ptr<HubProbe> probe_;
  Outcomes outcomes_;
};

TEST_F(CutsTest, BetweenTheHubsSyncAndItsAckEveryCommitIsResentAndCountedOnce) {
  int cases = 0;
  testing::ForEachCase(kCutsOfEachKind, [&](Random& random) {
    ++cases;
    CutBetweenSyncAndAck(random);
    CheckSettled();
  });
  CheckUncutReader();
  EXPECT_GE(relay_->cuts(), static_cast<uint64_t>(cases));
  EXPECT_GE(writer_node_->stats().resent, static_cast<uint64_t>(cases));
  // What was resent was in the session already.
  EXPECT_EQ(probe_->Status().counters().deltas_duplicate(), writer_node_->stats().resent);
  EXPECT_EQ(probe_->Status().counters().deltas_applied(), outcomes_.submitted());
}

TEST_F(CutsTest, AnywhereInAFrameEveryCommitIsCountedOnce) {
  int cases = 0;
  testing::ForEachCase(kCutsOfEachKind, [&](Random& random) {
    ++cases;
    CutAnywhere(random);
    CheckSettled();
  });
  CheckUncutReader();
  EXPECT_GE(relay_->cuts(), static_cast<uint64_t>(cases));
  EXPECT_EQ(probe_->Status().counters().deltas_applied(), outcomes_.submitted());
}

}  // namespace
}  // namespace sessionhub
