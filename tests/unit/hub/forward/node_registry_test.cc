#include "hub/forward/node_registry.h"

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kLeaseUs = 1000;

std::string Describe(const Input& input) {
  const auto of = [](const Origin& origin) {
    return std::to_string(origin.node) + "/" + std::to_string(origin.attach);
  };
  if (const auto* attach = std::get_if<AttachInput>(&input)) return "attach " + of(attach->origin);
  if (const auto* detach = std::get_if<DetachInput>(&input)) return "detach " + of(detach->origin);
  if (const auto* room = std::get_if<RoomInput>(&input)) return "room " + of(room->origin);
  if (const auto* end = std::get_if<LeaseEndInput>(&input)) {
    return "lease end " + std::to_string(end->node);
  }
  return "another input";
}

class NodeRegistryTest : public ::testing::Test {
 protected:
  static NodeRegistryOptions Options() {
    NodeRegistryOptions options;
    options.lease_us = kLeaseUs;
    options.outbox_bytes_max = 1000;
    options.nodes_max = 3;
    return options;
  }

  absl::StatusOr<Attachment> Attach(const std::string& name, uint8_t incarnation,
                                    const std::string& app = "shop", bool new_lease = false) {
    NodeIdentity identity;
    identity.new_lease = new_lease;
    identity.app_name = app;
    identity.app = 1;
    identity.name = name;
    identity.incarnation[0] = incarnation;
    return registry_.Attach(
        identity,
        [this, name](v1::Goodbye::Why why, const std::string&) {
          ended_.push_back(name + " " + v1::Goodbye::Why_Name(why));
        },
        now_us_);
  }
  std::vector<std::string> TakePosted() { return std::exchange(posted_, {}); }

  uint64_t now_us_ = 5000;
  std::vector<std::string> posted_;
  std::vector<std::string> ended_;
  NodeRegistry registry_{Options(),
                         [this](const Input& input) { posted_.push_back(Describe(input)); }};
};

TEST_F(NodeRegistryTest, AFirstAttachHoldsNoLease) {
  const auto first = Attach("web-1", 1);
  ASSERT_OK(first);
  EXPECT_FALSE(first->lease_held);
  EXPECT_EQ(registry_.FindOutbox(first->origin), first->outbox);
  EXPECT_EQ(registry_.attached_count(), 1u);
  EXPECT_THAT(TakePosted(), ElementsAre("attach 1/1"));
}

TEST_F(NodeRegistryTest, AConfirmedNodeThatComesBackInItsLeaseHoldsIt) {
  const auto first = Attach("web-1", 1);
  registry_.Confirm(first->origin);
  registry_.Detach(first->origin, now_us_);
  EXPECT_EQ(registry_.FindOutbox(first->origin), nullptr);
  now_us_ += kLeaseUs - 1;
  registry_.Tick(now_us_);
  const auto second = Attach("web-1", 1);
  EXPECT_TRUE(second->lease_held);
  now_us_ += 10 * kLeaseUs;
  registry_.Tick(now_us_);
  EXPECT_THAT(TakePosted(), ElementsAre("attach 1/1", "detach 1/1", "attach 1/2"));
}

// Whoever never heard `attached` may hold handles of an earlier life of this hub: they must not be
// taken for handles of this lease.
TEST_F(NodeRegistryTest, ANodeThatMayNotKnowOfItsLeaseBeginsAnew) {
  const auto first = Attach("web-1", 1);
  const auto second = Attach("web-1", 1);
  EXPECT_FALSE(second->lease_held);
  EXPECT_NE(second->origin.node, first->origin.node);
  EXPECT_THAT(TakePosted(), ElementsAre("attach 1/1", "detach 1/1", "lease end 1", "attach 2/1"));
  EXPECT_THAT(ended_, ElementsAre("web-1 SILENT"));
}

// It may hold handles that it has not heard of, which nobody else would ever close.
TEST_F(NodeRegistryTest, ANodeThatAsksForANewLeaseBeginsAnew) {
  const auto first = Attach("web-1", 1);
  registry_.Confirm(first->origin);
  registry_.Detach(first->origin, now_us_);
  const auto second = Attach("web-1", 1, "shop", /*new_lease=*/true);
  EXPECT_FALSE(second->lease_held);
  EXPECT_NE(second->origin.node, first->origin.node);
  EXPECT_THAT(TakePosted(), ElementsAre("attach 1/1", "detach 1/1", "lease end 1", "attach 2/1"));
  registry_.Confirm(second->origin);
  EXPECT_TRUE(Attach("web-1", 1)->lease_held);
}

TEST_F(NodeRegistryTest, ALateFrameOfAnOlderStreamConfirmsNothing) {
  const auto first = Attach("web-1", 1);
  registry_.Detach(first->origin, now_us_);
  ASSERT_OK(Attach("web-1", 1));
  registry_.Confirm(first->origin);
  EXPECT_FALSE(Attach("web-1", 1)->lease_held);
}

TEST_F(NodeRegistryTest, TheNewestAttachOfAnIncarnationWins) {
  const auto first = Attach("web-1", 1);
  registry_.Confirm(first->origin);
  const auto second = Attach("web-1", 1);
  EXPECT_TRUE(second->lease_held);
  EXPECT_EQ(second->origin.attach, first->origin.attach + 1);
  EXPECT_EQ(registry_.FindOutbox(first->origin), nullptr);
  EXPECT_THAT(ended_, ElementsAre("web-1 SILENT"));
  TakePosted();
  registry_.Detach(first->origin, now_us_);  // the older stream ends at last
  EXPECT_THAT(TakePosted(), IsEmpty());
  EXPECT_EQ(registry_.FindOutbox(second->origin), second->outbox);
}

TEST_F(NodeRegistryTest, ALeaseEndsOnTime) {
  const auto first = Attach("web-1", 1);
  registry_.Confirm(first->origin);
  registry_.Detach(first->origin, now_us_);
  registry_.Tick(now_us_ + kLeaseUs);
  EXPECT_THAT(TakePosted(), ElementsAre("attach 1/1", "detach 1/1", "lease end 1"));
  EXPECT_THAT(registry_.List(), IsEmpty());
  const auto second = Attach("web-1", 1);
  EXPECT_FALSE(second->lease_held);
  EXPECT_EQ(second->origin.node, 2u);
}

TEST_F(NodeRegistryTest, TheNewerNamesakeReplacesTheOlderForGood) {
  const auto older = Attach("web-1", 1);
  registry_.Confirm(older->origin);
  ASSERT_OK(Attach("web-1", 2));
  EXPECT_THAT(ended_, ElementsAre("web-1 REPLACED"));
  EXPECT_THAT(TakePosted(), ElementsAre("attach 1/1", "detach 1/1", "lease end 1", "attach 2/1"));
  EXPECT_THAT(Attach("web-1", 1), StatusIs(absl::StatusCode::kAborted, HasSubstr("web-1")));
  EXPECT_EQ(registry_.attached_count(), 1u);
}

TEST_F(NodeRegistryTest, NamesAreOfAnApp) {
  ASSERT_OK(Attach("web-1", 1, "shop"));
  ASSERT_OK(Attach("web-1", 2, "forum"));
  EXPECT_THAT(ended_, IsEmpty());
  EXPECT_EQ(registry_.attached_count(), 2u);
}

// Handles of one app's sessions must not be resumed under another app.
TEST_F(NodeRegistryTest, AnIncarnationThatChangesItsAppBeginsAnew) {
  const auto first = Attach("web-1", 1, "shop");
  registry_.Confirm(first->origin);
  const auto second = Attach("web-1", 1, "forum");
  EXPECT_FALSE(second->lease_held);
  EXPECT_NE(second->origin.node, first->origin.node);
  ASSERT_OK(Attach("web-1", 2, "shop"));  // its old name is free
  EXPECT_EQ(registry_.FindOutbox(second->origin), second->outbox);
}

TEST_F(NodeRegistryTest, NodesAreBounded) {
  for (uint8_t n = 1; n <= 3; ++n) ASSERT_OK(Attach("web-" + std::to_string(n), n));
  EXPECT_THAT(Attach("web-4", 4),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("nodes_max = 3")));
  EXPECT_OK(Attach("web-3", 3));   // it is one of them
  EXPECT_OK(Attach("web-3", 30));  // so is who takes its place
}

TEST_F(NodeRegistryTest, AnotherBoundCutsNobody) {
  for (uint8_t n = 1; n <= 3; ++n) ASSERT_OK(Attach("web-" + std::to_string(n), n));
  registry_.SetNodesMax(4);
  EXPECT_OK(Attach("web-4", 4));
  registry_.SetNodesMax(2);
  EXPECT_EQ(registry_.attached_count(), 4u);
  EXPECT_OK(Attach("web-4", 4));  // it may come back
  EXPECT_THAT(Attach("web-5", 5),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("nodes_max = 2")));
}

TEST_F(NodeRegistryTest, TellsHowFullTheOutboxesAre) {
  const auto body = std::make_shared<Body>();
  body->bytes.assign(100, 'x');
  const auto forward = [&] { return std::vector<OutboxItem>{ForwardItem{1, 1, 2, body}}; };
  const size_t bytes = ItemSizeBytes(forward().front());
  const auto first = Attach("web-1", 1);
  const auto second = Attach("web-2", 2);
  const auto third = Attach("web-3", 3);
  EXPECT_TRUE(first->outbox->TryPush(forward()));
  for (int n = 0; n < 2; ++n) EXPECT_TRUE(second->outbox->TryPush(forward()));
  EXPECT_FALSE(Attach("web-4", 4).ok());
  registry_.Detach(third->origin, now_us_);
  const OutboxFill fill = registry_.fill();
  EXPECT_EQ(fill.nodes, 2u);
  EXPECT_EQ(fill.nodes_in_lease, 1u);
  EXPECT_EQ(fill.nodes_refused, 1u);
  EXPECT_EQ(fill.bytes, 3 * bytes);
  EXPECT_EQ(fill.bytes_largest, 2 * bytes);
  EXPECT_EQ(fill.chunk_bytes, 0u);
}

TEST_F(NodeRegistryTest, ADrainedOutboxAsksForRoomOfItsAttach) {
  const auto first = Attach("web-1", 1);
  TakePosted();
  const auto body = std::make_shared<Body>();
  body->bytes.assign(900, 'x');
  const auto forward = [&] { return std::vector<OutboxItem>{ForwardItem{1, 1, 2, body}}; };
  EXPECT_TRUE(first->outbox->TryPush(forward()));
  EXPECT_FALSE(first->outbox->TryPush(forward()));
  first->outbox->Take(1 << 20);
  EXPECT_THAT(TakePosted(), ElementsAre("room 1/1"));
}

TEST_F(NodeRegistryTest, EndStreamEndsExactlyThisAttach) {
  const auto first = Attach("web-1", 1);
  const auto second = Attach("web-2", 2);
  const Origin other_attach = {first->origin.node, first->origin.attach + 1};
  registry_.EndStream(other_attach, v1::Goodbye::SILENT, "stop");
  EXPECT_THAT(ended_, ElementsAre());
  registry_.EndStream(first->origin, v1::Goodbye::SILENT, "stop");
  EXPECT_THAT(ended_, ElementsAre("web-1 SILENT"));
}

TEST_F(NodeRegistryTest, ListsNodesByName) {
  ASSERT_OK(Attach("web-2", 2));
  const auto first = Attach("web-1", 1);
  registry_.CountForwards(first->origin, 7);
  const std::vector<NodeListing> listing = registry_.List();
  ASSERT_EQ(listing.size(), 2u);
  EXPECT_EQ(listing[0].name, "web-1");
  EXPECT_EQ(listing[0].forwards, 7u);
  EXPECT_EQ(listing[1].name, "web-2");
}

TEST_F(NodeRegistryTest, KnowsAnIncarnationUntilItsLeaseHasEnded) {
  EXPECT_FALSE(registry_.Knows(Incarnation{1}));
  const auto attached = Attach("web-1", 1);
  EXPECT_TRUE(registry_.Knows(Incarnation{1}));
  registry_.Detach(attached->origin, now_us_);
  EXPECT_TRUE(registry_.Knows(Incarnation{1}));
  registry_.Tick(now_us_ + kLeaseUs);
  EXPECT_FALSE(registry_.Knows(Incarnation{1}));
}

}  // namespace
}  // namespace sessionhub::hub
